"""The end of an attempt: its one flat record, and the lead's next place."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.amd import AmdPolicy
from campaigns.disposition import NO_DISPOSITION
from campaigns.outcome import Contact, Outcome, Stage
from campaigns.record import AttemptRecord
from dialer.calls.call import Call, Trigger
from dialer.calls.drop import MessageDrop
from dialer.calls.outcomes import NUMBER_DEAD, Action
from dialer.calls.walk import DELIVERED, FlowWalk, WalkEnd
from dialer.engine.commands import (
    CloseAttempt,
    FetchLeads,
    Notice,
    ReturnLeads,
    SaveAgentTime,
    SaveAttempt,
    SaveOptOut,
    SaveThirdCall,
)
from dialer.engine.deadlines import Timer
from dialer.engine.lines import Lines
from dialer.engine.next_place import lead_update, next_place
from dialer.engine.promises import consents_of
from dialer.engine.refusing import refused
from dialer.engine.state import CampaignRun, EngineState, Unsaved
from dialer.pacing import Abandoned
from dialer.ports.store import FINAL, READY, LeadUpdate, Write

END_SEEN_WITHIN_S = 40.0
"""After a CANCEL or BYE the end is reported within SIP's own timers (64·T1 = 32 s, RFC 3261 §17.1.2.2)."""

UNSAVED_RETRY_S = 5.0
"""Failed writes are tried again after this long."""


