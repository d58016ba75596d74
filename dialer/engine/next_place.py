"""Where a lead goes after an attempt or a refusal: when it is due and at which of its numbers, or nowhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from campaigns import retry
from campaigns.applicable import places_of
from campaigns.campaign import Campaign
from campaigns.daypart_choice import Openings, another_daypart, draw
from campaigns.eligibility import hours_of
from campaigns.outcome import NOT_PLACED, TECHNICAL, Outcome
from campaigns.permission.lasting import NEVER_DIALED
from campaigns.permission.past import PastAttempt
from campaigns.zone_group import finest_of
from campaigns.zone_offsets import unknown_zones
from dialer.calls.call import Call
from dialer.engine.lines import goes_on_elsewhere
from dialer.engine.state import CampaignRun
from dialer.ports.store import DROPPED, FINAL, KEPT, READY, CallbackEnd, Candidate, LeadUpdate, charged_of
from lists.lead import PhoneNumber

OPTED_OUT = "opted_out"
"""Why a lead is final whose person pressed the key for no more calls."""

REFUSED_BEFORE = "refused_before"
"""Why a lead is final that had refused softly, and was called once more."""


def next_place(run: CampaignRun, call: Call, outcome: Outcome, now: float) -> LeadUpdate:
    """The lead's place after this attempt on it came to `outcome`, and to a disposition where an agent had it."""
    candidate, campaign = call.candidate, run.campaign
    phones = candidate.lead.phones
    attempts = candidate.attempts + (call.dialed_at is not None)
    said = call.disposition
    key = outcome.value if said is None else said.code
    # Given up before it was tried. One that could not be placed has to wait: the fault may still be there.
    unharmed = outcome in NOT_PLACED and call.ended_at is None
    tries = candidate.tries if unharmed else counted_up(candidate.tries, key)
    # A no of today may be asked about once more, and the call that asks is the last one, whatever comes of it.
    soft = {one.code for one in campaign.dispositions if one.soft_refusal}
    refused_before = any(name in soft for name, _ in candidate.tries)
    state, due_at, position, reason = READY, now, candidate.phone_position, key
    if unharmed:
        due_at = now
    elif call.opted_out_at is not None:
        state, reason = FINAL, OPTED_OUT
    elif said is not None and (said.dnc or (said.final and not said.soft_refusal)):
        state = FINAL
    elif refused_before and key not in TECHNICAL and call.callback is None:
        state, reason = FINAL, key if key in soft else REFUSED_BEFORE
    elif call.callback is not None:
        due_at = max(now, call.callback.due_at)  # however many attempts there were: what is promised is owed
    elif charged_of(attempts, tries) >= campaign.limits.per_lead and not _still_owed(candidate, key):
        state, reason = FINAL, "lead_limit"
    elif goes_on_elsewhere(run, call, now):
        due_at = now
    else:
        latest = PastAttempt(
            call.intent.number, campaign.name, now, outcome.value, None if said is None else key, call.intent.trunk
        )
        dead = dead_positions(run, candidate, latest)
        if said is not None and said.wrong_number:
            dead |= {position}  # even if the campaign no longer has the code
        drawn = draw(campaign.name, candidate.lead.lead_id, attempts)
        following = retry.next_attempt(
            campaign.retry,
            key=key,
            tries=tries,
            phone_position=position,
            phone_count=len(phones),
            now=now,
            dead=dead,
            other_daypart=partial(_other_daypart, run, call, drawn),
            drawn=drawn,
        )
        if isinstance(following, retry.Retry):
            due_at, position = following.at, following.phone_position
        else:
            state = FINAL
    promised, ended = candidate.callback, []
    if promised is not None and not unharmed and not _still_owed(candidate, key):
        ended.append(CallbackEnd(promised.promised_in, KEPT, key, now, call.attempt_id, call.dialed_at))
        promised = None
    promised = call.callback or promised
    if promised is not None and state == FINAL:
        ended.append(CallbackEnd(promised.promised_in, DROPPED, reason, now))
        promised = None
    return LeadUpdate(
        campaign=campaign.name,
        lead_id=candidate.lead.lead_id,
        state=state,
        due_at=due_at,
        phone_position=position,
        zone_group=finest_of(candidate.lead, phones[position]),
        attempts=attempts,
        tries=tries,
        reason=reason,
        callback=promised,
        ended=tuple(ended),
    )


