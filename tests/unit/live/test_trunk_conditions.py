from __future__ import annotations

import pytest

from campaigns.refusal import Refusal, Refused
from dialer.live.trunk_conditions import of_health, of_hold_ups, of_options, of_registrations
from dialer.telephony.registrations import Standing
from dialer.trunks.health import CallEnd
from tests.unit.engine.world import World


@pytest.mark.parametrize(
    ("end", "code", "level", "said"),
    [
        (CallEnd(False, 407, 1, "because"), "trunk_stopped", "alarm", "username"),
        (CallEnd(False, 503, retry_after_s=60.0), "trunk_held", "warning", "for 60 s more"),
    ],
)
def test_a_trunk_that_is_not_used_is_an_alarm_for_as_long_as_it_lasts(
    end: CallEnd, code: str, level: str, said: str
) -> None:
    state = World().engine.state
    health = state.trunks["sim"].health
    assert list(of_health(state, 0.0)) == []
    health.ended(end, 0.0)
    (condition,) = of_health(state, 0.0)
    assert (condition.code, condition.level, condition.subject) == (code, level, "sim")
    assert said in condition.text
    health.released()
    assert list(of_health(state, 0.0)) == []


def test_a_silent_trunk_is_an_alarm() -> None:
    state = World().engine.state
    for _ in range(3):
        state.trunks["sim"].health.asked(False)
    (condition,) = of_health(state, 0.0)
    assert (condition.code, condition.level) == ("trunk_silent", "alarm")


def test_a_trunk_whose_host_has_no_address_is_an_alarm() -> None:
    state = World().engine.state
    state.trunks["sim"].health.found("host 'sip.example' has no address")
    (condition,) = of_health(state, 0.0)
    assert (condition.code, condition.level) == ("trunk_unresolved", "alarm")
    assert "looked up again" in condition.text
    state.trunks["sim"].health.found("")
    assert list(of_health(state, 0.0)) == []


@pytest.mark.parametrize(("reason", "level"), [(Refusal.SPEND_CEILING, "alarm"), (Refusal.ROUTE_DOWN, "warning")])
def test_a_campaign_that_waits_for_a_ceiling_or_a_trunk_says_so(reason: Refusal, level: str) -> None:
    state = World().engine.state
    assert list(of_hold_ups(state)) == []
    state.runs["spring"].held_up = Refused(reason, None, "the ceiling")
    (condition,) = of_hold_ups(state)
    assert (condition.code, condition.level, condition.campaign) == (reason.value, level, "spring")


@pytest.mark.parametrize(
    ("standing", "level", "said"),
    [
        (Standing("t", status=403, again_at=130.0), "alarm", ("has not registered us", "403", "is it open")),
        (Standing("t", status=404, again_at=130.0), "alarm", ("no such account", "in 30 s")),
        (Standing("t", status=423), "alarm", ("longer registrations",)),
        (Standing("t", status=408), "alarm", ("nobody answered REGISTER", "firewall")),
        (Standing("t", until=200.0, status=503), "warning", ("does not renew", "holds for 100 s", "overloaded")),
        (Standing("t", until=99.0, status=503), "alarm", ("has not registered us",)),
        (Standing("t", status=200), "alarm", ("was granted no time",)),
    ],
)
def test_a_registration_that_is_not_had_is_an_alarm(standing: Standing, level: str, said: tuple[str, ...]) -> None:
    (condition,) = of_registrations([standing], 100.0)
    assert (condition.code, condition.level, condition.subject) == ("trunk_unregistered", level, "t")
    assert all(words in condition.text for words in said), condition.text


@pytest.mark.parametrize("standing", [Standing("t"), Standing("t", until=200.0)])
def test_a_registration_that_stands_or_is_asked_for_is_none(standing: Standing) -> None:
    assert list(of_registrations([standing], 100.0)) == []


@pytest.mark.parametrize(
    ("status", "said"), [(403, "this machine's address"), (407, "username"), (503, "enabled")]
)
def test_a_trunk_that_refuses_options_is_a_warning(status: int, said: str) -> None:
    (condition,) = of_options({"t": status, "silent": None, "fine": 200, "knows_no_options": 405})
    assert (condition.code, condition.level, condition.subject) == ("trunk_refuses", "warning", "t")
    assert f"OPTIONS with {status}" in condition.text
    assert said in condition.text
