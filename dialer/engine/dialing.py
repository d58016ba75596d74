"""From a leased lead to a placed call: permit, commit, one more look, originate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

from campaigns import eligibility
from campaigns.eligibility import Permitted
from campaigns.permission.proposed import Proposed
from campaigns.reach import SETUP_ALLOWANCE_S
from campaigns.record import EndedBy
from campaigns.refusal import Refusal, Refused
from campaigns.rule_choice import RuleChoice
from dialer.calls.call import Call, Trigger
from dialer.engine.closing import END_SEEN_WITHIN_S, Closing
from dialer.engine.commands import CancelCall, Originate, SaveAttempt
from dialer.engine.deadlines import Timer
from dialer.engine.lines import HOLDS_ALL, Lines
from dialer.engine.next_place import dead_positions, earlier_number, last_result, lead_update
from dialer.engine.state import CampaignRun, EngineState
from dialer.ports.store import FINAL, READY, AttemptIntent, Candidate, LeadUpdate
from dialer.trunks.selection import Route
from lists.client import client_of

OF_THE_NUMBER = frozenset(
    {
        Refusal.DNC, Refusal.CONSENT, Refusal.NUMBER_LIMIT, Refusal.NO_ZONE, Refusal.NO_RULE, Refusal.NUMBER_KIND,
        Refusal.EMERGENCY, Refusal.SHORT_CODE, Refusal.NOT_VALID, Refusal.PREMIUM, Refusal.DESTINATION,
        Refusal.NO_ROUTE, Refusal.CALLER_ID_COUNTRY, Refusal.NO_CALENDAR, Refusal.WINDOW_CLOSED,
        Refusal.WINDOW_CLOSING, Refusal.LIST_EXPIRED,
    }
)  # fmt: skip
"""Refusals that another number of the same lead may not meet, and that time does not lift."""

OF_THE_SETTINGS = frozenset(
    {
        Refusal.DESTINATION,
        Refusal.NO_ROUTE,
        Refusal.CALLER_ID_COUNTRY,
        Refusal.NO_CALENDAR,
        Refusal.NO_RULE,
        Refusal.CONSENT,
        Refusal.WINDOW_CLOSED,
        Refusal.WINDOW_CLOSING,
    }
)
"""Those among them that somebody may lift: the lead is not closed for them, but asked again the next day, or when
a consent is put on record."""

OF_THE_CAMPAIGN = frozenset(
    {Refusal.RULE_EXPIRED, Refusal.CALLER_ID, Refusal.CALLER_ID_NOT_OURS, Refusal.PRERECORDED}
)
"""Refusals that every lead would meet: the campaign stops, and says so."""

ASK_AGAIN_S = 3_600.0
"""A refusal that does not know its end is asked again after this long."""

IN_CALL_AGAIN_S = 60.0
"""When a lead is asked for again of which the store knew more than we: that its number or person is in a call, or
that a consent was withdrawn."""

SETTINGS_AGAIN_S = 86_400.0


class Dialing:
    """Takes leads up, asks for permission twice, and places what the writer has committed."""

    def __init__(self, state: EngineState, closing: Closing, lines: Lines) -> None:
        self._state = state
        self._closing = closing
        self._lines = lines

    def take_up(self, run: CampaignRun, candidates: tuple[Candidate, ...], now: float) -> None:
        """Leads came from the store: keep those that may be dialed now, give the others back."""
        route = run.selector.usual()
        updates: list[LeadUpdate] = []
        for candidate in candidates:
            proposed = self._proposed(run, candidate, candidate.phone_position, route, now)
            refused = eligibility.refusal(proposed, now, run.reach_s)
            # Nearly all are permitted, so only of the others is it asked what is to become of them.
            chosen = None if refused is None else self._choose(run, candidate, now)
            if isinstance(chosen, LeadUpdate):
                updates.append(chosen)
            elif candidate.callback is None:
                run.hopper.ready.append(candidate)
            elif candidate.callback.agent_id:
                run.promised[candidate.lead.lead_id] = candidate
            else:
                run.hopper.put_ahead(candidate)
        self._closing.give_back(run, updates)

    def launch(self, run: CampaignRun, count: int, now: float) -> None:
        """Start up to `count` attempts: as many as leads and lines allow."""
        updates: list[LeadUpdate] = []
        run.held_up = None
        while count > 0 and run.hopper.ready and not run.failure and self._state.lines_free(run, now):
            candidate = run.hopper.ready.popleft()
            chosen = self._choose(run, candidate, now)
            if chosen is None:
                run.hopper.ready.appendleft(candidate)
                break
            if self._start(run, candidate, chosen, updates, now) is not None:
                count -= 1
        self._closing.give_back(run, updates)

    def launch_for(self, run: CampaignRun, candidate: Candidate, agent_id: str, now: float) -> Call | None:
        """Start the attempt on a lead that this agent has promised a call; None if it may not be called now, or
        waits for something."""
        updates: list[LeadUpdate] = []
        chosen = self._choose(run, candidate, now)
        call = None
        if chosen is None:
            run.promised[candidate.lead.lead_id] = candidate
        else:
            call = self._start(run, candidate, chosen, updates, now, agent_id)
        self._closing.give_back(run, updates)
        return call

    def saved(self, call: Call, now: float) -> None:
        """The attempt is committed. One more look at its permit, then the call leaves."""
        run = self._state.run_of(call)
        intent = call.intent
        if not run.dials:
            self._closing.withdraw(call, "the campaign was stopped before the call left", now)
            return
        if self._state.clock_doubt or intent.created_at <= self._state.doubted_at:
            self._closing.withdraw(call, "the machine's clock was set before the call left", now)
            return
        unchanged = call.terms is run.campaign or call.terms == run.campaign
        rule_set = run.rules_for(call.candidate, call.candidate.phone_position, now)
        if not unchanged or intent.permitted.evidence.rule_set_hash != rule_set.hash:
            # Whatever was changed may forbid the call. Nothing has left yet: the lead is judged again.
            self._closing.withdraw(call, "the campaign was changed before the call left", now)
            return
        refused = self._lines.last_look(run, call, now)
        if refused:
            self._closing.withdraw(call, refused, now)
            return
        if now >= intent.permitted.valid_until:
            self._closing.withdraw(call, "the permit ran out before the call left", now)
            return
        call.apply(Trigger.SAVED)
        call.dialed_at = now
        self._state.deadlines.set(Timer.SETUP, call.attempt_id, now + SETUP_ALLOWANCE_S)
        self._lines.left(call, now)
        self._state.out.append(
            Originate(
                intent.attempt_id,
                intent.call_id,
                intent.number,
                intent.trunk,
                intent.caller_id,
                run.campaign.withhold_caller_id,
                call.terms.amd,
            )
        )

    def give_up(self, call: Call, now: float) -> None:
        """Nobody has answered, and nobody is to any more; its end is awaited, and forced if it never comes."""
        call.apply(Trigger.CANCEL)
        call.given_up_at = now
        call.ended_by = EndedBy.DIALER
        self._state.run_of(call).ringing.pop(call.attempt_id, None)
        for timer in (Timer.SETUP, Timer.RING):
            self._state.deadlines.clear(timer, call.attempt_id)
        self._state.deadlines.set(Timer.END, call.attempt_id, now + END_SEEN_WITHIN_S)
        self._state.out.append(CancelCall(call.attempt_id))

    def refused(self, call: Call, reason: Refusal, detail: str, now: float) -> None:
        """The writer refused the attempt inside its transaction: another campaign won, or DNC came between."""
        run = self._state.run_of(call)
        run.refused[reason.value] += 1
        call.apply(Trigger.WITHDRAW)
        self._closing.forget(call)
        candidate = call.candidate
        position = candidate.phone_position
        if reason is Refusal.CONSENT and call.intent.permitted.asked is not None:
            # That to be called back was withdrawn meanwhile: without it the promise may have to wait.
            update = lead_update(run, candidate, READY, now + IN_CALL_AGAIN_S, position, reason.value)
        elif reason in OF_THE_NUMBER:
            dead = dead_positions(run, candidate)
            further = [p for p in range(position + 1, len(candidate.lead.phones)) if p not in dead]
            if further:
                update = lead_update(run, candidate, READY, now, further[0], reason.value)
            else:
                update = self._round_again(run, candidate, reason, {}, now)
        elif reason is Refusal.LEAD_LIMIT:
            update = lead_update(run, candidate, FINAL, now, position, reason.value)
        else:
            again_s = IN_CALL_AGAIN_S if reason is Refusal.IN_CALL else ASK_AGAIN_S
            update = lead_update(run, candidate, READY, now + again_s, position, reason.value)
        self._closing.give_back(run, [update])
        self._closing.release_parked(call, now)

    def give_back_all(self, run: CampaignRun) -> None:
        """Return every lead that waits in the hopper or for another call to its number, as it was."""
        parked = (c for candidates in run.parked.values() for c in candidates)
        waiting = [*run.promised.values(), *run.hopper.ready, *parked]
        run.hopper.ready.clear()
        run.promised.clear()
        run.parked.clear()
        self.give_back_leased(run, waiting)

    def give_back_leased(self, run: CampaignRun, candidates: Sequence[Candidate]) -> None:
        """Return leads that arrived when no more may be dialed."""
        self._closing.give_back(
            run, [lead_update(run, c, READY, c.due_at, c.phone_position, "returned") for c in candidates]
        )

    def _start(
        self,
        run: CampaignRun,
        candidate: Candidate,
        chosen: tuple[int, Route, Permitted] | LeadUpdate,
        updates: list[LeadUpdate],
        now: float,
        agent_id: str | None = None,
    ) -> Call | None:
        """Commit what `_choose` has chosen; or its new place among the `updates`, or parked, and None."""
        if isinstance(chosen, LeadUpdate):
            updates.append(chosen)
            return None
        position, route, permitted = chosen
        number = candidate.lead.phones[position].e164
        in_call = next((key for key in (number, candidate.lead.party) if self._state.is_in_call(key)), None)
        if in_call is not None:
            run.refused[Refusal.IN_CALL.value] += 1
            run.parked.setdefault(in_call, []).append(candidate)
            return None
        whose = number, candidate.lead.party, client_of(run.name), run.campaign.purpose.value
        if any(block.forbids(*whose) for block in self._state.owed.values()):
            # The register, once it knows, is asked again; until then it would permit the call.
            run.refused[Refusal.DNC.value] += 1
            again_at = now + ASK_AGAIN_S
            updates.append(lead_update(run, candidate, READY, again_at, position, Refusal.DNC.value))
            return None
        return self._commit(run, candidate, position, permitted, route, now, agent_id)

    def _choose(
        self, run: CampaignRun, candidate: Candidate, now: float
    ) -> tuple[int, Route, Permitted] | LeadUpdate | None:
        """The first of the lead's numbers, from its position on, that may be dialed; else its new place. None: the
        lead waits where it is, for a line or for what holds up the whole campaign."""
        position = candidate.phone_position
        verdict = self._ask(run, candidate, position, now)
        if isinstance(verdict, tuple):
            return position, *verdict
        refusal = verdict
        dead = dead_positions(run, candidate)
        met: dict[int, Refusal] = {}
        while _lasting(refusal) and position + 1 < len(candidate.lead.phones):
            met[position] = refusal.reason
            position += 1
            if position in dead:
                continue
            verdict = self._ask(run, candidate, position, now)
            if isinstance(verdict, tuple):
                return position, *verdict
            refusal = verdict
        if refusal is None:
            return None
        reason = refusal.reason.value
        if refusal.reason in HOLDS_ALL and run.selector.holds_for_all(now):
            if run.held_up is None:
                run.refused[reason] += 1
            run.held_up = refusal
            return None
        run.refused[reason] += 1
        nowhere = refusal.reason is Refusal.DESTINATION and self._state.tolls.walls.house is None
        outdated_here = refusal.reason is Refusal.RULE_EXPIRED and isinstance(run.rules, RuleChoice)
        if (refusal.reason in OF_THE_CAMPAIGN and not outdated_here) or nowhere:
            self._closing.stop(run, "refused", refusal.detail)
            return lead_update(run, candidate, READY, now, candidate.phone_position, reason)
        if _lasting(refusal):
            return self._round_again(run, candidate, refusal.reason, met, now)
        if refusal.until is None and refusal.reason is Refusal.LEAD_LIMIT:
            return lead_update(run, candidate, FINAL, now, position, reason)
        until = now + ASK_AGAIN_S if refusal.until is None else refusal.until
        return lead_update(run, candidate, READY, until, position, reason)

    def _round_again(
        self, run: CampaignRun, candidate: Candidate, reason: Refusal, met: Mapping[int, Refusal], now: float
    ) -> LeadUpdate:
        """Neither the lead's number nor those after it may ever be dialed, the last of them for this reason, the
        others for what they have `met`: back to those before the lead's, when the schedule has them tried again;
        final when there are none, unless settings or a consent may change that for any of them."""
        refusals = dict(met)
        for position in range(candidate.phone_position):
            verdict = self._ask(run, candidate, position, now)
            if isinstance(verdict, Refused) and _lasting(verdict):
                refusals[position] = verdict.reason
        dead = dead_positions(run, candidate)
        again = earlier_number(
            run.campaign,
            candidate.history,
            candidate.tries,
            candidate.phone_position,
            len(candidate.lead.phones),
            {*range(candidate.phone_position, len(candidate.lead.phones)), *refusals, *dead},
            now,
        )
        if again is not None:
            position, due_at = again
            # A retry that is scheduled for later is no lead that waits for a consent: none brings it forward.
            why = last_result(candidate, run.name) if due_at > now else reason.value
            return lead_update(run, candidate, READY, due_at, position, why)
        lifted = [reason, *(of for position, of in refusals.items() if position not in dead)]
        if Refusal.CONSENT in lifted:
            reason = Refusal.CONSENT  # by which the lead is found when a consent is put on record
        elif reason not in OF_THE_SETTINGS:
            reason = next((of for of in lifted if of in OF_THE_SETTINGS), reason)
        if reason in OF_THE_SETTINGS:
            again_at = now + SETTINGS_AGAIN_S
            return lead_update(run, candidate, READY, again_at, candidate.phone_position, reason.value)
        return lead_update(run, candidate, FINAL, now, candidate.phone_position, reason.value)

    def _ask(
        self, run: CampaignRun, candidate: Candidate, position: int, now: float
    ) -> tuple[Route, Permitted] | Refused | None:
        """May this number be dialed now, and which way? What lasts is answered before what a line may mend. None:
        it may, once a line is free."""
        line = self._lines.propose(run, candidate, position, now)
        route = line if isinstance(line, Route) else run.selector.usual(candidate.lead.phones[position])
        verdict = eligibility.decide(
            self._proposed(run, candidate, position, route, now),
            now,
            dnc_version=candidate.dnc_version,
            consent_version=candidate.consent_version,
            expected_cost_micro=route.expected_cost_micro,
            reach_s=run.reach_s,
        )
        if isinstance(verdict, Refused):
            return verdict
        return (line, verdict) if isinstance(line, Route) else line

    def _proposed(
        self, run: CampaignRun, candidate: Candidate, position: int, route: Route, now: float
    ) -> Proposed:
        return Proposed(
            run.campaign,
            run.rules_for(candidate, position, now),
            candidate.lead,
            candidate.lead.phones[position],
            route.trunk,
            route.caller_id,
            self._state.tolls.walls,
            history=candidate.history,
            lead_attempts=candidate.charged_attempts,
            blocked=candidate.dnc,
            elsewhere=candidate.elsewhere,
            callback=candidate.callback,
            consents=candidate.consents,
        )

    def _commit(
        self,
        run: CampaignRun,
        candidate: Candidate,
        position: int,
        permitted: Permitted,
        route: Route,
        now: float,
        agent_id: str | None,
    ) -> Call:
        state = self._state
        attempt_id = state.next_attempt_id
        state.next_attempt_id += 1
        intent = AttemptIntent(
            attempt_id=attempt_id,
            campaign=run.name,
            lead_id=candidate.lead.lead_id,
            number=candidate.lead.phones[position].e164,
            trunk=route.trunk,
            caller_id=route.caller_id,
            call_id=state.call_id_of(attempt_id),
            attempt_no=candidate.attempts + 1,
            created_at=now,
            permitted=permitted,
            person=candidate.lead.person,
            debt=candidate.lead.debt,
            purpose=run.campaign.purpose.value,
            alone=True,
        )
        if position != candidate.phone_position:
            candidate = replace(candidate, phone_position=position)
        call = Call(intent, candidate, run.campaign)
        run.foretelling.launched(call, now)
        self._lines.take(run, route, now)
        state.in_call.update((intent.number, candidate.lead.party))
        run.calls[attempt_id] = state.calls[attempt_id] = call
        call.reserved_agent = agent_id
        if agent_id is None:  # of no concern to the pacer: nobody else is needed for it
            run.ringing[attempt_id] = now
        state.out.append(SaveAttempt(intent))
        return call


def _lasting(refusal: Refused | None) -> TypeGuard[Refused]:
    """Refuses this number for good, while the lead may have others."""
    return refusal is not None and refusal.reason in OF_THE_NUMBER and refusal.until is None
