from __future__ import annotations

import pytest

from dialer.telephony.final_response import moved_to, retry_after_s


@pytest.mark.parametrize(
    ("status", "text", "seconds"),
    [(503, "120", 120.0), (503, " 18 (in a meeting);duration=3600", 18.0), (503, "soon", None), (503, "-5", None),
     (486, "120", None), (None, "120", None)],
)  # fmt: skip
def test_retry_after(status: int | None, text: str, seconds: float | None) -> None:
    assert retry_after_s(status, [("server", "x"), ("retry-after", text)]) == seconds


@pytest.mark.parametrize(
    ("status", "contact", "number"),
    [
        (302, "<sip:+442079460123@192.0.2.9:5060;transport=udp>;q=0.5", "+442079460123"),
        (301, "sip:+44-20-7946-0123@h", "+442079460123"),
        (302, '"Sales" <tel:+1(212)555-0123>', "+12125550123"),
        (302, "<sip:alice@h>", ""),
        (302, "<sip:192.0.2.9>", ""),
        (404, "<sip:+442079460123@h>", ""),
    ],
)
def test_where_a_redirection_leads(status: int, contact: str, number: str) -> None:
    assert moved_to(status, [("contact", contact)]) == number


def test_nothing_said_is_nothing() -> None:
    assert retry_after_s(503, []) is None
    assert moved_to(302, []) == ""
