"""Calls that were promised, kept when they are due.

One that any agent may make is dialed like other leads, before them. For one that was promised by an agent that
agent is kept free first, and then the number is dialed: who asked for somebody shall not hear somebody else, nor
wait. The agent is not there, or busy, for the campaign's patience after the promised moment: anyone makes the
call.
"""

from __future__ import annotations

from dialer.agents.agent import Agent, AgentState
from dialer.engine.dialing import Dialing
from dialer.engine.floor import Floor
from dialer.engine.state import CampaignRun, EngineState
from dialer.ports.store import Candidate

LOOK_AGAIN_S = 1.0


class Callbacks:
    """Leads to be called back by an agent of their own, until that agent is free or has been waited for."""

    def __init__(self, state: EngineState, dialing: Dialing, floor: Floor) -> None:
        self._state = state
        self._dialing = dialing
        self._floor = floor

    def consider(self, run: CampaignRun, now: float) -> None:
        """Who has been waited for is there now, or has been waited for long enough."""
        for lead_id, candidate in list(run.promised.items()):
            agent = self._free_agent(run, candidate)
            if agent is not None:
                if run.failure or not self._state.lines_free(run, now):
                    continue
                del run.promised[lead_id]
                call = self._dialing.launch_for(run, candidate, agent.agent_id, now)
                if call is not None:
                    self._floor.reserve(agent, call, now)
            elif now >= self._patience_ends(run, candidate):
                del run.promised[lead_id]
                run.hopper.put_ahead(candidate)

    def next_at(self, run: CampaignRun, now: float) -> float | None:
        """When to look again though nothing happens: the patience with an agent ends, or one is there and it was a
        line that was missing."""
        moments = [
            now + LOOK_AGAIN_S if self._free_agent(run, candidate) else self._patience_ends(run, candidate)
            for candidate in run.promised.values()
        ]
        return min(moments, default=None)

    def _free_agent(self, run: CampaignRun, candidate: Candidate) -> Agent | None:
        agent = None if candidate.callback is None else self._state.pool.get(candidate.callback.agent_id)
        free = agent is not None and agent.campaign == run.name and agent.state is AgentState.READY
        return agent if free else None

    @staticmethod
    def _patience_ends(run: CampaignRun, candidate: Candidate) -> float:
        """From the promised moment on; from the opening of the window, where it had to wait for that."""
        return candidate.due_at + run.campaign.callbacks.patience_s