class Closing:
    """Turns ended calls into records, and stops campaigns that can't go on."""

    def __init__(self, state: EngineState, lines: Lines) -> None:
        self._state = state
        self._lines = lines

    def withdraw(self, call: Call, why: str, now: float) -> None:
        """A committed attempt that was never placed: recorded, uncounted, the lead back where it was."""
        call.apply(Trigger.WITHDRAW)
        call.note = why
        self._record(call, Outcome.WITHDRAWN, now)

    def ended(self, call: Call, now: float) -> None:
        """The call is over on the wire: give back what it held, and record it unless an agent wraps up."""
        run = self._state.run_of(call)
        call.apply(Trigger.ENDED)
        call.ended_at = now
        run.foretelling.learn(call, wanted_agent=False)
        self._lines.ended(call, now)
        self._state.line_freed(run)
        for timer in (Timer.SETUP, Timer.RING, Timer.HOLD, Timer.GRACE, Timer.FLOW, Timer.END):
            self._state.deadlines.clear(timer, call.attempt_id)
        run.stop_waiting(call)
        self.close_if_done(call, now)

    def close_if_done(self, call: Call, now: float) -> None:
        """Record the call once it is over and, where an agent had it, disposed of."""
        if call.ended_at is None or (call.agent_id is not None and call.disposition is None):
            return
        if call.can(Trigger.CLOSE):
            call.apply(Trigger.CLOSE)
            self._record(call, self._outcome(call), now)

    def forget(self, call: Call) -> None:
        """Take the call out of everything that counts open ones."""
        run = self._state.run_of(call)
        if call.ended_at is None:  # it never left: its channel was only held for it
            self._lines.not_left(call)
        run.stop_waiting(call)
        run.ringing.pop(call.attempt_id, None)
        del run.calls[call.attempt_id]
        del self._state.calls[call.attempt_id]
        self._state.in_call.difference_update((call.intent.number, call.candidate.lead.party))
        if call.reserved_agent is not None:
            self._state.freed.append((call.reserved_agent, call.attempt_id))
        self._state.pace_soon(run.name)

    def release_parked(self, call: Call, now: float) -> None:
        """The call is on record: leads that waited for its number or its person go back to the store, which knows
        what came of it, and may be asked for again."""
        self.release_parked_on((call.intent.number, call.candidate.lead.party), now)

    def release_parked_on(self, keys: tuple[str, ...], now: float) -> None:
        """The same, by number and party."""
        for run in self._state.runs.values():
            if run.parked and (candidates := [c for key in keys for c in run.parked.pop(key, ())]):
                updates = [lead_update(run, c, READY, now, c.phone_position, "in_call") for c in candidates]
                self.give_back(run, updates)
                self._state.pace_soon(run.name)

    def give_back(self, run: CampaignRun, updates: list[LeadUpdate]) -> None:
        """Leads of the hopper get a new place without an attempt."""
        if not updates:
            return
        for update in updates:
            run.expect(update)
        self._state.out.append(ReturnLeads(tuple(updates)))

    def stop(self, run: CampaignRun, code: str, cause: str) -> None:
        """The campaign can't go on: no more dialing, and the manager is told why. Once."""
        self._state.touched[run.name] = None  # what it waited for may have failed as well
        if not run.failure:
            run.failure = cause
            text = f"Dialing of {run.name} stopped: {cause}. Calls in progress finish."
            self._state.out.append(Notice(run.name, code, text))

    def save_failed(self, campaign: str, write: Write, cause: str, now: float) -> None:
        """A write was not committed: stop dialing, and keep what must not be lost for another try."""
        run = self._state.runs.get(campaign)
        match write:
            case FetchLeads():
                self._state.runs[campaign].hopper.not_fetched()
            case SaveAttempt():
                call = self._state.calls[write.intent.attempt_id]
                of = self._state.run_of(call)
                call.apply(Trigger.WITHDRAW)
                self.forget(call)
                place = next_place(of, call, Outcome.WITHDRAWN, call.intent.created_at)
                self._keep(campaign, ReturnLeads((place,)), now)
                self.release_parked(call, now)
            case SaveThirdCall() if write.third.ended_at is None:
                pass  # nobody was called
            case CloseAttempt() | ReturnLeads() | SaveAgentTime() | SaveOptOut() | SaveThirdCall():
                if campaign not in self._state.unsaved and run is None:
                    text = f"No call of {campaign} is in progress, but the journal could not be written ({cause})."
                    self._state.out.append(Notice(campaign, "journal_failed", f"{text} It is tried again."))
                self._keep(campaign, write, now)
            case _:
                raise TypeError(f"the engine does not write {type(write).__name__}")
        if run is not None:
            self.stop(run, "journal_failed", f"the journal could not be written ({cause})")

    def _keep(
        self,
        campaign: str,
        write: CloseAttempt | ReturnLeads | SaveAgentTime | SaveOptOut | SaveThirdCall,
        now: float,
    ) -> None:
        self._state.unsaved.setdefault(campaign, Unsaved()).writes.append(write)
        match write:
            case SaveOptOut():
                self._state.owed[write.attempt_id] = write.block
            case CloseAttempt() if write.block is not None:
                self._state.owed[write.record.attempt_id] = write.block
        if self._state.deadlines.at(Timer.UNSAVED, campaign) is None:
            self._state.deadlines.set(Timer.UNSAVED, campaign, now + UNSAVED_RETRY_S)

    def save_again(self, campaign: str, now: float) -> None:
        """Try failed writes once more, and look again later. After the last try they are given up with a
        notice; attempts that stay open in the database are reconciled to `unknown` at the next start."""
        unsaved, run = self._state.unsaved[campaign], self._state.runs.get(campaign)
        self._state.touched[campaign] = None
        writes, unsaved.writes = unsaved.writes, []
        if not writes:  # what was tried last has not failed again
            del self._state.unsaved[campaign]
            return
        if unsaved.retries_left == 0:
            if run is not None:
                run.records_due -= sum(isinstance(write, CloseAttempt) for write in writes)
            self._state.out.append(Notice(campaign, "records_lost", _what_is_lost(writes)))
            del self._state.unsaved[campaign]
            return
        if run is None or not run.calls:
            unsaved.retries_left -= 1
        self._state.out.extend(writes)
        self._state.deadlines.set(Timer.UNSAVED, campaign, now + UNSAVED_RETRY_S)

    def _outcome(self, call: Call) -> Outcome:
        if call.stage is Stage.ANSWERED:
            return _answered_outcome(call)
        if call.stage is Stage.NONE:
            return Outcome.WITHDRAWN
        ruling = call.ruling
        return Outcome.CUT if ruling is None else ruling.outcome

    def _record(self, call: Call, outcome: Outcome, now: float) -> None:
        run = self._state.run_of(call)
        intent, evidence = call.intent, call.intent.permitted.evidence
        said, ruling, audio = call.disposition, call.ruling, call.audio
        flow, message = call.flow, call.drop or call.message
        for walk in (flow, message):
            if walk is not None:
                walk.leave()
        pressed = any(walk is not None and walk.pressed for walk in (flow, message))
        abandoned = outcome is Outcome.ABANDONED
        update = next_place(run, call, outcome, now)
        talked_until = call.talk_ended_at if call.talk_ended_at is not None else call.ended_at
        talk_s = wrapup_s = 0.0
        if call.assigned_at is not None and talked_until is not None:
            talk_s = talked_until - call.assigned_at - call.hold_s
            wrapup_s = 0.0 if call.wrapped_up_at is None else call.wrapped_up_at - talked_until
        record = AttemptRecord(
            attempt_id=intent.attempt_id,
            campaign=run.name,
            list_name=call.candidate.lead.list_name,
            lead_id=intent.lead_id,
            number=intent.number,
            region=evidence.region,
            zones="|".join(zone.zone for zone in evidence.zones),
            local_hour=int(evidence.zones[0].local_time[11:13]),
            attempt_no=intent.attempt_no,
            mode=call.terms.pacing.mode.value,
            trunk=intent.trunk,
            caller_id=intent.caller_id,
            call_id=intent.call_id,
            created_at=intent.created_at,
            dialed_at=call.dialed_at,
            progress_at=call.progress_at,
            answered_at=call.answered_at,
            assigned_at=call.assigned_at,
            connected_at=call.assigned_at,
            ended_at=call.ended_at,
            closed_at=now,
            outcome=outcome.value,
            sip_status=call.sip_status,
            q850=call.q850,
            ended_by=call.ended_by.value,
            agent_id=call.agent_id,
            disposition=None if said is None else said.code,
            live=abandoned or pressed or (said is not None and said.live),
            machine=call.is_machine or (said is not None and said.machine),
            rpc=said is not None and said.rpc,
            abandoned=abandoned,
            hung_up_waiting=call.hung_up_waiting,
            queued=call.queued,
            counted=call.dialed_at is not None,
            talk_s=talk_s,
            hold_s=call.hold_s,
            wrapup_s=wrapup_s,
            answer_to_agent_s=None if call.to_agents_at is not None else call.answer_to_agent_s,
            final=update.state == FINAL,
            next_attempt_at=update.due_at if update.state == READY else None,
            rule_set=evidence.rule_set,
            note=call.note,
            stage=call.stage.value,
            charged=call.dialed_at is not None and (ruling is None or ruling.policy.charged),
            contact=_contact(call, outcome).value,
            heard=call.heard,
            expected_cost_micro=evidence.expected_cost_micro,
            cost_micro=call.cost_micro,
            currency=evidence.currency,
            amd_policy="" if call.terms.amd.policy is AmdPolicy.OFF else call.terms.amd.policy.value,
            amd_verdict=call.verdict,
            amd_cause=call.verdict_cause,
            amd_at_s=call.verdict_at_s,
            rtp_received=None if audio is None else audio.received,
            rtp_lost=None if audio is None else audio.lost,
            rtp_sent=None if audio is None else audio.sent,
            rtp_jitter_ms=None if audio is None else audio.jitter_ms,
            rtp_far_lost=None if audio is None else audio.far_lost,
            rtp_far_jitter_ms=None if audio is None else audio.far_jitter_ms,
            rtp_round_trip_ms=None if audio is None else audio.round_trip_ms,
            recording=call.recording,
            recording_rule=call.recording_rule,
            to_agents_at=call.to_agents_at,
            message="" if message is None else "abandoned" if call.drop is None else "machine",
            message_after_s=call.message_after_s,
            message_after_beep_s=_after_beep_s(call),
            message_end="" if message is None else _end_of(message),
            opted_out_at=call.opted_out_at,
            flow_step="" if flow is None else flow.step,
            flow_end="" if flow is None else _end_of(flow),
            answers="" if flow is None else flow.answers_json,
            person=intent.person,
            debt=intent.debt,
            purpose=intent.purpose,
            callback_at=None if call.candidate.callback is None else call.candidate.callback.due_at,
        )
        refused_for_good = ruling is not None and ruling.policy.action is Action.SUPPRESS
        blocked = refused_for_good or (said is not None and said.dnc)
        if abandoned:  # by our CANCEL, perhaps; of the others the pacer knows
            run.count_live(call, Abandoned(now, now - (call.waiting_since or now)))
        elif not record.live:
            run.retract_live(call, now)
        self.forget(call)
        run.records_due += 1
        run.expect(update)
        block = refused(run, call, f"campaign {run.name}", now) if blocked else None
        somebody_else = said is not None and said.wrong_number
        agreed = () if blocked or somebody_else or call.opted_out_at is not None else consents_of(call)
        self._state.out.append(CloseAttempt(record, update, block, call.callback, agreed))
        self.release_parked(call, now)


