"""Contacts on hold: shown as such, and their time counted."""

from __future__ import annotations

import pytest

from campaigns.record import AgentActivity
from dialer.agents.agent import AgentState
from dialer.engine import events as ev
from dialer.engine.commands import NotifyAgent, SaveAgentTime
from tests.unit.engine.test_handing_over import state
from tests.unit.engine.world import World, candidate


def talking() -> World:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=2)
    return world


def spent(world: World) -> dict[str, float]:
    found: dict[str, float] = {}
    for save in world.all(SaveAgentTime):
        for stretch in save.stretches:
            found[stretch.activity] = found.get(stretch.activity, 0.0) + stretch.until - stretch.since
    return found


def test_time_on_hold_is_told_and_counted_apart_from_talk() -> None:
    world = talking()
    world.tell(ev.ContactHeld(1, on=True), after=10)
    assert state(world) is AgentState.HOLDING
    assert world.last(NotifyAgent).state == "holding"
    assert world.last(NotifyAgent).attempt_id == 1
    world.tell(ev.ContactHeld(1, on=False), after=30)
    assert state(world) is AgentState.TALKING
    world.tell(ev.CallEnded(1, "callee"), after=5)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=4)
    assert world.record.talk_s == pytest.approx(15)
    assert world.record.hold_s == pytest.approx(30)
    assert world.record.wrapup_s == pytest.approx(4)
    times = spent(world)
    assert times[AgentActivity.TALKING] == pytest.approx(15)
    assert times[AgentActivity.HOLDING] == pytest.approx(30)


@pytest.mark.parametrize(
    "ends",
    [
        ev.CallEnded(1, "callee"),
        ev.AgentHungUp("a1"),
        ev.AgentLeft("a1", "expert"),
        ev.Dispositioned("a1", 1, "sale"),
    ],
)
def test_a_conversation_may_end_on_hold(ends: ev.Event) -> None:
    world = talking()
    world.tell(ev.ContactHeld(1, on=True), after=10)
    world.tell(ends, after=7)
    assert state(world) in (AgentState.WRAP_UP, AgentState.READY)
    world.tell(ev.ContactHeld(1, on=False), after=1)
    world.tell(ev.CallEnded(1, "callee"), after=1)
    if not isinstance(ends, ev.Dispositioned):
        world.tell(ev.Dispositioned("a1", 1, "sale"))
    assert world.record.talk_s == pytest.approx(10)
    assert world.record.hold_s == pytest.approx(7)


def test_who_has_somebody_on_hold_still_may_pause_after_it_and_does_not_become_idle() -> None:
    world = talking()
    world.tell(ev.ContactHeld(1, on=True))
    world.tell(ev.AgentReady("a1"))
    world.tell(ev.AgentPaused("a1", "lunch"))
    assert state(world) is AgentState.HOLDING
    world.tell(ev.CallEnded(1, "callee"), after=3)
    world.tell(ev.Dispositioned("a1", 1, "sale"))
    assert state(world) is AgentState.PAUSED


def test_a_phone_that_is_lost_on_hold_before_anybody_was_heard_gives_the_contact_back() -> None:
    world = talking()
    world.tell(ev.ContactHeld(1, on=True), after=0.1)
    world.tell(ev.PhoneLost("a1", 10.0), after=0.1)
    assert state(world) is AgentState.UNREACHABLE
    world.tell(ev.PhoneBack("a1"), after=0.1)
    world.tell(ev.CallEnded(1, "callee"), after=20)
    world.tell(ev.Dispositioned("a1", 1, "sale"))
    assert world.record.talk_s == pytest.approx(20)
    assert world.record.hold_s == 0.0


def test_nobodys_contact_is_on_nobodys_hold() -> None:
    world = talking()
    world.tell(ev.AgentLeft("a1", "expert"))
    strays = world.engine.state.strays
    world.tell(ev.ContactHeld(1, on=True))
    world.tell(ev.ContactHeld(1, on=False))
    assert world.engine.state.strays == strays + 2
    assert state(world) is AgentState.WRAP_UP
