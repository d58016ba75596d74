from __future__ import annotations

import pytest

from campaigns.refusal import Refusal, Refused
from dialer.live.trunk_conditions import of_health, of_hold_ups
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
