"""Agents whose phone is lost: no contact reaches them, and one who has heard them is kept for a while."""

from __future__ import annotations

import pytest

from dialer.agents.agent import AgentState
from dialer.engine import events as ev
from dialer.engine.commands import HangUp, Join, Notice, NotifyAgent, SaveAgentTime
from tests.unit.engine.world import World, candidate

GRACE_S = 10.0


def states(world: World, agent_id: str = "a1") -> list[str]:
    return [change.state for change in world.all(NotifyAgent) if change.agent_id == agent_id]


def state(world: World, agent_id: str = "a1") -> AgentState:
    agent = world.engine.state.pool.get(agent_id)
    assert agent is not None
    return agent.state


def in_a_call(world: World, *, heard: bool = True) -> None:
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=2)
    assert world.last(Join) == Join(1, "a1")
    if heard:
        world.tell(ev.AudioFlowing(1, 0.02))


def test_who_logs_in_gets_a_contact_once_the_phone_is_up() -> None:
    world = World(agents=0)
    world.tell(ev.AgentLoggedIn("a1", "spring"))
    world.tell(ev.PhoneLost("a1", 0.0))
    assert state(world) is AgentState.PAUSED
    world.tell(ev.AgentReady("a1"), after=1)
    assert state(world) is AgentState.UNREACHABLE
    world.tell(ev.PhoneBack("a1"), after=3)
    assert state(world) is AgentState.READY


def test_who_is_ready_is_so_again_when_the_phone_is_back_and_their_time_is_on_record() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.PhoneLost("a1", GRACE_S), after=10)
    world.tell(ev.CallAnswered(1), after=1)
    assert not world.all(Join)
    world.tell(ev.PhoneBack("a1"), after=0.5)  # somebody waits already
    assert world.all(Join) == [Join(1, "a1")]
    assert states(world)[-3:] == ["unreachable", "ready", "talking"]
    activities = [stretch.activity for command in world.all(SaveAgentTime) for stretch in command.stretches]
    assert activities == ["idle", "unreachable"]


def test_pause_and_log_out_while_the_phone_is_lost() -> None:
    world = World()
    world.tell(ev.PhoneLost("a1", GRACE_S))
    world.tell(ev.AgentPaused("a1", "lunch"))
    world.tell(ev.PhoneBack("a1"))
    assert state(world) is AgentState.PAUSED
    world.tell(ev.PhoneLost("a1", GRACE_S))
    world.tell(ev.AgentReady("a1"))
    world.tell(ev.AgentLoggedOut("a1"))
    assert states(world)[-2:] == ["unreachable", "logged_out"]


def test_a_conversation_is_kept_and_joined_again() -> None:
    world = World()
    in_a_call(world)
    world.tell(ev.PhoneLost("a1", GRACE_S), after=20)
    assert state(world) is AgentState.TALKING
    world.tell(ev.PhoneBack("a1"), after=GRACE_S - 1)
    assert world.all(Join) == [Join(1, "a1"), Join(1, "a1")]
    world.wait(60)
    assert not world.all(HangUp)


def test_a_conversation_outlasting_the_grace_is_hung_up_and_the_agent_wraps_up() -> None:
    world = World()
    in_a_call(world)
    world.tell(ev.PhoneLost("a1", GRACE_S), after=20)
    world.wait(GRACE_S)
    assert world.all(HangUp) == [HangUp(1)]
    assert world.last(Notice).code == "phone_gone"
    world.tell(ev.CallEnded(1, "dialer"), after=0.1)
    world.tell(ev.Dispositioned("a1", 1, "sale"))
    assert states(world)[-2:] == ["wrap_up", "unreachable"]
    record = world.record
    assert (record.agent_id, record.ended_by, record.note) == ("a1", "dialer", "the phone of agent a1 was lost")
    assert record.talk_s == pytest.approx(30.0)


def test_who_has_heard_nobody_goes_to_somebody_else() -> None:
    world = World(agents=2)
    in_a_call(world, heard=False)
    world.tell(ev.PhoneLost("a1", GRACE_S), after=0.5)
    assert world.last(Join) == Join(1, "a2")
    assert state(world) is AgentState.UNREACHABLE
    world.tell(ev.PhoneBack("a1"), after=5)
    world.tell(ev.CallEnded(1, "callee"))
    world.tell(ev.Dispositioned("a2", 1, "sale"))
    assert (world.record.agent_id, world.record.outcome) == ("a2", "connected")


def test_who_has_heard_nobody_and_finds_nobody_else_is_abandoned_after_the_usual_time() -> None:
    world = World()
    in_a_call(world, heard=False)
    world.tell(ev.PhoneLost("a1", GRACE_S), after=0.5)
    assert not world.all(HangUp)
    grace_s = world.engine.state.runs["spring"].grace_s
    world.wait(grace_s - 0.5)
    assert world.all(HangUp) == [HangUp(1)]
    world.tell(ev.CallEnded(1, "dialer"))
    assert (world.record.agent_id, world.record.abandoned) == (None, True)


def test_who_has_heard_nobody_for_longer_than_anybody_may_wait_is_abandoned_at_once() -> None:
    world = World(agents=2)
    in_a_call(world, heard=False)
    world.tell(ev.PhoneLost("a1", GRACE_S), after=30)
    assert world.all(Join) == [Join(1, "a1")]
    assert world.all(HangUp) == [HangUp(1)]


def test_a_pause_that_waited_for_the_contact_comes_when_it_goes_to_somebody_else() -> None:
    world = World()
    in_a_call(world, heard=False)
    world.tell(ev.AgentPaused("a1", "lunch"))
    world.tell(ev.PhoneLost("a1", GRACE_S), after=0.1)
    assert state(world) is AgentState.PAUSED


def test_a_phone_that_nobody_lost_is_no_news() -> None:
    world = World()
    world.tell(ev.PhoneBack("a1"))
    world.tell(ev.PhoneLost("nobody", GRACE_S))
    assert world.engine.state.strays == 2
