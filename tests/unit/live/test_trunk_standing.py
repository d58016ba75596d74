from __future__ import annotations

import pytest

from dialer.live.trunk_standing import advice_on_registration, of_registration, of_servers
from dialer.telephony.registrations import Standing


@pytest.mark.parametrize(
    ("standing", "words", "advice"),
    [
        (Standing("t"), "no answer to REGISTER yet", ""),
        (Standing("t", until=1_600.0), "registered for 1,500 s", ""),
        (
            Standing("t", status=403, again_at=130.0),
            "REGISTER was refused with 403, tried again in 30 s",
            "is it open",
        ),
        (
            Standing("t", until=200.0, status=408, again_at=130.0),
            "nobody answered REGISTER, tried again in 30 s; an earlier one holds for 100 s",
            "firewall",
        ),
        (Standing("t", status=405), "REGISTER was refused with 405", "register = false"),
        (Standing("t", status=599), "REGISTER was refused with 599", "fails inside"),
    ],
)
def test_a_registration_in_words(standing: Standing, words: str, advice: str) -> None:
    assert of_registration(standing, 100.0) == words
    said = advice_on_registration(standing)
    assert advice in said
    assert bool(said) == bool(advice)


def test_servers_that_are_passed_over() -> None:
    passed_over = [(("192.0.2.1", 5060), 57.2, True), (("192.0.2.2", 5060), 3.0, False)]
    assert of_servers(passed_over) == "192.0.2.1:5060 rests for 57 s, 192.0.2.2:5060 failed, comes last for 3 s"
    assert of_servers([]) == ""
