from __future__ import annotations

import pytest

from campaigns.daypart_choice import daypart_at
from campaigns.dayparts import USUAL
from campaigns.permission.past import PastAttempt
from campaigns.preset_files import load_rule_set
from campaigns.retry import DEFAULT_SCHEDULE, RetryRule, RetrySchedule
from campaigns.window import calling_hours, is_open
from dialer.engine import events as ev
from dialer.engine.commands import Originate
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


def not_interested(world: World, *tries: tuple[str, int], attempts: int = 0, end: str = "not_interested") -> None:
    world.dial(candidate(1, tries=tries, attempts=attempts))
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.CallEnded(1, "callee"), after=30)
    world.tell(ev.Dispositioned("a1", 1, end))


CONVERTS = RetrySchedule((*DEFAULT_SCHEDULE.rules[:-3], ("not_interested", RetryRule((30 * 86_400.0,), 1))))


def test_a_refusal_is_final_where_the_campaign_says_nothing_else() -> None:
    world = World()
    not_interested(world)
    assert (world.update.state, world.update.reason) == ("final", "not_interested")


def test_a_soft_refusal_is_asked_about_once_more_by_a_rule_of_the_campaign() -> None:
    world = World(campaign(retry=CONVERTS))
    not_interested(world)
    assert world.update.state == "ready"
    assert world.update.due_at == pytest.approx(world.record.closed_at + 30 * 86_400)
    again = World(campaign(retry=CONVERTS))
    not_interested(again, *world.update.tries, attempts=1)
    assert (again.update.state, again.update.reason) == ("final", "not_interested")


def test_the_call_after_a_refusal_is_the_last_one_whatever_comes_of_it() -> None:
    world = World(campaign(retry=CONVERTS))
    world.dial(candidate(1, tries=(("not_interested", 1),), attempts=1))
    world.tell(ev.CallEnded(1, "callee", 486), after=2)
    assert (world.update.state, world.update.reason) == ("final", "refused_before")


def test_a_fault_of_the_route_does_not_use_up_the_call_after_a_refusal() -> None:
    world = World(campaign(retry=CONVERTS))
    world.dial(candidate(1, tries=(("not_interested", 1),), attempts=1))
    world.tell(ev.CallEnded(1, "network", 503), after=2)
    assert world.update.state == "ready"


def test_who_wants_no_more_calls_gets_none_whatever_the_schedule_says() -> None:
    schedule = RetrySchedule((("dnc", RetryRule((3600.0,), 5)), ("not_interested", RetryRule((60.0,), 1))))
    world = World(campaign(retry=schedule))
    not_interested(world, end="dnc")
    assert (world.update.state, world.update.reason) == ("final", "dnc")


def test_who_does_not_answer_is_tried_at_another_part_of_the_day() -> None:
    for lead_id in range(1, 30):
        world = World()
        world.dial(candidate(lead_id, history=(PastAttempt(phone(lead_id).e164, "x", NOON + 3600, "busy"),)))
        world.tell(ev.CallProgress(1, 180), after=1)
        world.tell(ev.CallEnded(1, "network", 480), after=20)
        due_at = world.update.due_at
        assert world.now + 4 * 3600 <= due_at < world.now + 52 * 3600
        assert daypart_at(USUAL, "Europe/London", due_at)[0] not in ("midday", "")
        assert is_open(calling_hours(load_rule_set("fictional").hours), ("Europe/London",), due_at)


def test_jitter_is_the_leads_own_and_never_early() -> None:
    schedule = RetrySchedule((("busy", RetryRule((900.0,), 4, jitter_s=600.0)),))
    waited: dict[int, float] = {}
    for lead_id in (1, 2, 1):
        world = World(campaign(retry=schedule))
        world.dial(candidate(lead_id))
        world.tell(ev.CallEnded(1, "callee", 486), after=2)
        wait = world.update.due_at - world.now
        assert 900 <= wait < 1500
        assert waited.setdefault(lead_id, wait) == wait
    assert waited[1] != waited[2]


def test_a_rule_may_ask_for_another_caller_id() -> None:
    ids = ("+442079460000", "+442079460001", "+442079460002")
    schedule = RetrySchedule(
        (("no_answer", RetryRule((900.0,), 4, other_caller_id=True)), ("busy", RetryRule((9.0,), 4)))
    )
    shown = []
    for tries in ((), (("busy", 2),), (("busy", 2), ("no_answer", 1)), (("no_answer", 2),)):
        world = World(campaign(retry=schedule, caller_ids=ids))
        world.dial(candidate(3, tries=tries))
        shown.append(world.last(Originate).caller_id)
    assert shown == [ids[0], ids[0], ids[1], ids[2]]
