"""Caps and cool-offs: how many attempts there may be in a period, and what has been used of them."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.cap import Cap, Cooloff, Scope
from campaigns.outcome import Counts
from campaigns.permission.past import PastAttempt
from campaigns.permission.periods import began_at, over_at
from campaigns.permission.promised import asked_until, promised_on
from campaigns.permission.proposed import Proposed
from campaigns.permission.terms import Terms
from campaigns.refusal import Refusal
from lists.lead import Lead
from lists.value import value

_EXPIRY_S = 0.001  # a cap counts attempts up to `period` ago, that moment included: free again just after it


@value
class CapCheck:
    """A cap to be checked again inside the transaction that inserts the attempt: fewer than `limit` attempts of
    those that `counts` on `number` since `since` (seconds UTC, inclusive), over all campaigns or (`campaign`
    given) one. `lead_id` or `whom` given, ("person" or "debt", key): on that instead of on the number. `purpose`:
    only attempts for it, or for nobody knows what; "" for any."""

    name: str
    limit: int
    since: float
    number: str | None = None
    lead_id: int | None = None
    campaign: str | None = None
    counts: Counts = Counts.PLACED
    whom: tuple[str, str] | None = None
    purpose: str = ""

    @property
    def refusal(self) -> Refusal:
        """As eligibility names it."""
        if self.campaign is not None:
            return Refusal.NUMBER_LIMIT if self.lead_id is None else Refusal.LEAD_LIMIT
        return Refusal.COOLOFF if self.counts.from_its_end else Refusal.CAP


@value
class Reached:
    """A cap or cool-off that forbids the call until `free_at` (seconds UTC)."""

    reason: Refusal
    detail: str
    free_at: float


Counter = tuple[str, int, int]
"""Name of the cap, used before this attempt, limit."""


@value
class CapsFound:
    """The caps for the writer, the counters for the evidence, and of the caps that are reached the one that is
    free again last. `for_promise`: a limit of the campaign's own, or a cool-off, made way for a promised call;
    `asked_until`: because the person has asked for it, which holds until then (seconds UTC); None: not so."""

    checks: tuple[CapCheck, ...]
    counters: tuple[Counter, ...]
    over: Reached | None
    for_promise: bool = False
    asked_until: float | None = None


def check_caps(proposed: Proposed, terms: Terms, used: int, now: float) -> CapsFound:
    """How it stands with caps and cool-offs. `used`: as `proposed.used`. A promised call is made though the
    campaign's own limits are used up, and though a cool-off is not over that a law lifts for who has asked to be
    called."""
    campaign, lead = proposed.campaign, proposed.lead
    limits, lead_attempts = campaign.limits, proposed.lead_attempts
    e164, name, zones = proposed.number.e164, campaign.name, proposed.number.zones
    seen = bool(proposed.history or proposed.elsewhere)
    promise = None if proposed.callback is None else promised_on(proposed)
    for_promise = False
    asked: float | None = None
    checks: list[CapCheck] = []
    counters: list[Counter] = []
    if promise is None or lead_attempts < limits.per_lead:
        checks.append(CapCheck("per_lead", limits.per_lead, 0.0, None, lead.lead_id, name, Counts.CHARGED))
        counters.append(("per_lead", lead_attempts, limits.per_lead))
    else:
        for_promise = True
    if promise is None or used < limits.per_number:
        checks.append(CapCheck("per_number", limits.per_number, 0.0, e164, None, name, Counts.CHARGED))
        counters.append(("per_number", used, limits.per_number))
    else:
        for_promise = True
    over: Reached | None = None
    for cap in terms.caps:
        counts = cap.counts
        since = now - cap.period_s if cap.calendar is None else began_at(cap.calendar, zones, now)
        purpose = campaign.purpose.value if cap.same_purpose else ""
        wanted = _checks(cap.scope, lead, cap.name, cap.limit, since, counts, purpose, e164)
        if not seen:
            checks += wanted
            counters.append((cap.name, 0, cap.limit))
            continue
        counted = [
            past.at
            for past in _concerned(cap.scope, proposed)
            if past.at >= since
            and counts.counts(past.stage, charged=past.charged)
            and (not purpose or past.purpose in {"", purpose})
        ]
        if promise is not None and len(counted) >= cap.limit and counts is Counts.CHARGED:  # the campaign's own
            for_promise = True
            continue
        checks += wanted
        counters.append((cap.name, len(counted), cap.limit))
        if len(counted) >= cap.limit:
            counted.sort()
            over = _later(over, wanted[-1], len(counted), _free_at(cap, zones, counted[-cap.limit]))
    for cooloff in terms.cooloffs:
        counts = cooloff.after.counts
        since = now - cooloff.period_s if cooloff.calendar is None else began_at(cooloff.calendar, zones, now)
        purpose = campaign.purpose.value if cooloff.same_purpose else ""
        ended = [
            (past.at, end)
            for past in _concerned(cooloff.scope, proposed)
            if (end := past.at if past.ended_at is None else past.ended_at) >= since
            and counts.counts(past.stage, charged=past.charged, contact=past.contact)
            and (not purpose or past.purpose in {"", purpose})
        ]
        if (
            ended
            and promise is not None
            and now - promise.made_at < cooloff.unless_asked_s
            and max(at for at, _ in ended) <= promise.made_at
            and asked_until(proposed, now) is not None
        ):
            for_promise = True
            asked = min(promise.made_at + cooloff.unless_asked_s, float("inf") if asked is None else asked)
            since = max(end for _, end in ended) + _EXPIRY_S
            ended = []
        wanted = _checks(cooloff.scope, lead, cooloff.name, 1, since, counts, purpose, e164)
        checks += wanted
        counters.append((cooloff.name, len(ended), 1))
        if ended:
            latest = max(end for _, end in ended)
            over = _later(over, wanted[-1], len(ended), _free_at(cooloff, zones, latest))
    return CapsFound(tuple(checks), tuple(counters), over, for_promise, asked)


def _checks(
    scope: Scope, lead: Lead, name: str, limit: int, since: float, counts: Counts, purpose: str, e164: str
) -> tuple[CapCheck, ...]:
    """What the writer finds out again of a rule of this scope. Where it is about a person and has nobody but the
    lead to go by, whoever else has the number may be the same person, and a call that another campaign has placed
    there meanwhile binds the writer too."""
    if scope is Scope.NUMBER:
        return (CapCheck(name, limit, since, e164, None, None, counts, None, purpose),)
    if scope is Scope.DEBT and lead.debt_id:
        return (CapCheck(name, limit, since, None, None, None, counts, ("debt", lead.debt), purpose),)
    if scope is not Scope.LEAD and lead.person_key:
        return (CapCheck(name, limit, since, None, None, None, counts, ("person", lead.person), purpose),)
    on_lead = CapCheck(name, limit, since, None, lead.lead_id, None, counts, None, purpose)
    if scope is Scope.LEAD:
        return (on_lead,)
    return CapCheck(name, limit, since, e164, None, None, counts, None, purpose), on_lead


def _concerned(scope: Scope, proposed: Proposed) -> Sequence[PastAttempt]:
    """The attempts that the scope is about, and where that is not known those that it may be about: stricter than
    the writer, never laxer. A number that two leads share counts for both of them."""
    lead, history = proposed.lead, proposed.history
    if scope is Scope.NUMBER:
        e164 = proposed.number.e164
        return [past for past in history if past.number == e164]
    if scope is Scope.LEAD or not (lead.person_key or (scope is Scope.DEBT and lead.debt_id)):
        return history
    person, debt = lead.person, lead.debt if scope is Scope.DEBT else ""
    return [
        past
        for past in (*history, *proposed.elsewhere)
        if (past.debt == debt if debt and past.debt else past.person in {"", person})
    ]


def _free_at(rule: Cap | Cooloff, zones: tuple[str, ...], at: float) -> float:
    """When an attempt of `at` counts no longer."""
    return at + rule.period_s + _EXPIRY_S if rule.calendar is None else over_at(rule.calendar, zones, at)


def _later(over: Reached | None, check: CapCheck, used: int, free_at: float) -> Reached:
    if over is not None and free_at <= over.free_at:
        return over
    # Never more than the limit: how often else a number was called may be another client's business.
    return Reached(check.refusal, f"{check.name}: {min(used, check.limit)} of {check.limit} used", free_at)
