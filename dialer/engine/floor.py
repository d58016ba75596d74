"""Answered calls and agents: who gets whom, who waits, who is abandoned, what the agent says."""

from __future__ import annotations

from campaigns.callback import Promise
from campaigns.disposition import NO_DISPOSITION, Disposition
from campaigns.errors import UnknownZone
from campaigns.record import AgentTime, EndedBy
from dialer.agents.agent import CONVERSING, DESK_LOST, Agent, AgentState, AgentTrigger
from dialer.agents.routing import longest_idle
from dialer.calls.call import Call, CallState, Trigger
from dialer.engine.closing import END_SEEN_WITHIN_S, Closing
from dialer.engine.commands import HangUp, Join, Notice, NotifyAgent, SaveAgentTime
from dialer.engine.deadlines import Timer
from dialer.engine.events import Dispositioned
from dialer.engine.promises import callback_of, stands_in_the_way, told_of
from dialer.engine.recordings import Recordings
from dialer.engine.state import CampaignRun, EngineState, RunStatus
from dialer.pacing import Abandoned, AgentsChanged, Connected, HungUpWaiting, TalkEnded, WrapEnded


class Floor:
    """The agents' side of the engine."""

    def __init__(self, state: EngineState, closing: Closing, recordings: Recordings) -> None:
        self._state = state
        self._recordings = recordings
        self._closing = closing

    # --- calls --------------------------------------------------------------------------------------------

    def serve(self, call: Call, now: float) -> None:
        """Somebody is to speak with an agent: the longest idle one gets the call, or it waits, but no longer than
        the grace time."""
        run = self._state.run_of(call)
        agent = self._kept_free(call) or longest_idle(self._state.pool.idle(run.name))
        if agent is not None:
            self._join(run, call, agent, now)
            return
        call.queued = True
        run.waiting[call.attempt_id] = call
        # From the answer on, however long the contact was held: nobody has spoken to the person yet.
        self._state.deadlines.set(Timer.GRACE, call.attempt_id, (call.waiting_since or now) + run.grace_s)

    def reserve(self, agent: Agent, call: Call, now: float) -> None:
        """The agent is kept free for the call."""
        agent.reserved_for = call.attempt_id
        self._change(agent, AgentTrigger.RESERVE, now)

    def release(self, now: float) -> None:
        """Agents whose call has come to nothing are ready for others."""
        freed, self._state.freed = self._state.freed, []
        for agent_id, attempt_id in freed:
            agent = self._state.pool.get(agent_id)
            if agent is not None and agent.state is AgentState.RESERVED and agent.reserved_for == attempt_id:
                self._change(agent, AgentTrigger.RELEASE, now)
                self._serve_waiting(agent, now)

    def _kept_free(self, call: Call) -> Agent | None:
        agent = None if call.reserved_agent is None else self._state.pool.get(call.reserved_agent)
        return agent if agent is not None and agent.reserved_for == call.attempt_id else None

    def part(self, call: Call, agent: Agent, now: float) -> bool:
        """The agent's phone was lost before the contact heard anybody: it waits again, since its answer. Whether
        there is time for that; else nobody will come."""
        call.apply(Trigger.PART)
        self._state.run_of(call).retract_live(call, now)
        call.agent_id = call.assigned_at = None
        call.hold(False, now)
        call.hold_s = 0.0
        agent.attempt_id = None
        self._change(agent, AgentTrigger.LINE_LOST, now)
        self._go_on(agent, now)
        in_time = now - (call.waiting_since or now) < self._state.run_of(call).grace_s
        if in_time:
            self.serve(call, now)
        return in_time

    def abandon(self, call: Call, now: float) -> None:
        """The grace time is over, and nobody was free: the person is hung up on."""
        self.count_abandoned(call, now)
        self.hang_up(call, now)

    def count_abandoned(self, call: Call, now: float) -> None:
        """No agent has come in time, and none will."""
        run = self._state.run_of(call)
        run.waiting.pop(call.attempt_id, None)
        run.count_live(call, Abandoned(now, now - (call.waiting_since or now)))

    def hang_up(self, call: Call, now: float) -> None:
        """End an answered call from our side; its end is awaited, and forced if it never comes."""
        run = self._state.run_of(call)
        call.apply(Trigger.HANG_UP)
        call.given_up_at = now
        run.stop_waiting(call)
        for timer in (Timer.HOLD, Timer.GRACE, Timer.FLOW):
            self._state.deadlines.clear(timer, call.attempt_id)
        self._state.deadlines.set(Timer.END, call.attempt_id, now + END_SEEN_WITHIN_S)
        self._state.out.append(HangUp(call.attempt_id))

    def left_waiting(self, call: Call, now: float) -> None:
        """The person hung up before an agent came: abandoned, and said apart."""
        call.hung_up_waiting = True
        self._state.run_of(call).count_live(call, HungUpWaiting(now, now - (call.waiting_since or now)))

    def talk_over(self, call: Call, now: float) -> None:
        """The conversation is over, whoever ended it: the agent wraps up."""
        agent = None if call.agent_id is None else self._state.pool.get(call.agent_id)
        if agent is None or agent.state not in CONVERSING or agent.attempt_id != call.attempt_id:
            return
        run = self._state.run_of(call)
        call.hold(False, now)
        call.talk_ended_at = now
        run.pacer.observe(TalkEnded(now, now - (call.assigned_at or now)))
        self._state.deadlines.clear(Timer.PHONE, agent.agent_id)
        self._change(agent, AgentTrigger.TALK_ENDED, now)
        if call.disposition is not None or run.status is RunStatus.CUTTING:
            self._wrapped_up(agent, call, call.disposition or NO_DISPOSITION, now)
        else:
            self._state.deadlines.set(Timer.WRAP_UP, agent.agent_id, now + run.campaign.wrapup_limit_s)

    # --- agents -------------------------------------------------------------------------------------------

    def log_in(self, agent_id: str, campaign: str, now: float) -> None:
        """An agent comes on duty, or moves to another campaign: at once, or when the contact is over. A second
        log-in for the same campaign is refused with a notice."""
        present = self._state.pool.get(agent_id)
        if present is not None:
            if campaign == (present.moves_to or present.campaign):
                text = f"Agent {agent_id} is on duty already."
                self._state.out.append(Notice(campaign, "agent_on_duty", text))
            elif present.attempt_id is None:
                present.pause_code = ""
                self._move(present, campaign, now)
            elif campaign == present.campaign:  # back again before the move has begun
                present.moves_to, present.leaving = "", None
            else:
                present.moves_to, present.leaving, present.pause_code = campaign, AgentTrigger.PAUSE, ""
            return
        agent = Agent(agent_id, campaign, now)
        self._state.pool.add(agent)
        self._change(agent, AgentTrigger.LOG_IN, now)
        self._count_changed(campaign, now)

    def ready(self, agent: Agent, now: float) -> None:
        """The agent can take a call: one that waits comes first. Not while their desk is lost, and not before
        their phone is back."""
        if agent.state in (AgentState.WRAP_UP, AgentState.RESERVED) or agent.state in CONVERSING:
            agent.leaving = None
            return
        if agent.desk_lost_at is not None:
            self._state.strays += 1
            return
        agent.pause_code = ""
        if agent.phone_lost_at is not None:
            if agent.state is not AgentState.UNREACHABLE:
                self._change(agent, AgentTrigger.LINE_LOST, now)
            return
        if agent.state is not AgentState.READY:
            self._change(agent, AgentTrigger.READY, now)
        self._serve_waiting(agent, now)

    def leave(self, agent: Agent, trigger: AgentTrigger, now: float, pause_code: str = "") -> None:
        """Pause or log out: at once when idle, else when the contact is over."""
        agent.pause_code = pause_code
        if agent.state is AgentState.PAUSED and trigger is AgentTrigger.PAUSE:
            return
        if not agent.can(trigger):
            agent.leaving = trigger
            return
        if agent.state is AgentState.WRAP_UP:
            agent.leaving = trigger
            return
        self.go(agent, trigger, now)

    def held(self, call: Call, on: bool, now: float) -> None:
        """The contact waits on hold from now on, or is back."""
        agent = None if call.agent_id is None else self._state.pool.get(call.agent_id)
        trigger = AgentTrigger.HOLD if on else AgentTrigger.RETRIEVE
        if agent is None or agent.attempt_id != call.attempt_id or not agent.can(trigger):
            self._state.strays += 1  # handed over, or over
            return
        call.hold(on, now)
        self._change(agent, trigger, now)

    def agent_hangs_up(self, agent: Agent, now: float) -> None:
        """The agent ends the conversation."""
        call = self.talks_to(agent)
        if call is not None:
            call.ended_by = EndedBy.AGENT
            self.hang_up(call, now)
            self.talk_over(call, now)

    def agent_leaves(self, agent: Agent, to: str, now: float) -> None:
        """The conversation goes on without the agent, who wraps up."""
        call = self.talks_to(agent)
        if call is not None:
            call.note = f"handed over to {to}"
            self.talk_over(call, now)

    def disposed(self, agent: Agent, given: Dispositioned, now: float) -> None:
        """The agent says what it came to. While still talking, this ends the conversation first."""
        call = self.call_of(agent)
        if call is None or call.attempt_id != given.attempt_id or call.disposition is not None:
            self._state.strays += 1
            return
        run = self._state.run_of(call)
        try:
            said = call.disposition_of(given.code, run.campaign.dispositions)
        except KeyError:
            known = ", ".join(d.code for d in run.campaign.dispositions)
            text = f"Agent {agent.agent_id} gave an unknown disposition {given.code!r}; known: {known}."
            self._state.out.append(Notice(run.name, "unknown_disposition", text))
            return
        if not said.wrong_number:  # else it was somebody else who spoke
            call.agreed_to += [(now, one) for one in given.agreed]
            if given.promise is not None and not (said.final or said.dnc):
                self._promise(call, given.promise, now)
        if agent.state in CONVERSING:
            call.disposition = said
            self.agent_hangs_up(agent, now)
        elif agent.state is AgentState.WRAP_UP:
            self._wrapped_up(agent, call, said, now)

    def _promise(self, call: Call, promise: Promise, now: float) -> None:
        try:
            call.callback = callback_of(call, promise, now)
        except (ValueError, UnknownZone) as error:
            text = f"Agent {call.agent_id} promised a callback for no time: {error}. The usual schedule holds."
            self._state.out.append(Notice(call.intent.campaign, "bad_callback", text))
            return
        refused = stands_in_the_way(self._state.run_of(call), call, call.callback, self._state.tolls.walls, now)
        if refused is not None:
            self._state.out.append(Notice(call.intent.campaign, *told_of(call, call.callback, refused)))

    def wrap_up_over(self, agent: Agent, why: str, now: float) -> None:
        """Wrap-up is over without a disposition."""
        call = self.call_of(agent)
        if call is not None:
            call.note = f"{call.note}; " * bool(call.note) + f"{why} without a disposition"
            self._wrapped_up(agent, call, NO_DISPOSITION, now)

    def present(self, agent: Agent) -> NotifyAgent:
        """How the agent is now, as the desk is told it."""
        call = self.call_of(agent)
        return NotifyAgent(
            agent.agent_id,
            agent.state.value,
            agent.campaign,
            None if call is None else call.attempt_id,
            None if call is None else call.intent.number,
            None if call is None else call.candidate.lead,
            agent.pause_code if agent.state is AgentState.PAUSED else "",
            "" if call is None else call.advice,
            "" if call is None else call.recording_state.value,
        )

    def tell_of(self, call: Call) -> None:
        """Something is new about a conversation: its agent's desk is told."""
        agent = None if call.agent_id is None else self._state.pool.get(call.agent_id)
        if agent is not None and agent.state in CONVERSING and agent.attempt_id == call.attempt_id:
            self._state.out.append(self.present(agent))

    def reckon(self, campaign: str, now: float) -> None:
        """Bring the agents' time on record up to now."""
        stretches = [s for agent in self._state.pool.of(campaign) if (s := agent.reckon(now)) is not None]
        self._save(stretches)

    # --- inside -------------------------------------------------------------------------------------------

    def _join(self, run: CampaignRun, call: Call, agent: Agent, now: float) -> None:
        call.apply(Trigger.JOIN)
        run.waiting.pop(call.attempt_id, None)
        self._state.deadlines.clear(Timer.GRACE, call.attempt_id)
        call.agent_id = agent.agent_id
        call.offered = run.campaign.dispositions
        call.assigned_at = now
        agent.attempt_id = call.attempt_id
        run.count_live(call, Connected(now, now - (call.waiting_since or now)))
        # The bridge before the news: audio must not wait for a screen.
        self._state.out.append(Join(call.attempt_id, agent.agent_id))
        self._recordings.joined(call, now)
        self._change(agent, AgentTrigger.ASSIGN, now)

    def _serve_waiting(self, agent: Agent, now: float) -> None:
        run = self._state.runs.get(agent.campaign)
        # Nobody is put through only to be hung up on.
        if run is not None and run.waiting and run.status is not RunStatus.CUTTING:
            self._join(run, next(iter(run.waiting.values())), agent, now)

    def _wrapped_up(self, agent: Agent, call: Call, said: Disposition, now: float) -> None:
        run = self._state.run_of(call)
        call.disposition = said
        call.wrapped_up_at = now
        self._state.deadlines.clear(Timer.WRAP_UP, agent.agent_id)
        agent.attempt_id = None
        run.pacer.observe(WrapEnded(now, now - agent.since))
        self._closing.close_if_done(call, now)
        self._go_on(agent, now)

    def _go_on(self, agent: Agent, now: float) -> None:
        """The contact is over for the agent: on to the next, or wherever they wanted to go after it."""
        leaving, agent.leaving = agent.leaving, None
        if leaving is None and agent.desk_lost_at is not None:
            leaving, agent.pause_code = AgentTrigger.PAUSE, DESK_LOST
        moves_to, agent.moves_to = agent.moves_to, ""
        if moves_to and leaving is not AgentTrigger.LOG_OUT:
            self._move(agent, moves_to, now)
            if leaving is None:
                self.ready(agent, now)
        elif leaving is not None:
            self.go(agent, leaving, now)
        elif agent.phone_lost_at is None:
            self._change(agent, AgentTrigger.READY, now)
            self._serve_waiting(agent, now)
        elif agent.state is not AgentState.UNREACHABLE:
            self._change(agent, AgentTrigger.LINE_LOST, now)

    def go(self, agent: Agent, trigger: AgentTrigger, now: float) -> None:
        self._change(agent, trigger, now)
        if agent.state is AgentState.LOGGED_OUT:
            self._state.pool.remove(agent)
            for timer in (Timer.DESK, Timer.PHONE):
                self._state.deadlines.clear(timer, agent.agent_id)
            self._count_changed(agent.campaign, now)

    def _change(self, agent: Agent, trigger: AgentTrigger, now: float) -> None:
        stretch = agent.apply(trigger, now)
        self._state.pool.settle(agent)
        self._state.pace_soon(agent.campaign)
        self._save([] if stretch is None else [stretch])
        self._state.out.append(self.present(agent))

    def _move(self, agent: Agent, campaign: str, now: float) -> None:
        """The agent is on duty for another campaign from now on, and paused until ready, as after a log-in."""
        before = agent.campaign
        stretch = agent.apply(AgentTrigger.PAUSE, now)
        self._save([] if stretch is None else [stretch])
        self._state.pool.move(agent, campaign)
        agent.since = now
        for name in (before, campaign):
            self._count_changed(name, now)
            self._state.pace_soon(name)
        self._state.out.append(self.present(agent))

    def _save(self, stretches: list[AgentTime]) -> None:
        if stretches:
            pieces = [piece for stretch in stretches for piece in stretch.pieces()]
            self._state.out.append(SaveAgentTime(tuple(pieces)))

    def talks_to(self, agent: Agent) -> Call | None:
        """The conversation that the agent is in."""
        call = self.call_of(agent)
        talks = agent.state in CONVERSING and call is not None and call.state is CallState.TALKING
        return call if talks else None

    def call_of(self, agent: Agent) -> Call | None:
        return None if agent.attempt_id is None else self._state.calls.get(agent.attempt_id)

    def _count_changed(self, campaign: str, now: float) -> None:
        run = self._state.runs.get(campaign)
        if run is not None:
            run.pacer.observe(AgentsChanged(now, self._state.pool.count(campaign)))
