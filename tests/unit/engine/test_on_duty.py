"""Agents on duty for campaigns that run, do not run, or are exchanged for another."""

from __future__ import annotations

import itertools

import pytest

from campaigns.preset_files import load_rule_set
from dialer.agents.agent import AgentState
from dialer.engine import events as ev
from dialer.engine.commands import CampaignEnded, Join, Notice, NotifyAgent, SaveAgentTime, SaveAttempt
from tests.unit.engine.world import LONDON, World, campaign, candidate

SUMMER = campaign(name="summer")


def opened(world: World) -> None:
    world.tell(ev.CampaignOpened(SUMMER, load_rule_set("fictional"), (LONDON,)))


def shown(world: World) -> list[tuple[str, str]]:
    return [(change.state, change.campaign) for change in world.all(NotifyAgent)]


def stretches(world: World) -> list[tuple[str, str, float]]:
    found = [stretch for saved in world.all(SaveAgentTime) for stretch in saved.stretches]
    assert all(a.until == b.since for a, b in itertools.pairwise(found))
    return [(stretch.campaign, stretch.activity, stretch.until - stretch.since) for stretch in found]


def in_a_call(world: World) -> None:
    world.dial(candidate(1))
    world.tell(ev.CallAnswered(1), after=2)


def test_agents_of_a_campaign_that_is_not_dialed_are_idle_and_their_time_is_its() -> None:
    world = World(agents=0)
    world.tell(ev.AgentLoggedIn("x", "summer"))
    world.tell(ev.AgentReady("x"), after=10)
    world.tell(ev.AgentLoggedOut("x"), after=30)
    assert stretches(world) == [("summer", "paused", 10), ("summer", "idle", 30)]
    assert not world.engine.state.pool.count("summer")


def test_a_campaign_opened_finds_the_agents_who_wait_for_it() -> None:
    world = World(agents=0)
    world.tell(ev.AgentLoggedIn("x", "summer"))
    world.tell(ev.AgentReady("x"))
    opened(world)
    world.tell(ev.LeadsFetched("summer", (candidate(1),), None))
    world.wait(0.3)
    assert world.last(SaveAttempt).intent.campaign == "summer"


def test_an_idle_agent_moves_at_once_and_is_paused_until_ready() -> None:
    world = World()
    opened(world)
    world.tell(ev.AgentLoggedIn("a1", "summer"), after=20)
    assert shown(world)[-1] == ("paused", "summer")
    world.tell(ev.AgentReady("a1"), after=5)
    world.tell(ev.AgentLoggedOut("a1"), after=5)
    assert stretches(world) == [("spring", "idle", 20), ("summer", "paused", 5), ("summer", "idle", 5)]
    assert not world.all(Notice)


def test_a_paused_agent_who_moves_is_told_so_too() -> None:
    world = World()
    world.tell(ev.AgentPaused("a1", "lunch"))
    world.tell(ev.AgentLoggedIn("a1", "summer"), after=20)
    assert shown(world)[-2:] == [("paused", "spring"), ("paused", "summer")]
    agent = world.engine.state.pool.get("a1")
    assert agent is not None
    assert (agent.since, agent.pause_code) == (world.now, "")
    assert world.engine.state.pool.count("spring") == 0


@pytest.mark.parametrize(("ready", "state"), [(True, "ready"), (False, "paused")])
def test_an_agent_in_a_call_moves_when_it_is_done(ready: bool, state: str) -> None:
    world = World()
    opened(world)
    in_a_call(world)
    world.tell(ev.AgentLoggedIn("a1", "summer"), after=10)
    if ready:
        world.tell(ev.AgentReady("a1"))
    assert world.engine.state.pool.count("spring") == 1
    world.tell(ev.CallEnded(1, "callee"), after=10)
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=5)
    assert world.record.campaign == "spring"
    assert shown(world)[-1] == (state, "summer")
    assert ("spring", "wrap_up", 5) in stretches(world)


