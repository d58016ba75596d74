"""Simulated agents' phones: when they come on duty, and come back."""

from __future__ import annotations

import asyncio

import pytest

from dialer.agents.agent import AgentState
from dialer.clock import SystemClock
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import AgentLoggedIn, Event
from sim_trunk.agent_phones import AgentPhones
from sim_trunk.callee import Persona
from sim_trunk.sim_agents import Reaction, SimAgents
from tests.unit.engine.world import campaign
from tests.unit.sim_trunk.people import spec_with

SHIFTS = {0: 0.0, 1: 0.03, 2: 3_600.0}
"""When the agent of each place comes to work, seconds after the first."""


class Roster(SimAgents):
    def login_after_s(self, position: int) -> float:
        return SHIFTS[position]

    def reaction(self, agent_id: str, nth_contact: int, heard: Persona | None) -> Reaction:
        return Reaction(hangs_up_after_s=0.0, wrap_s=0.0, code="no_interest", callback_after_s=None)


async def test_who_had_come_to_work_is_back_at_once_and_nobody_before_the_shift() -> None:
    said: list[Event] = []
    all_in = asyncio.Event()

    def post(event: Event) -> None:
        said.append(event)
        if [one.agent_id for one in said if isinstance(one, AgentLoggedIn)] == ["ann", "ben"]:
            all_in.set()

    habits = Roster(spec_with(), campaign(), 1)
    phones = AgentPhones(("ann", "ben", "cid"), "demo", habits, lambda *_: None, post, SystemClock())
    try:
        phones.start()
        async with asyncio.timeout(5.0):
            await all_in.wait()
        phones.start_over()
        said.clear()
        phones.start()
        for _ in range(3):  # turns of the loop, not time
            await asyncio.sleep(0)
        assert [event.agent_id for event in said if isinstance(event, AgentLoggedIn)] == ["ann", "ben"]
    finally:
        phones.close()


@pytest.mark.parametrize("before", [AgentState.TALKING, AgentState.WRAP_UP])
async def test_who_is_off_duty_says_nothing_more_about_a_contact(
    before: AgentState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim_trunk.agent_phones.LISTENS_S", 0.0)
    said: list[Event] = []
    habits = Roster(spec_with(), campaign(), 1)
    phones = AgentPhones(("ann",), "demo", habits, lambda *_: None, said.append, SystemClock())
    try:
        for state in (AgentState.TALKING, before, AgentState.LOGGED_OUT):
            phones.agent_changed(NotifyAgent("ann", state.value, "demo", 7))
        for _ in range(10):  # turns of the loop: whatever was due at once is said by then
            await asyncio.sleep(0)
        assert said == []
    finally:
        phones.close()
