"""When the engine asks its pacers, and what it shows them."""

from __future__ import annotations

from collections.abc import Iterator

from dialer.agents.agent import Agent, AgentState
from dialer.calls.call import Call, CallState
from dialer.engine.callbacks import Callbacks
from dialer.engine.deadlines import Timer
from dialer.engine.dialing import Dialing
from dialer.engine.state import CampaignRun, EngineState, LaunchLimit
from dialer.pacing import Snapshot

MIN_INTERVAL_S = 0.25
"""Decisions are coalesced: never two of a campaign closer than this, live and simulated alike."""

INTERVAL_S = 1.0
"""And never further apart than this while there is anything to decide."""


CONVERSING_IN_ORDER = (AgentState.TALKING, AgentState.HOLDING)

LINES_AN_AGENT_SERVES = 4
"""For the size of the hopper alone: with lines pacing nobody need serve them."""


class Pace:
    """Coalesces pacing decisions and keeps the hopper filled."""

    def __init__(self, state: EngineState, dialing: Dialing, callbacks: Callbacks) -> None:
        self._state = state
        self._dialing = dialing
        self._callbacks = callbacks

    def consider(self, run: CampaignRun | None, now: float) -> None:
        """Something changed, or the time has come: decide now, or as soon as the interval allows."""
        if run is None or not run.dials or self._state.clock_doubt:
            return
        agents = self._state.pool.count(run.name)
        earliest = run.decided_at + MIN_INTERVAL_S
        if now < earliest:
            self._refill(run, agents, now)
            self._wake(run, earliest, sooner=True)
            return
        if run.promised:
            run.decided_at = now
            self._callbacks.consider(run, now)
        if run.hopper.ready:
            run.decided_at = now
            if agents or not run.campaign.needs_agents:
                seen = self._snapshot(run, now)
                wanted = run.pacer.decide(seen)
                run.launch_limit = _limit(seen, wanted)
                self._dialing.launch(run, wanted, now)
            else:
                run.launch_limit = LaunchLimit.PACE  # whoever it goes by is not there
        else:
            run.launch_limit = LaunchLimit.LEADS
        # Not before the launch: leads that are refused there leave room, and nothing else may happen for hours.
        self._refill(run, agents, now)
        self._wake(run, self._next(run, now), sooner=False)

    def _refill(self, run: CampaignRun, agents: int, now: float) -> None:
        served = max(agents, run.campaign.pacing.lines // LINES_AN_AGENT_SERVES)
        request = None if run.failure else run.hopper.request(served, now)
        if request is not None:
            self._state.out.append(request)

    def _next(self, run: CampaignRun, now: float) -> float | None:
        if run.hopper.ready:
            token_at = run.selector.next_free(now)
            if token_at is not None:
                return min(max(token_at, now + MIN_INTERVAL_S), now + INTERVAL_S)
            return now + INTERVAL_S
        hopper, called_back_at = run.hopper, self._callbacks.next_at(run, now)
        moments = [at for at in (hopper.wake_at(now), hopper.look_aside_at(now), called_back_at) if at is not None]
        return max(min(moments), now + MIN_INTERVAL_S) if moments else None

    def _wake(self, run: CampaignRun, at: float | None, *, sooner: bool) -> None:
        if at is None:
            self._state.deadlines.clear(Timer.PACE, run.name)
            return
        current = self._state.deadlines.at(Timer.PACE, run.name)
        if sooner and current is not None and current <= at:
            return
        self._state.deadlines.set(Timer.PACE, run.name, at)

    def _snapshot(self, run: CampaignRun, now: float) -> Snapshot:
        pool, name = self._state.pool, run.name
        return Snapshot(
            now_s=now,
            idle=len(pool.idle(name)),
            talking_s=tuple([now - self._talks_since(agent) for agent in self._conversing(name)]),
            wrapping_s=tuple([now - agent.since for agent in pool.within(name, AgentState.WRAP_UP).values()]),
            ringing_s=tuple([now - launched_at for launched_at in run.ringing.values()]),
            waiting_s=tuple(
                [now - (call.waiting_since or now) for calls in (run.waiting, run.held) for call in calls.values()]
            ),
            lines_free=self._state.lines_free(run, now),
            leads_ready=len(run.hopper.ready),
            leaving_s=self._leaving_s(name, now),
            answer_p=run.foretelling.of_ringing(run.calls[attempt_id] for attempt_id in run.ringing),
            next_p=run.foretelling.of_next(run.hopper.ready, now),
            in_flow=0 if run.campaign.flow is None else sum(1 for call in run.calls.values() if _in_flow(call)),
        )

    def _conversing(self, campaign: str) -> Iterator[Agent]:
        for state in CONVERSING_IN_ORDER:
            yield from self._state.pool.within(campaign, state).values()

    def _talks_since(self, agent: Agent) -> float:
        """Holds are a part of the conversation, however the agent's state has changed in it."""
        call = None if agent.attempt_id is None else self._state.calls.get(agent.attempt_id)
        assigned_at = None if call is None else call.assigned_at
        return agent.since if assigned_at is None else assigned_at

    def _leaving_s(self, campaign: str, now: float) -> tuple[float, ...]:
        """Of agents in a contact who get no other one: 0 for those who go when it is over, else until it is ended
        for want of a desk."""
        found = []
        for state in (*CONVERSING_IN_ORDER, AgentState.WRAP_UP):
            for agent in self._state.pool.within(campaign, state).values():
                if agent.leaving is not None or agent.moves_to:
                    found.append(0.0)
                elif agent.desk_lost_at is not None:
                    ends_at = self._state.deadlines.at(Timer.DESK, agent.agent_id)
                    found.append(max(0.0, (ends_at or now) - now))
        return tuple(found)


def _limit(seen: Snapshot, wanted: int) -> LaunchLimit:
    if wanted < min(seen.lines_free, seen.leads_ready):
        return LaunchLimit.PACE
    return LaunchLimit.LINES if seen.lines_free <= seen.leads_ready else LaunchLimit.LEADS


def _in_flow(call: Call) -> bool:
    return call.state is CallState.PROMPTED and call.message is None
