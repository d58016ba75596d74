from __future__ import annotations

from pathlib import Path

import pytest

from dialer.sip.hop import StreamHop
from dialer.sip.registrar import Binding
from dialer.telephony.phones import Phone, Phones

FIXED = Phone("ana", uri="sip:ana@192.0.2.31:5070;transport=tls")
REGISTERING = Phone("bo", password="secret")


def phones(*them: Phone, path: Path | None = None) -> Phones:
    return Phones("us.example", them, bytes(32), lambda: 10.0, lambda: 1_000.0, path)


def test_a_fixed_phone() -> None:
    found = phones(FIXED).find("ana")
    assert found is not None
    assert found.destination == StreamHop("192.0.2.31", 5070, "tls")


def test_a_phone_that_registers_is_where_it_registered_and_stays_known_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "phones"
    it = phones(FIXED, REGISTERING, path=path)
    assert it.find("bo") is None
    it.registrar.restore(
        "bo", (Binding("sip:bo@10.0.0.4", ("192.0.2.44", 1_024), 99.0, ("c", 1), ("<sip:p;lr>",)),)
    )
    it.changed()
    again = phones(REGISTERING, path=path)
    found = again.find("bo")
    assert found is not None
    order = again.order(
        "bo", found, "2001:db8::7", key=5, call_id="c", from_tag="t", branch="z9hG4bKx", body=b"v=0"
    )
    assert (order.request_uri, order.destination) == ("sip:bo@10.0.0.4", ("192.0.2.44", 1_024))
    assert (order.to_uri, order.from_uri) == ("sip:bo@us.example", "sip:dialer@[2001:db8::7]")
    assert ("Route", "<sip:p;lr>") in order.extra_headers
    assert ("Call-Info", "<sip:[2001:db8::7]>;answer-after=0") in order.extra_headers


def test_who_has_no_phone_is_nowhere() -> None:
    it = phones(FIXED)
    assert it.find("eve") is None
    it.set_phones(())
    assert it.find("ana") is None


def test_the_password_is_never_printed() -> None:
    assert "secret" not in repr(REGISTERING)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
@pytest.mark.parametrize(
    ("srtp", "told", "over_tls", "else_"),
    [
        ("off", False, "off", "off"),
        ("optional", False, "optional", "off"),
        ("required", False, "required", None),
        ("optional", True, "optional", "optional"),
        ("required", True, "required", "required"),
    ],
)
def test_keys_go_only_where_they_stay_secret_unless_told(
    transport: str, srtp: str, told: bool, over_tls: str, else_: str | None
) -> None:
    phone = Phone("ana", f"sip:ana@192.0.2.31;transport={transport}", srtp=srtp, srtp_without_tls=told)
    found = phones(phone).find("ana")
    assert found is not None
    assert found.srtp == (over_tls if transport == "tls" else else_)
