from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.agents.agent import ACTIVITY, TRANSITIONS, Agent, AgentState, AgentTrigger
from dialer.agents.pool import AgentPool
from dialer.agents.routing import longest_idle


@pytest.mark.parametrize("state", list(AgentState))
@pytest.mark.parametrize("trigger", list(AgentTrigger))
def test_every_state_and_trigger_is_in_the_table_or_refused(state: AgentState, trigger: AgentTrigger) -> None:
    agent = Agent("a", "spring", 0.0)
    agent.state = state
    if agent.can(trigger):
        agent.apply(trigger, 1.0)
        assert agent.state is TRANSITIONS[state, trigger]
    else:
        with pytest.raises(KeyError):
            agent.apply(trigger, 1.0)
        assert agent.state is state


@given(st.lists(st.tuples(st.sampled_from(list(AgentTrigger)), st.floats(0, 1000)), max_size=40))
def test_time_on_duty_is_covered_once(steps: list[tuple[AgentTrigger, float]]) -> None:
    agent, now = Agent("a", "spring", 0.0), 0.0
    reckoned = expected = 0.0
    for trigger, wait in steps:
        if agent.can(trigger):
            expected += wait if agent.state in ACTIVITY else 0.0
            now += wait
            stretch = agent.apply(trigger, now)
            reckoned += 0.0 if stretch is None else stretch.until - stretch.since
    assert reckoned == pytest.approx(expected)


def ready(pool: AgentPool, name: str) -> Agent:
    agent = Agent(name, "spring", 0.0)
    pool.add(agent)
    agent.apply(AgentTrigger.LOG_IN, 0.0)
    agent.apply(AgentTrigger.READY, 0.0)
    pool.settle(agent)
    return agent


def test_routing_takes_who_has_been_ready_longest_not_who_came_first() -> None:
    pool = AgentPool()
    first, second = ready(pool, "first"), ready(pool, "second")
    assert longest_idle(pool.idle("spring")) is first
    first.apply(AgentTrigger.ASSIGN, 1.0)
    pool.settle(first)
    assert longest_idle(pool.idle("spring")) is second
    first.apply(AgentTrigger.TALK_ENDED, 2.0)
    pool.settle(first)
    first.apply(AgentTrigger.READY, 3.0)
    pool.settle(first)
    assert longest_idle(pool.idle("spring")) is second
    assert longest_idle(pool.idle("another campaign")) is None


def test_an_id_is_on_duty_once() -> None:
    pool = AgentPool()
    agent = ready(pool, "a")
    with pytest.raises(ValueError, match="on duty"):
        pool.add(Agent("a", "spring", 0.0))
    pool.remove(agent)
    assert pool.get("a") is None
    assert not pool.idle("spring")
