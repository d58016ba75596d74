from __future__ import annotations

import pytest

from campaigns.permission.past import PastAttempt
from campaigns.retry import RetryRule, RetrySchedule
from dialer.engine import events as ev
from dialer.engine.next_place import counted_up
from tests.unit.engine.world import NOON, World, campaign, candidate, phone


def talked(world: World) -> None:
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.CallEnded(1, "callee"), after=30)


def test_no_disposition_has_a_rule_of_its_own() -> None:
    schedule = RetrySchedule((("none", RetryRule((1800.0,), 2)),))
    world = World(campaign(retry=schedule))
    world.dial(candidate(1))
    talked(world)
    world.wait(60)  # the wrap-up limit
    assert world.record.disposition == "none"
    assert world.update.due_at == pytest.approx(world.record.closed_at + 1800)
    assert world.update.tries == (("none", 1),)


def test_a_wrong_number_of_another_campaign_is_wrong_here_too() -> None:
    past = PastAttempt(phone(1).e164, "autumn", NOON - 86_400, "connected", "wrong_number")
    world = World()
    world.dial(candidate(1, phone(1), phone(2), phone_position=1, history=(past,)))
    world.tell(ev.CallEnded(1, "callee", 486), after=2)
    assert (world.update.state, world.update.phone_position) == ("ready", 1)


def test_results_are_counted_in_the_order_in_which_they_came_up() -> None:
    assert counted_up((("busy", 1), ("machine", 2)), "busy") == (("busy", 2), ("machine", 2))
    assert counted_up((("busy", 1),), "none") == (("busy", 1), ("none", 1))
