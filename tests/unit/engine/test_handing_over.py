"""Conversations that go on without the agent, who handed the contact over."""

from __future__ import annotations

import pytest

from dialer.agents.agent import AgentState
from dialer.calls.call import CallState
from dialer.engine import events as ev
from dialer.engine.commands import CloseAttempt, HangUp, Join
from tests.unit.engine.world import World, candidate


def handed_over(world: World) -> None:
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.AgentLeft("a1", "expert"), after=20)


def state(world: World) -> AgentState:
    agent = world.engine.state.pool.get("a1")
    assert agent is not None
    return agent.state


def test_the_agent_wraps_up_and_takes_the_next_while_the_contact_talks_on() -> None:
    world = World()
    handed_over(world)
    assert state(world) is AgentState.WRAP_UP
    assert world.engine.state.calls[1].state is CallState.TALKING
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=5)
    assert state(world) is AgentState.READY
    world.leads(candidate(2))
    world.tell(ev.AttemptSaved(2))
    world.tell(ev.CallAnswered(2), after=1)
    assert world.last(Join) == Join(2, "a1")
    assert not world.all(CloseAttempt), "what the call came to is known at its end"
    world.tell(ev.CallEnded(1, "callee"), after=60)
    assert state(world) is AgentState.TALKING, "with somebody else"
    record = world.record
    assert (record.attempt_id, record.disposition, record.note) == (1, "sale", "handed over to expert")
    assert record.talk_s == pytest.approx(20.0)


def test_a_conversation_that_ends_before_the_wrap_up_is_recorded_with_that() -> None:
    world = World()
    handed_over(world)
    world.tell(ev.CallEnded(1, "callee"), after=1)
    assert not world.all(CloseAttempt)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=5)
    assert world.record.disposition == "sale"


def test_what_the_agent_does_afterwards_is_nothing_to_the_contact() -> None:
    world = World()
    handed_over(world)
    world.tell(ev.AgentHungUp("a1"))
    world.tell(ev.PhoneLost("a1", 1.0))
    world.wait(5)
    assert not world.all(HangUp)
    world.tell(ev.AgentLeft("a1", "nobody"))
    world.tell(ev.Dispositioned("a1", 1, "sale"))
    assert state(world) is AgentState.UNREACHABLE


def test_cutting_the_campaign_hangs_it_up_and_ends_the_wrap_up() -> None:
    world = World()
    handed_over(world)
    world.tell(ev.CutRequested("spring"))
    assert world.all(HangUp) == [HangUp(1)]
    world.tell(ev.CallEnded(1, "dialer"))
    assert world.record.disposition == "none"