def _still_owed(candidate: Candidate, key: str) -> bool:
    """Whether the call was to keep a promise, and could not because of the route."""
    return candidate.callback is not None and key in TECHNICAL


def _other_daypart(
    run: CampaignRun, call: Call, drawn: float, position: int, since: float, within_s: float
) -> float | None:
    """See `retry.OtherDaypart`."""
    tried = [past.at for past in call.candidate.history if past.charged]
    if call.dialed_at is not None:
        tried.append(call.dialed_at)
    lead = call.candidate.lead
    number = lead.phones[position]
    laws = run.rules_for(call.candidate, position, since).hours
    openings = Openings(
        hours=hours_of(run.campaign, laws, places_of(lead, number), lead.list_name),
        zones=number.zones,
        reach_s=run.reach_s,
        dayparts=run.campaign.dayparts,
        tried=tuple(tried),
    )
    return another_daypart(openings, since, within_s, drawn)


def lead_update(
    run: CampaignRun, candidate: Candidate, state: str, due_at: float, position: int, reason: str
) -> LeadUpdate:
    """A lead's place after something that was not an attempt. What it was promised stays so, unless it is
    final."""
    callback, over = candidate.callback, state == FINAL
    return LeadUpdate(
        campaign=run.name,
        lead_id=candidate.lead.lead_id,
        state=state,
        due_at=due_at,
        phone_position=position,
        zone_group=finest_of(candidate.lead, candidate.lead.phones[position]),
        attempts=candidate.attempts,
        tries=candidate.tries,
        reason=reason,
        callback=None if over else callback,
        ended=(CallbackEnd(callback.promised_in, DROPPED, reason, due_at),)
        if over and callback is not None
        else (),
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
        dead |= retry.dead_positions(numbers, history)
    return frozenset(dead)


def _never_dialed(run: CampaignRun, candidate: Candidate, phone: PhoneNumber) -> bool:
    return (
        phone.e164 in candidate.dnc
        or phone.kind in NEVER_DIALED
        or not phone.zones
        or not run.rules.covers(phone.region)
        or bool(unknown_zones(phone.zones))
        or run.hopper.never_opens(run.grouping.group_of(candidate.lead, phone))
    )


def earlier_number(
    campaign: Campaign,
    history: Sequence[PastAttempt],
    tries: tuple[tuple[str, int], ...],
    position: int,
    phone_count: int,
    barred: Collection[int],
    now: float,
) -> tuple[int, float] | None:
    """Neither the number at `position` nor those after it may ever be dialed: which one before it comes next, of
    those that are not `barred`, and when the schedule has it tried again. None: none does."""
    left = [earlier for earlier in range(position) if earlier not in barred]
    last = next((past for past in reversed(history) if past.campaign == campaign.name), None)
    if not left:
        return None
    if last is None:
        return left[0], now
    following = retry.next_attempt(
        campaign.retry,
        key=last.disposition or last.outcome,
        tries=tries,
        phone_position=position,
        phone_count=phone_count,
        now=last.at,
        dead=barred,
    )
    if isinstance(following, retry.Retry) and following.phone_position in left:
        return following.phone_position, max(now, following.at)
    return None


def last_result(candidate: Candidate, campaign: str) -> str:
    """What the campaign's last attempt on the lead came to, "" for none."""
    last = next((past for past in reversed(candidate.history) if past.campaign == campaign), None)
    return "" if last is None else last.disposition or last.outcome


def counted_up(tries: tuple[tuple[str, int], ...], key: str) -> tuple[tuple[str, int], ...]:
    """`tries` with one more of `key`, in the order in which the keys first came up."""
    if any(name == key for name, _ in tries):
        return tuple((name, count + (name == key)) for name, count in tries)
    return (*tries, (key, 1))
