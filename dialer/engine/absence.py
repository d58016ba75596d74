"""Agents who cannot be put through: their desk is lost, or their phone. Who is lost in a conversation keeps it for
a while."""

from __future__ import annotations

from campaigns.record import EndedBy
from dialer.agents.agent import DESK_LOST, Agent, AgentState, AgentTrigger
from dialer.calls.call import Call
from dialer.engine.commands import Join, Notice
from dialer.engine.deadlines import Timer
from dialer.engine.floor import Floor
from dialer.engine.flows import Flows
from dialer.engine.state import EngineState

_WAITS = frozenset({AgentState.READY, AgentState.RESERVED, AgentState.UNREACHABLE})


class Absence:
    """The engine's part that knows of lost desks and phones."""

    def __init__(self, state: EngineState, floor: Floor, flows: Flows) -> None:
        self._state = state
        self._floor = floor
        self._flows = flows

    # --- desks --------------------------------------------------------------------------------------------

    def desk_lost(self, agent: Agent, grace_s: float, now: float) -> None:
        """Nobody hears what the desk is told: no more contacts. One in progress goes on for the grace."""
        if agent.desk_lost_at is not None:
            return
        agent.desk_lost_at = now
        self._state.deadlines.set(Timer.DESK, agent.agent_id, now + grace_s)
        if agent.state in _WAITS:
            agent.pause_code = DESK_LOST
            self._floor.go(agent, AgentTrigger.PAUSE, now)

    def desk_opened(self, agent: Agent) -> None:
        """The desk is back. A contact in progress goes on; who was ready has to say so again."""
        if agent.desk_lost_at is None:
            self._state.strays += 1
            return
        agent.desk_lost_at = None
        self._state.deadlines.clear(Timer.DESK, agent.agent_id)

    def desk_gone(self, agent: Agent, now: float) -> None:
        """The desk has not come back in time: off duty, and whoever was on the line is hung up."""
        gone_s = now - (agent.desk_lost_at or now)
        agent.leaving = AgentTrigger.LOG_OUT
        call = self._hang_up(agent, now)
        what = "" if call is None else f", and its conversation (attempt {call.attempt_id}) was hung up"
        text = f"Agent {agent.agent_id} was logged out: its desk was gone for {gone_s:.0f} s{what}."
        self._state.out.append(Notice(agent.campaign, "desk_gone", text, agent.agent_id))
        if agent.state is AgentState.WRAP_UP:
            self._floor.wrap_up_over(agent, "desk lost", now)
        elif agent.state is not AgentState.LOGGED_OUT:
            self._floor.go(agent, AgentTrigger.LOG_OUT, now)

    # --- phones -------------------------------------------------------------------------------------------

    def phone_lost(self, agent: Agent, grace_s: float, now: float) -> None:
        """No more contacts. One who has heard the agent is kept for the grace; one who has not is somebody who
        waits for an agent still."""
        if agent.phone_lost_at is not None:
            return
        agent.phone_lost_at = now
        call = self._floor.talks_to(agent)
        if call is None:
            if agent.state in (AgentState.READY, AgentState.RESERVED):
                self._floor.go(agent, AgentTrigger.LINE_LOST, now)
        elif call.answer_to_agent_s is None:
            if not self._floor.part(call, agent, now):
                self._flows.unserved(call, now)
        else:
            self._state.deadlines.set(Timer.PHONE, agent.agent_id, now + grace_s)

    def phone_back(self, agent: Agent, now: float) -> None:
        """The phone is up. Who was ready is so again; a conversation that was kept goes on."""
        if agent.phone_lost_at is None:
            self._state.strays += 1
            return
        agent.phone_lost_at = None
        self._state.deadlines.clear(Timer.PHONE, agent.agent_id)
        if agent.state is AgentState.UNREACHABLE:
            self._floor.ready(agent, now)
        elif (call := self._floor.talks_to(agent)) is not None:
            self._state.out.append(Join(call.attempt_id, agent.agent_id))

    def phone_gone(self, agent: Agent, now: float) -> None:
        """The phone has not come back in time: the person on the line is hung up, the agent may say what it came
        to."""
        gone_s = now - (agent.phone_lost_at or now)
        call = self._hang_up(agent, now)
        if call is not None:
            call.note = f"the phone of agent {agent.agent_id} was lost"
            text = (
                f"The phone of agent {agent.agent_id} was gone for {gone_s:.0f} s, and its conversation (attempt "
                f"{call.attempt_id}) was hung up. Look at the phone; it is being called again."
            )
            self._state.out.append(Notice(agent.campaign, "phone_gone", text))

    # --- inside -------------------------------------------------------------------------------------------

    def _hang_up(self, agent: Agent, now: float) -> Call | None:
        """End the conversation, if there is one: that."""
        call = self._floor.talks_to(agent)
        if call is not None:
            call.ended_by = EndedBy.DIALER
            self._floor.hang_up(call, now)
            self._floor.talk_over(call, now)
        return call
