"""The end of an attempt: its one flat record, and the lead's next place."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns import retry
from campaigns.disposition import NO_DISPOSITION
from campaigns.eligibility import NEVER_DIALED, PastAttempt
from campaigns.outcome import NOT_PLACED, Outcome
from campaigns.record import AttemptRecord, EndedBy
from campaigns.window import unknown_zones
from dialer.calls.call import Call, Trigger
from dialer.calls.sip_outcome import outcome_of
from dialer.engine.commands import CloseAttempt, FetchLeads, Notice, ReturnLeads, SaveAgentTime, SaveAttempt
from dialer.engine.deadlines import Timer
from dialer.engine.state import CampaignRun, EngineState, RunStatus
from dialer.ports.store import FINAL, READY, Candidate, LeadUpdate, Write
from lists.lead import PhoneNumber


class Closing:
    """Turns ended calls into records, and stops campaigns that can't go on."""

    def __init__(self, state: EngineState) -> None:
        self._state = state

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
        run.selector.release(call.intent.trunk)
        self._state.pace_soon(run.name)
        for timer in (Timer.SETUP, Timer.RING, Timer.GRACE, Timer.END):
            self._state.deadlines.clear(timer, call.attempt_id)
        run.waiting.pop(call.attempt_id, None)
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
            run.selector.release(call.intent.trunk)
        run.waiting.pop(call.attempt_id, None)
        run.ringing.pop(call.attempt_id, None)
        del run.calls[call.attempt_id]
        del self._state.calls[call.attempt_id]
        self._state.pace_soon(run.name)

    def stop(self, run: CampaignRun, code: str, cause: str) -> None:
        """The campaign can't go on: no more dialing, and the manager is told why. Once."""
        if not run.failure:
            over = run.status is RunStatus.ENDED
            run.failure = cause
            text = f"Dialing of {run.name} stopped: {cause}. Calls in progress finish."
            self._state.out.append(
                Notice(run.name, code, f"After {run.name} had ended: {cause}." if over else text)
            )

    def save_failed(self, run: CampaignRun, write: Write, cause: str) -> None:
        """A write was not committed: stop dialing, and keep what must not be lost for another try."""
        match write:
            case FetchLeads():
                run.hopper.fetching = False
            case SaveAttempt():
                call = self._state.calls[write.intent.attempt_id]
                call.apply(Trigger.WITHDRAW)
                self.forget(call)
                run.unsaved.append(
                    ReturnLeads((self._next_place(call, run, Outcome.WITHDRAWN, call.intent.created_at),))
                )
            case CloseAttempt() | ReturnLeads() | SaveAgentTime():
                run.unsaved.append(write)
            case _:
                raise TypeError(f"the engine does not write {type(write).__name__}")
        self.stop(run, "journal_failed", f"the journal could not be written ({cause})")

    def save_again(self, run: CampaignRun) -> bool:
        """Try failed writes once more. True: ask again later. After the last try they are given up with a
        notice; attempts that stay open in the database are reconciled to `unknown` at the next start."""
        unsaved, run.unsaved = run.unsaved, []
        if not unsaved:
            return False
        if run.retries_left == 0:
            run.records_due -= sum(isinstance(write, CloseAttempt) for write in unsaved)
            self._state.out.append(Notice(run.name, "records_lost", _what_is_lost(unsaved)))
            return False
        if not run.calls:
            run.retries_left -= 1
        self._state.out.extend(unsaved)
        return True

    def _outcome(self, call: Call) -> Outcome:
        if call.answered_at is not None:
            return Outcome.CONNECTED if call.agent_id is not None else Outcome.ABANDONED
        if call.ended_by is EndedBy.NOBODY:
            return Outcome.TRUNK_FAULT
        alerted = call.progress_at is not None
        if call.ended_by is EndedBy.DIALER:
            return Outcome.CUT if call.cut else outcome_of(None, None, alerted=alerted)
        return outcome_of(call.sip_status, call.q850, alerted=alerted)

    def _record(self, call: Call, outcome: Outcome, now: float) -> None:
        run = self._state.run_of(call)
        intent, evidence = call.intent, call.intent.permitted.evidence
        campaign = run.campaign
        said = None if call.disposition is None else campaign.disposition(call.disposition)
        abandoned = outcome is Outcome.ABANDONED
        update = self._next_place(call, run, outcome, now)
        talked_until = call.talk_ended_at if call.talk_ended_at is not None else call.ended_at
        talk_s = wrapup_s = 0.0
        if call.assigned_at is not None and talked_until is not None:
            talk_s = talked_until - call.assigned_at
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
            mode=campaign.pacing.mode.value,
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
            disposition=call.disposition,
            live=abandoned or (said is not None and said.live),
            machine=said is not None and said.machine,
            rpc=said is not None and said.rpc,
            abandoned=abandoned,
            hung_up_waiting=call.hung_up_waiting,
            queued=call.queued,
            counted=call.dialed_at is not None,
            talk_s=talk_s,
            hold_s=0.0,
            wrapup_s=wrapup_s,
            answer_to_agent_s=call.answer_to_agent_s,
            final=update.state == FINAL,
            next_attempt_at=update.due_at if update.state == READY else None,
            rule_set=run.rule_set.name,
            note=call.note,
        )
        blocked = outcome is Outcome.UNWANTED or (said is not None and said.dnc)
        self.forget(call)
        run.records_due += 1
        if update.state == READY:
            run.hopper.learn(update.zone_group)
            run.hopper.expect(update.due_at)
        self._state.out.append(CloseAttempt(record, update, intent.number if blocked else None))

    def _next_place(self, call: Call, run: CampaignRun, outcome: Outcome, now: float) -> LeadUpdate:
        candidate, campaign = call.candidate, run.campaign
        phones = candidate.lead.phones
        attempts = candidate.attempts + (call.dialed_at is not None)
        key = outcome.value
        if call.disposition is not None and call.disposition != NO_DISPOSITION.code:
            key = call.disposition
        tries = candidate.tries if outcome in NOT_PLACED else counted_up(candidate.tries, key)
        said = None if call.disposition is None else campaign.disposition(call.disposition)
        state, due_at, position, reason = READY, now, candidate.phone_position, key
        if outcome in NOT_PLACED:
            due_at = now
        elif said is not None and (said.final or said.dnc):
            state = FINAL
        elif attempts >= campaign.limits.per_lead:
            state, reason = FINAL, "lead_limit"
        elif call.callback_at is not None:
            due_at = max(now, call.callback_at)
        else:
            latest = PastAttempt(call.intent.number, campaign.name, now, outcome.value, call.disposition)
            following = retry.next_attempt(
                campaign.retry,
                key=key,
                tries=tries,
                phone_position=position,
                phone_count=len(phones),
                now=now,
                dead=dead_positions(run, candidate, latest),
            )
            if isinstance(following, retry.Retry):
                due_at, position = following.at, following.phone_position
            else:
                state = FINAL
        return LeadUpdate(
            campaign=campaign.name,
            lead_id=candidate.lead.lead_id,
            state=state,
            due_at=due_at,
            phone_position=position,
            zone_group=phones[position].zone_group,
            attempts=attempts,
            tries=tries,
            reason=reason,
        )