def _answered_outcome(call: Call) -> Outcome:
    if call.agent_id is not None:
        return Outcome.CONNECTED
    if call.is_machine:
        if call.drop is not None and call.drop.end is WalkEnd.FINISHED:
            return Outcome.MESSAGE_LEFT
        return Outcome.NOT_IN_USE if call.heard in NUMBER_DEAD else Outcome.ANSWERING_MACHINE
    if call.wants_agent or call.crossed_cancel:
        return Outcome.ABANDONED
    return Outcome.DELIVERED if call.flow is not None and call.flow.end in DELIVERED else Outcome.BROKEN_OFF


def _contact(call: Call, outcome: Outcome) -> Contact:
    """Whom the call reached. Where nobody has said what came of a call that an agent had, the strictest."""
    said, ruling = call.disposition, call.ruling
    if call.opted_out_at is not None or (ruling is not None and ruling.policy.action is Action.SUPPRESS):
        return Contact.REFUSAL
    if said is not None and (said.dnc or said.soft_refusal):
        return Contact.REFUSAL
    if outcome is Outcome.ABANDONED:
        return Contact.ABANDONED
    if outcome is Outcome.CONNECTED and (said is None or said.rpc or said is NO_DISPOSITION):
        return Contact.CONVERSATION
    return Contact.MACHINE if call.is_machine else Contact.NONE


