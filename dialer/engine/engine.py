"""The engine: events in, commands out, time as an argument. One engine for live calls and virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from campaigns.record import EndedBy
from campaigns.walls import Walls
from dialer.agents.agent import AgentTrigger
from dialer.calls.call import UNANSWERED, Call, CallState, Trigger
from dialer.calls.walk import TurnEnd
from dialer.engine import events as ev
from dialer.engine.absence import Absence
from dialer.engine.callbacks import Callbacks
from dialer.engine.closing import END_SEEN_WITHIN_S, Closing
from dialer.engine.commands import Command, Notice, NotifyAgent
from dialer.engine.deadlines import Timer
from dialer.engine.detection import Detection
from dialer.engine.dialing import Dialing
from dialer.engine.floor import Floor
from dialer.engine.flows import Flows
from dialer.engine.lines import Lines
from dialer.engine.pacing import Pace
from dialer.engine.recordings import Recordings
from dialer.engine.runs import Runs
from dialer.engine.state import CampaignRun, EngineState
from dialer.engine.third_parties import ThirdParties
from dialer.pacing import Answered, Recalled, Unanswered
from dialer.ports.store import SaveOptOut, SaveThirdCall
from dialer.trunks.limits import TrunkLimits
from dialer.trunks.selection import Tolls
from dialer.trunks.trunk import Trunk


class Engine:
    """Paces, dials, routes, records. Pure: no clock, no I/O; deterministic given its events.

    `trunks`: all trunks campaigns may name. `walls`: what may be dialed. `next_attempt_id`: ids are counted
    from here. `call_id_of` derives an attempt's SIP Call-ID, so that a restart can find its calls.
    """

    def __init__(
        self,
        trunks: Iterable[Trunk],
        *,
        walls: Walls,
        next_attempt_id: int,
        call_id_of: Callable[[int], str],
    ) -> None:
        limits = {trunk.name: TrunkLimits(trunk) for trunk in trunks}
        self._state = EngineState(limits, Tolls(walls), next_attempt_id, call_id_of)
        self._lines = Lines(self._state)
        self._closing = Closing(self._state, self._lines)
        self._dialing = Dialing(self._state, self._closing, self._lines)
        self._recordings = Recordings(self._state)
        self._floor = Floor(self._state, self._closing, self._recordings)
        self._flows = Flows(self._state, self._floor)
        self._detection = Detection(self._state, self._floor, self._flows)
        self._absence = Absence(self._state, self._floor, self._flows)
        self._thirds = ThirdParties(self._state, self._lines, self._closing)
        self._runs = Runs(self._state, self._dialing, self._closing, self._floor)
        self._pace = Pace(self._state, self._dialing, Callbacks(self._state, self._dialing, self._floor))

    @property
    def state(self) -> EngineState:
        """What the engine knows, for views of it. Not to be changed from outside."""
        return self._state

    def present(self, agent_id: str) -> NotifyAgent | None:
        """How the agent is, as the desk is told it; None: not on duty."""
        agent = self._state.pool.get(agent_id)
        return None if agent is None else self._floor.present(agent)

    def next_deadline(self) -> float | None:
        """When the engine wants a `WakeUp` at the latest, seconds UTC; None: not before the next event."""
        return self._state.deadlines.next()

    def handle(self, event: ev.Event, now: float) -> list[Command]:
        """Take in what happened at `now` (seconds UTC, never going back) and say what is to be done, in order.

        What is said of a call, an agent or a campaign that is over by now changes nothing (`EngineState.strays`
        counts it). Raises `KeyError` or `ValueError` for events that only a faulty shell can send: a campaign
        opened twice or without any configured trunk, an answer to what was never asked.
        """
        while (key := self._state.deadlines.pop_due(now)) is not None:
            self._deadline(key[0], key[1], now)
        self._take(event, now)
        while self._state.freed:
            self._floor.release(now)
        while self._state.to_pace:
            name = next(iter(self._state.to_pace))
            del self._state.to_pace[name]
            self._pace.consider(self._state.runs.get(name), now)
        self._runs.end_those_done(now)
        out, self._state.out = self._state.out, []
        return out

    # --- events -------------------------------------------------------------------------------------------

    def _take(self, event: ev.Event, now: float) -> None:
        match event:
            case ev.WakeUp():
                pass
            case (
                ev.CallProgress()
                | ev.CallAnswered()
                | ev.CallEnded()
                | ev.CallFault()
                | ev.Detected()
                | ev.AudioFlowing()
                | ev.BeepEnded()
                | ev.SpeechBegan()
                | ev.SpeechOver()
                | ev.OptOutSaved()
                | ev.ContactHeld()
            ):
                if isinstance(event, ev.OptOutSaved):
                    self._state.owed.pop(event.attempt_id, None)
                call = self._state.calls.get(event.attempt_id)
                if call is None:
                    self._state.strays += 1
                else:
                    self._call_event(call, event, now)
            case ev.RecordingBegan() | ev.RecordingFailed() | ev.RecordingAgreed() | ev.RecordingPaused():
                self._recording_event(event, now)
            case ev.AttemptSaved():
                self._dialing.saved(self._state.calls[event.attempt_id], now)
            case ev.SaveRefused():
                call = self._state.calls[event.attempt_id]
                self._dialing.refused(call, event.reason, event.detail, now)
            case ev.RecordSaved():
                self._state.owed.pop(event.attempt_id, None)
                self._state.runs[event.campaign].records_due -= 1
                self._state.touched[event.campaign] = None
            case ev.LeadsFetched():
                self._fetched(event, now)
            case ev.SaveFailed():
                if isinstance(event.write, SaveThirdCall) and event.write.third.ended_at is None:
                    self._thirds.unsaved(event.write.third.key, now)
                self._closing.save_failed(event.campaign, event.write, event.cause, now)
                if isinstance(event.write, SaveOptOut):
                    self._opt_out_unsaved(event.write, now)
            case ev.AgentLoggedIn():
                self._floor.log_in(event.agent_id, event.campaign, now)
            case (
                ev.AgentReady()
                | ev.AgentPaused()
                | ev.AgentLoggedOut()
                | ev.AgentHungUp()
                | ev.AgentLeft()
                | ev.Dispositioned()
            ):
                self._agent_event(event, now)
            case ev.ThirdAsked() | ev.ThirdSaved() | ev.ThirdAnswered() | ev.ThirdOver():
                self._third_event(event, now)
            case ev.DeskLost() | ev.DeskOpened() | ev.PhoneLost() | ev.PhoneBack():
                self._absence_event(event, now)
            case ev.CampaignOpened():
                self._runs.open(event.campaign, event.rules, event.zone_groups, now)
            case ev.TrunksChanged():
                self._runs.change_trunks(event.trunks)
            case ev.WallsChanged() | ev.UsageKnown() | ev.TrunkAsked() | ev.TrunkFound() | ev.TrunkReleased():
                self._trunk_event(event, now)
            case ev.MediaRoomChanged():
                self._runs.change_media_room(event.calls, lost=event.lost)
            case ev.ClockDoubted():
                self._runs.doubt_clock(event.why, now)
            case ev.ClockTrusted():
                self._runs.trust_clock()
            case (
                ev.CampaignChanged()
                | ev.AnswersRecalled()
                | ev.LeadsAdded()
                | ev.PauseRequested()
                | ev.ResumeRequested()
                | ev.DrainRequested()
                | ev.CutRequested()
            ):
                self._campaign_event(event, now)

    def _trunk_event(
        self,
        event: ev.WallsChanged | ev.UsageKnown | ev.TrunkAsked | ev.TrunkFound | ev.TrunkReleased,
        now: float,
    ) -> None:
        match event:
            case ev.WallsChanged():
                self._state.tolls.use(event.walls)
            case ev.UsageKnown():
                self._state.tolls.ceilings.restore(event.usage)
            case ev.TrunkAsked():
                self._lines.asked(event.trunk, event.answered)
            case ev.TrunkFound():
                self._lines.found(event.trunk, event.why)
            case ev.TrunkReleased():
                self._lines.released(event.trunk)
        for run in self._state.runs:
            self._state.pace_soon(run)

    def _call_event(
        self,
        call: Call,
        event: ev.CallProgress
        | ev.CallAnswered
        | ev.CallEnded
        | ev.CallFault
        | ev.Detected
        | ev.AudioFlowing
        | ev.BeepEnded
        | ev.SpeechBegan
        | ev.SpeechOver
        | ev.OptOutSaved
        | ev.ContactHeld,
        now: float,
    ) -> None:
        run = self._state.run_of(call)
        match event:
            case ev.CallProgress() if call.can(Trigger.PROGRESS):
                call.apply(Trigger.PROGRESS)
                if call.progress_at is None:
                    call.progress_at = now
                    self._state.deadlines.clear(Timer.SETUP, call.attempt_id)
                    if call.state is CallState.ALERTING:
                        ring_until = now + call.terms.ring_timeout_s
                        self._state.deadlines.set(Timer.RING, call.attempt_id, ring_until)
            case ev.CallAnswered() if call.can(Trigger.ANSWERED):
                self._answered(call, run, now)
            case ev.CallEnded() if call.can(Trigger.ENDED):
                self._ended(call, run, event, now)
            case ev.CallFault() if call.can(Trigger.ENDED):
                call.note = event.cause
                call.dialed_at = None  # nothing left, so nothing may count against the lead
                self._closing.ended(call, now)
                if event.cause != run.fault:
                    run.fault = event.cause
                    text = f"A call could not be placed: {event.cause}"
                    self._state.out.append(Notice(run.name, "call_fault", text))
            case ev.Detected() if call.answered_at is not None:
                self._detection.heard(call, event, now)
            case ev.AudioFlowing():
                if call.answer_to_agent_s is None:
                    call.answer_to_agent_s = event.latency_s
            case ev.BeepEnded() if call.answered_at is not None:
                self._flows.beep(call, event.at_s, now)
            case ev.SpeechBegan():
                self._flows.began(call, event.turn, event.after_answer_s)
            case ev.SpeechOver():
                self._flows.over(call, event.turn, TurnEnd(event.end), event.heard, now)
            case ev.ContactHeld():
                self._floor.held(call, event.on, now)
            case ev.OptOutSaved():
                self._flows.opted_out(call, now)
            case _:
                self._state.strays += 1

    def _answered(self, call: Call, run: CampaignRun, now: float) -> None:
        call.apply(Trigger.ANSWERED)
        call.answered_at = now
        run.ringing.pop(call.attempt_id, None)
        for timer in (Timer.SETUP, Timer.RING):
            self._state.deadlines.clear(timer, call.attempt_id)
        if call.reserved_agent is None:
            run.pacer.observe(Answered(now, now - (call.dialed_at or now)))
        self._state.pace_soon(run.name)
        if call.state is CallState.ENDING:
            # Answered while we were giving up: a person said hello to nobody, so it counts as abandoned.
            call.note = "answered while being cancelled"
            self._state.deadlines.set(Timer.END, call.attempt_id, now + END_SEEN_WITHIN_S)
        else:
            self._detection.answered(call, now)

    def _opt_out_unsaved(self, write: SaveOptOut, now: float) -> None:
        """It is tried again; until it is on the register nobody is told that it is."""
        call = self._state.calls.get(write.attempt_id)
        if call is not None:
            self._flows.hang_up(call, "the opt-out could not be saved at once", now)

    def _ended(self, call: Call, run: CampaignRun, event: ev.CallEnded, now: float) -> None:
        if call.state in UNANSWERED or call.state is CallState.CANCELLING:
            if call.reserved_agent is None:
                run.pacer.observe(Unanswered(now, now - (call.dialed_at or now)))
            self._state.pace_soon(run.name)
        by = EndedBy(event.by)
        # A refusal that crosses our CANCEL is the person's word all the same.
        if call.ended_by is EndedBy.NOBODY or (call.state is CallState.CANCELLING and by is EndedBy.CALLEE):
            call.ended_by = by
        call.sip_status, call.q850, call.cause_by = event.status, event.q850, event.cause_by
        call.heard = event.heard or call.heard
        call.retry_after_s, call.moved_to, call.audio = event.retry_after_s, event.moved_to, event.audio
        if event.moved_to:
            call.note = f"sent on to {event.moved_to}"
        elif event.note:
            call.note = event.note
        if call.state is CallState.WAITING and call.wants_agent:
            self._floor.left_waiting(call, now)
        elif call.state is CallState.TALKING:
            self._floor.talk_over(call, now)
        self._closing.ended(call, now)

    def _recording_event(
        self,
        event: ev.RecordingBegan | ev.RecordingFailed | ev.RecordingAgreed | ev.RecordingPaused,
        now: float,
    ) -> None:
        call = self._state.calls.get(event.attempt_id)
        if call is None or (isinstance(event, ev.RecordingAgreed) and call.agent_id != event.agent_id):
            self._state.strays += 1
            return
        match event:
            case ev.RecordingBegan():
                changed = self._recordings.began(call, event.name)
            case ev.RecordingFailed():
                changed = self._recordings.failed(call, event)
            case ev.RecordingAgreed():
                changed = self._recordings.agreed(call, now)
            case ev.RecordingPaused():
                changed = self._recordings.paused(call, event.on)
        if changed:
            self._floor.tell_of(call)
        else:
            self._state.strays += 1

    def _agent_event(
        self,
        event: ev.AgentReady
        | ev.AgentPaused
        | ev.AgentLoggedOut
        | ev.AgentHungUp
        | ev.AgentLeft
        | ev.Dispositioned,
        now: float,
    ) -> None:
        agent = self._state.pool.get(event.agent_id)
        if agent is None:
            self._state.strays += 1
            return
        match event:
            case ev.AgentReady():
                self._floor.ready(agent, now)
            case ev.AgentPaused():
                self._floor.leave(agent, AgentTrigger.PAUSE, now, event.reason)
            case ev.AgentLoggedOut():
                self._floor.leave(agent, AgentTrigger.LOG_OUT, now)
            case ev.AgentHungUp():
                self._floor.agent_hangs_up(agent, now)
            case ev.AgentLeft():
                self._floor.agent_leaves(agent, event.to, now)
            case ev.Dispositioned():
                self._floor.disposed(agent, event, now)

    def _third_event(
        self, event: ev.ThirdAsked | ev.ThirdSaved | ev.ThirdAnswered | ev.ThirdOver, now: float
    ) -> None:
        match event:
            case ev.ThirdAsked():
                self._thirds.asked(event, now)
            case ev.ThirdSaved():
                self._thirds.saved(event.key, now)
            case ev.ThirdAnswered():
                self._thirds.answered(event.key, now)
            case ev.ThirdOver():
                self._thirds.over(event, now)

    def _absence_event(self, event: ev.DeskLost | ev.DeskOpened | ev.PhoneLost | ev.PhoneBack, now: float) -> None:
        agent = self._state.pool.get(event.agent_id)
        if agent is None:
            self._state.strays += 1
            return
        match event:
            case ev.DeskLost():
                self._absence.desk_lost(agent, event.grace_s, now)
            case ev.DeskOpened():
                self._absence.desk_opened(agent)
            case ev.PhoneLost():
                self._absence.phone_lost(agent, event.grace_s, now)
            case ev.PhoneBack():
                self._absence.phone_back(agent, now)

    def _campaign_event(
        self,
        event: ev.CampaignChanged
        | ev.AnswersRecalled
        | ev.LeadsAdded
        | ev.PauseRequested
        | ev.ResumeRequested
        | ev.DrainRequested
        | ev.CutRequested,
        now: float,
    ) -> None:
        name = event.campaign.name if isinstance(event, ev.CampaignChanged) else event.campaign
        run = self._state.runs.get(name)
        if run is None:  # it has ended meanwhile
            self._state.strays += 1
            return
        match event:
            case ev.CampaignChanged():
                self._runs.change(run, event.campaign, event.rules, now)
            case ev.AnswersRecalled():
                run.pacer.observe(Recalled(now, event.spans))
            case ev.LeadsAdded():
                self._runs.add_leads(run, event.zone_groups, no_others=event.no_others)
            case ev.PauseRequested():
                self._runs.pause(run)
            case ev.ResumeRequested():
                self._runs.resume(run)
            case ev.DrainRequested():
                self._runs.drain(run)
            case ev.CutRequested():
                self._runs.cut(run, now)

    # --- the store ----------------------------------------------------------------------------------------

    def _fetched(self, event: ev.LeadsFetched, now: float) -> None:
        run = self._state.runs[event.campaign]
        outdated = run.hopper.outdated
        run.hopper.fetched(
            event.candidates,
            event.next_due_at,
            more_ready=event.more_ready,
            next_callback_at=event.next_callback_at,
            seen_to=event.seen_to,
        )
        if run.dials and not outdated and not self._state.clock_doubt:
            self._dialing.take_up(run, event.candidates, now)
        else:
            self._dialing.give_back_leased(run, event.candidates)
        self._state.pace_soon(run.name)

    # --- deadlines ----------------------------------------------------------------------------------------

    def _deadline(self, timer: Timer, subject: int | str, now: float) -> None:
        if isinstance(subject, str):
            self._named_deadline(timer, subject, now)
            return
        call = self._state.calls[subject]
        if timer is Timer.HOLD:
            self._detection.held_long_enough(call, now)
        elif timer is Timer.GRACE:
            self._flows.unserved(call, now)
        elif timer is Timer.FLOW:
            self._flows.overdue(call, now)
        elif timer is Timer.END:
            call.note = f"{call.note}; " * bool(call.note) + "its end was not reported"
            self._closing.ended(call, now)
        else:
            self._dialing.give_up(call, now)

    def _named_deadline(self, timer: Timer, name: str, now: float) -> None:
        if timer is Timer.PACE:
            self._state.pace_soon(name)
        elif timer is Timer.UNSAVED:
            self._closing.save_again(name, now)
        elif (agent := self._state.pool.get(name)) is None:
            return
        elif timer is Timer.DESK:
            self._absence.desk_gone(agent, now)
        elif timer is Timer.PHONE:
            self._absence.phone_gone(agent, now)
        else:
            self._floor.wrap_up_over(agent, "wrap-up limit reached", now)
