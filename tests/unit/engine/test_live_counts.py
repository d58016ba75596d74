"""The pacer's count of people who answered, and of those nobody took, is what the records say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from campaigns.campaign import Mode, Pacing
from campaigns.disposition import Disposition
from dialer.engine import events as ev
from dialer.pacing import Abandoned, Connected, HungUpWaiting, PacingEvent, Retracted
from dialer.pacing.power import PowerPacer
from tests.unit.engine.world import RULES, World, campaign, candidate

SALE, MACHINE = Disposition("sale", "Sale", live=True), Disposition("machine", "Machine", live=False, machine=True)


def answered_by_a_person(world: World) -> None:
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.CallEnded(1, "callee"), after=30)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=5)


def answered_by_a_machine_that_only_the_agent_hears(world: World) -> None:
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.Dispositioned("a1", 1, "machine"), after=3)
    world.tell(ev.CallEnded(1, "dialer"))


def answered_when_nobody_is_free(world: World) -> None:
    world.tell(ev.AgentPaused("a1", "lunch"))
    world.tell(ev.CallAnswered(1), after=2)
    world.wait(5)
    world.tell(ev.CallEnded(1, "dialer"))


def hung_up_while_waiting(world: World) -> None:
    world.tell(ev.AgentPaused("a1", "lunch"))
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.CallEnded(1, "callee"), after=1)


def answered_while_being_cancelled(world: World) -> None:
    world.tell(ev.CallProgress(1, 180), after=1)
    world.wait(40)
    world.tell(ev.CallAnswered(1))
    world.tell(ev.CallEnded(1, "dialer"), after=1)


def put_through_to_a_phone_that_is_lost(world: World) -> None:
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.PhoneLost("a1", 20.0), after=0.5)
    world.wait(5)
    world.tell(ev.CallEnded(1, "dialer"))


@pytest.mark.parametrize(
    ("scene", "live", "abandoned"),
    [
        (answered_by_a_person, 1, 0),
        (answered_by_a_machine_that_only_the_agent_hears, 0, 0),
        (answered_when_nobody_is_free, 1, 1),
        (hung_up_while_waiting, 1, 1),
        (answered_while_being_cancelled, 1, 1),
        (put_through_to_a_phone_that_is_lost, 1, 1),
    ],
)
def test_the_pacer_counts_what_is_on_record(scene: Callable[[World], None], live: int, abandoned: int) -> None:
    world = World(campaign(dispositions=(SALE, MACHINE)))
    told: list[PacingEvent] = []
    world.dial(candidate(1))
    world.engine.state.runs["spring"].pacer.observe = told.append  # type: ignore[method-assign,assignment]
    scene(world)
    assert (world.record.live, world.record.abandoned) == (bool(live), bool(abandoned))
    lost = sum(isinstance(event, Abandoned | HungUpWaiting) for event in told)
    counted = sum(isinstance(event, Connected) for event in told) + lost
    assert (counted - sum(isinstance(event, Retracted) for event in told), lost) == (live, abandoned)


@pytest.mark.parametrize(
    ("before", "after", "live", "lost"),
    [
        ((), (ev.Dispositioned("a1", 1, "machine"), ev.CallEnded(1, "dialer")), 0, 0),
        ((), (ev.Dispositioned("a1", 1, "sale"), ev.CallEnded(1, "dialer")), 1, 0),
        ((ev.PhoneLost("a1", 20.0),), (ev.CallEnded(1, "dialer"),), 1, 1),
    ],
)
def test_a_pacer_that_takes_over_counts_the_calls_that_are_open(
    before: tuple[ev.Event, ...],
    after: tuple[ev.Event, ...],
    live: int,
    lost: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(campaign(dispositions=(SALE, MACHINE)))
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=2)
    for event in before:
        world.tell(event)
        world.wait(5)
    told: list[PacingEvent] = []
    monkeypatch.setattr(PowerPacer, "observe", lambda _, event: told.append(event))
    power = campaign(dispositions=(SALE, MACHINE), pacing=Pacing(Mode.POWER, ratio=2.0))
    world.tell(ev.CampaignChanged(power, RULES))
    for event in after:
        world.tell(event, after=1)
    assert (world.record.live, world.record.abandoned) == (bool(live), bool(lost))
    gone = sum(isinstance(event, Abandoned) for event in told)
    counted = gone + sum(isinstance(event, Connected) for event in told)
    assert (counted - sum(isinstance(event, Retracted) for event in told), gone) == (live, lost)