def dead_positions(run: CampaignRun, candidate: Candidate, latest: PastAttempt | None = None) -> frozenset[int]:
    """Positions of the lead's numbers that are not worth another attempt: earlier attempts and the `latest` found
    them to be dead or wrong, or the campaign may never dial them. A lead that went to such a number would stay
    there: its zone group is never asked for."""
    phones = candidate.lead.phones
    dead = {position for position, phone in enumerate(phones) if _never_dialed(run, candidate, phone)}
    history = candidate.history if latest is None else (*candidate.history, latest)
    if history:
        wrong_codes = {said.code for said in run.campaign.dispositions if said.wrong_number}
        wrong = {past.number for past in history if past.disposition in wrong_codes}
        dead.update(position for position, phone in enumerate(phones) if phone.e164 in wrong)
        numbers = [phone.e164 for phone in phones]
        dead |= retry.dead_positions(numbers, [(past.number, past.outcome) for past in history])
    return frozenset(dead)


def _never_dialed(run: CampaignRun, candidate: Candidate, phone: PhoneNumber) -> bool:
    return (
        phone.e164 in candidate.dnc
        or phone.kind in NEVER_DIALED
        or not phone.zones
        or not run.rule_set.covers(phone.region)
        or bool(unknown_zones(phone.zones))
    )


def _what_is_lost(unsaved: Iterable[Write]) -> str:
    """For the manager: what could not be written, and what is to be done about it."""
    closings = [write for write in unsaved if isinstance(write, CloseAttempt)]
    lost = []
    if closings:
        lost.append(
            f"{len(closings)} records could not be written; the next start reconciles their attempts to unknown."
        )
    refusals = [write.block_number for write in closings if write.block_number is not None]
    if refusals:
        lost.append(f"Put on the do-not-call register by hand: {', '.join(refusals)}.")
    if any(isinstance(write, SaveAgentTime) for write in unsaved):
        lost.append("The last of the agents' time could not be written: figures per agent hour are too high.")
    if any(isinstance(write, ReturnLeads) for write in unsaved):
        lost.append("Leads that were not dialed stay reserved until the next start.")
    return " ".join(lost)


def counted_up(tries: tuple[tuple[str, int], ...], key: str) -> tuple[tuple[str, int], ...]:
    """`tries` with one more of `key`, in the order in which the keys first came up."""
    if any(name == key for name, _ in tries):
        return tuple((name, count + (name == key)) for name, count in tries)
    return (*tries, (key, 1))
