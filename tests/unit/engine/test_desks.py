"""Agents whose desk is lost: no contact reaches a line that nobody listens to."""

from __future__ import annotations

import pytest

from dialer.agents.agent import Agent, AgentState
from dialer.engine import events as ev
from dialer.engine.commands import CloseAttempt, HangUp, Join, Notice, NotifyAgent, SaveAgentTime
from tests.unit.engine.world import World, candidate

GRACE_S = 15.0


def agent_of(world: World, agent_id: str = "a1") -> Agent:
    agent = world.engine.state.pool.get(agent_id)
    assert agent is not None
    return agent


def shown(world: World) -> list[tuple[str, str]]:
    return [(change.state, change.pause_code) for change in world.all(NotifyAgent)]


def in_a_call(world: World) -> None:
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=2)
    assert world.last(Join) == Join(1, "a1")


def test_who_is_ready_gets_no_contact_from_the_moment_the_desk_is_lost() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.DeskLost("a1", GRACE_S))
    assert shown(world)[-1] == ("paused", "desk_lost")
    world.tell(ev.CallAnswered(1), after=1)
    assert not world.all(Join)


def test_a_desk_that_does_not_come_back_is_logged_out_on_record_and_with_a_notice() -> None:
    world = World()
    world.tell(ev.DeskLost("a1", GRACE_S), after=10)
    world.wait(GRACE_S - 0.1)
    assert agent_of(world).state is AgentState.PAUSED
    world.wait(0.1)
    assert world.engine.state.pool.get("a1") is None
    assert shown(world)[-1] == ("logged_out", "")
    assert [s.activity for c in world.all(SaveAgentTime) for s in c.stretches] == ["idle", "paused"]
    notice = world.last(Notice)
    assert (notice.code, notice.campaign, notice.agent_id) == ("desk_gone", "spring", "a1")
    assert notice.text == "Agent a1 was logged out: its desk was gone for 15 s."


def test_a_desk_that_comes_back_is_not_logged_out_and_says_itself_when_it_is_ready() -> None:
    world = World()
    world.tell(ev.DeskLost("a1", GRACE_S))
    world.tell(ev.DeskOpened("a1"), after=GRACE_S - 1)
    world.wait(600)
    assert (agent_of(world).state, agent_of(world).pause_code) == (AgentState.PAUSED, "desk_lost")
    world.tell(ev.AgentReady("a1"))
    assert (agent_of(world).state, agent_of(world).pause_code) == (AgentState.READY, "")


def test_nobody_is_made_ready_whose_desk_is_lost() -> None:
    world = World(agents=0)
    world.tell(ev.AgentLoggedIn("a1", "spring"))
    world.tell(ev.DeskLost("a1", GRACE_S))
    world.tell(ev.AgentReady("a1"), after=1)
    assert agent_of(world).state is AgentState.PAUSED
    world.tell(ev.DeskOpened("a1"))
    world.tell(ev.AgentReady("a1"))
    assert agent_of(world).state is AgentState.READY


def test_why_somebody_is_paused_outlasts_a_lost_desk() -> None:
    world = World()
    world.tell(ev.AgentPaused("a1", "lunch"))
    world.tell(ev.DeskLost("a1", GRACE_S))
    world.tell(ev.DeskOpened("a1"), after=5)
    assert agent_of(world).pause_code == "lunch"


def test_a_conversation_goes_on_and_the_agent_goes_on_as_before_when_the_desk_is_back() -> None:
    world = World()
    in_a_call(world)
    world.tell(ev.DeskLost("a1", GRACE_S))
    world.tell(ev.DeskOpened("a1"), after=GRACE_S - 1)
    world.wait(60)
    assert agent_of(world).state is AgentState.TALKING
    assert not world.all(HangUp)
    world.tell(ev.CallEnded(1, "callee"))
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=5)
    assert agent_of(world).state is AgentState.READY


def test_a_contact_that_ends_while_the_desk_is_lost_is_followed_by_none() -> None:
    world = World()
    in_a_call(world)
    world.leads(candidate(2))
    world.tell(ev.DeskLost("a1", 60.0))
    world.tell(ev.CallEnded(1, "callee"), after=1)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=1)  # the request came, the stream is not back yet
    assert shown(world)[-1] == ("paused", "desk_lost")
    assert world.record.disposition == "sale"
    world.wait(60)
    assert len(world.all(Join)) == 1
    assert shown(world)[-1] == ("logged_out", "")


def test_a_conversation_outlasting_the_grace_is_hung_up_and_recorded() -> None:
    world = World()
    in_a_call(world)
    world.tell(ev.DeskLost("a1", GRACE_S), after=10)
    world.wait(GRACE_S)
    assert world.all(HangUp) == [HangUp(1)]
    assert shown(world)[-2:] == [("wrap_up", ""), ("logged_out", "")]
    world.tell(ev.CallEnded(1, "dialer"), after=0.1)
    record = world.record
    assert (record.agent_id, record.ended_by, record.disposition) == ("a1", "dialer", "none")
    assert record.talk_s == pytest.approx(25.0)
    assert record.wrapup_s == 0.0
    assert record.note == "desk lost without a disposition"
    assert "and its conversation (attempt 1) was hung up" in world.last(Notice).text
    world.wait(3600)
    assert len(world.all(CloseAttempt)) == 1


def test_wrap_up_ends_with_the_grace() -> None:
    world = World()
    in_a_call(world)
    world.tell(ev.CallEnded(1, "callee"), after=10)
    world.tell(ev.DeskLost("a1", GRACE_S), after=1)
    world.wait(GRACE_S)
    assert shown(world)[-1] == ("logged_out", "")
    assert world.record.disposition == "none"
    assert world.record.wrapup_s == pytest.approx(16.0)


def test_who_was_to_move_when_the_contact_is_over_goes_off_duty_all_the_same() -> None:
    world = World()
    in_a_call(world)
    world.tell(ev.AgentLoggedIn("a1", "summer"))
    world.tell(ev.AgentReady("a1"))
    world.tell(ev.DeskLost("a1", GRACE_S))
    world.wait(GRACE_S)
    assert world.engine.state.pool.get("a1") is None
    assert not world.engine.state.pool.count("summer")


def test_the_grace_begins_once() -> None:
    world = World()
    world.tell(ev.DeskLost("a1", GRACE_S))
    world.tell(ev.DeskLost("a1", GRACE_S), after=10)
    world.wait(5)
    assert world.engine.state.pool.get("a1") is None


def test_who_logs_out_and_in_again_is_not_followed_by_the_old_grace() -> None:
    world = World()
    world.tell(ev.DeskLost("a1", GRACE_S))
    world.tell(ev.AgentLoggedOut("a1"), after=1)
    world.tell(ev.AgentLoggedIn("a1", "spring"), after=1)
    world.tell(ev.AgentReady("a1"))
    world.wait(60)
    assert agent_of(world).state is AgentState.READY


def test_desks_of_nobody_on_duty_change_nothing() -> None:
    world = World()
    before = len(world.commands)
    world.tell(ev.DeskLost("x", GRACE_S))
    world.tell(ev.DeskOpened("x"))
    world.tell(ev.DeskOpened("a1"))
    assert len(world.commands) == before
    assert world.engine.state.strays == 3