def test_one_who_moves_and_then_goes_home_goes_home() -> None:
    world = World()
    in_a_call(world)
    world.tell(ev.AgentLoggedIn("a1", "summer"))
    world.tell(ev.AgentLoggedOut("a1"))
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=10)
    assert shown(world)[-1] == ("logged_out", "spring")
    assert world.engine.state.pool.get("a1") is None


def test_one_who_comes_back_before_the_call_is_over_has_not_moved() -> None:
    world = World()
    in_a_call(world)
    world.tell(ev.AgentLoggedIn("a1", "summer"))
    world.tell(ev.AgentLoggedIn("a1", "spring"))
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=10)
    assert shown(world)[-1] == ("ready", "spring")


def test_moving_twice_to_the_same_campaign_is_said_to_be_done_already() -> None:
    world = World()
    in_a_call(world)
    world.tell(ev.AgentLoggedIn("a1", "summer"))
    world.tell(ev.AgentLoggedIn("a1", "summer"))
    assert (world.last(Notice).code, world.last(Notice).campaign) == ("agent_on_duty", "summer")


def test_an_agent_who_has_moved_gets_the_call_that_waits_there() -> None:
    world = World(agents=2)
    in_a_call(world)
    world.tell(ev.AgentLoggedIn("a2", "spring-elsewhere"))
    world.tell(ev.AgentReady("a2"))
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=3)
    world.tell(ev.CallEnded(1, "agent"))
    world.leads(candidate(2))
    world.tell(ev.AgentPaused("a1"))
    world.tell(ev.AttemptSaved(2))
    world.tell(ev.CallAnswered(2), after=2)
    assert len(world.all(Join)) == 1, "nobody is free"
    world.tell(ev.AgentLoggedIn("a2", "spring"))
    assert len(world.all(Join)) == 1, "nor yet ready"
    world.tell(ev.AgentReady("a2"))
    assert world.last(Join) == Join(2, "a2")


def test_why_an_agent_is_paused_is_kept_while_paused() -> None:
    world = World()
    agent = world.engine.state.pool.get("a1")
    assert agent is not None
    world.tell(ev.AgentPaused("a1", "lunch"))
    assert agent.pause_code == "lunch"
    world.tell(ev.AgentPaused("a1", "training"))
    assert agent.pause_code == "training"
    world.tell(ev.AgentReady("a1"))
    assert agent.pause_code == ""
    in_a_call(world)
    world.tell(ev.AgentPaused("a1", "lunch"))
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=10)
    assert (agent.state, agent.pause_code) == (AgentState.PAUSED, "lunch")


def test_nothing_is_left_of_campaigns_and_agents_that_come_and_go() -> None:
    world = World(agents=0)
    for n in range(50):
        name = f"campaign {n}"
        world.tell(ev.CampaignOpened(campaign(name=name), load_rule_set("fictional"), (LONDON,)))
        world.tell(ev.AgentLoggedIn(f"a{n}", name))
        world.tell(ev.AgentReady(f"a{n}"))
        world.tell(ev.LeadsFetched(name, (candidate(n),), None))
        world.wait(0.3)
        attempt_id = world.last(SaveAttempt).intent.attempt_id
        world.tell(ev.AttemptSaved(attempt_id))
        world.tell(ev.CallAnswered(attempt_id), after=1)
        world.tell(ev.CallEnded(attempt_id, "callee"), after=1)
        world.tell(ev.Dispositioned(f"a{n}", attempt_id, "sale"), after=1)
        world.tell(ev.RecordSaved(name, attempt_id))
        assert world.last(CampaignEnded).campaign == name
        world.tell(ev.AgentLoggedOut(f"a{n}"))
    world.wait(60)
    state = world.engine.state
    assert list(state.runs) == ["spring"]
    assert not state.calls
    assert not state.in_call
    assert not state.unsaved
    assert not state.to_pace
    assert not list(state.pool)
    assert not state.pool.campaigns
    assert len(state.deadlines) < 100