def _after_beep_s(call: Call) -> float | None:
    if call.drop is None or call.drop.beep_s is None or call.message_after_s is None:
        return None
    after_s = round(call.message_after_s - call.drop.beep_s, 3)
    return None if after_s < 0.0 else after_s  # it has beeped again since, and nothing was said after that


def _end_of(walk: FlowWalk | MessageDrop) -> str:
    return "" if walk.end is None else walk.end.value


def _what_is_lost(unsaved: Iterable[Write]) -> str:
    """For the manager: what could not be written, and what is to be done about it."""
    closings = [write for write in unsaved if isinstance(write, CloseAttempt)]
    lost = []
    if closings:
        lost.append(
            f"{len(closings)} records could not be written; the next start reconciles their attempts to unknown."
        )
    blocks = [write.block for write in closings if write.block is not None]
    blocks += [write.block for write in unsaved if isinstance(write, SaveOptOut)]
    refusals = [number for block in blocks for number in block.numbers]
    if refusals:
        lost.append(f"Put on the do-not-call register by hand: {', '.join(refusals)}.")
    if any(isinstance(write, SaveAgentTime) for write in unsaved):
        lost.append("The last of the agents' time could not be written: figures per agent hour are too high.")
    if any(isinstance(write, SaveThirdCall) for write in unsaved):
        lost.append("The ends of calls to third parties could not be written; the next start closes them.")
    if any(isinstance(write, ReturnLeads) for write in unsaved):
        lost.append("Leads that were not dialed stay reserved until the next start.")
    return " ".join(lost)
