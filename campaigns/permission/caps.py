"""Caps and cool-offs: how many attempts there may be in a period, and what has been used of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from campaigns.amd import AmdPolicy
from campaigns.campaign import Campaign, Mode
from campaigns.cap import After, Cap, Cooloff, Scope
from campaigns.compliance import RuleSet
from campaigns.outcome import Counts
from campaigns.permission.past import PastAttempt
from campaigns.permission.periods import began_at, over_at
from campaigns.refusal import Refusal
from lists.lead import Lead, PhoneNumber
from lists.value import value

_DAY_S = 86_400.0
_EXPIRY_S = 0.001  # a cap counts attempts up to `period` ago, that moment included: free again just after it


@value
class CapCheck:
    """A cap to be checked again inside the transaction that inserts the attempt: fewer than `limit` attempts of
    those that `counts` on `number` since `since` (seconds UTC, inclusive), over all campaigns or (`campaign`
    given) one. `lead_id`, `person` or `debt` given: on that instead of on the number. `purpose`: only attempts for
    it, or for nobody knows what; "" for any."""

    name: str
    limit: int
    since: float
    number: str | None = None
    lead_id: int | None = None
    campaign: str | None = None
    counts: Counts = Counts.PLACED
    person: str | None = None
    debt: str | None = None
    purpose: str = ""

    @property
    def refusal(self) -> Refusal:
        """As eligibility names it."""
        if self.counts is Counts.OPEN:
            return Refusal.IN_CALL
        if self.campaign is not None:
            return Refusal.NUMBER_LIMIT if self.lead_id is None else Refusal.LEAD_LIMIT
        return Refusal.COOLOFF if self.counts.from_its_end else Refusal.CAP

    def counts_past(self, past: PastAttempt) -> bool:
        """Whether it is an attempt of those that are counted, whenever it was."""
        return self.counts.counts(past.stage, charged=past.charged, contact=past.contact) and (
            not self.purpose or past.purpose in {"", self.purpose}
        )


@value
class Reached:
    """A cap or cool-off that forbids the call until `free_at` (seconds UTC)."""

    reason: Refusal
    detail: str
    free_at: float


Counter = tuple[str, int, int]
"""Name of the cap, used before this attempt, limit."""


def check_caps(
    campaign: Campaign,
    rule_set: RuleSet,
    lead: Lead,
    number: PhoneNumber,
    history: Sequence[PastAttempt],
    elsewhere: Sequence[PastAttempt],
    lead_attempts: int,
    used: int,
    now: float,
) -> tuple[tuple[CapCheck, ...], tuple[Counter, ...], Reached | None]:
    """The caps for the writer, the counters for the evidence, and of the caps that are reached the one that
    is free again last. `history`, `elsewhere`: see `eligibility.decide`."""
    limits = campaign.limits
    name, zones = campaign.name, number.zones
    whom = _Whom(lead, number.e164, history, elsewhere)
    checks = [
        whom.check(Scope.NUMBER, "open", 1, 0.0, Counts.OPEN),
        whom.check(Scope.PERSON, "open", 1, 0.0, Counts.OPEN),
        CapCheck("per_lead", limits.per_lead, 0.0, None, lead.lead_id, name, Counts.CHARGED),
        CapCheck("per_number", limits.per_number, 0.0, number.e164, None, name, Counts.CHARGED),
    ]
    counters = [
        ("per_lead", lead_attempts, limits.per_lead),
        ("per_number", used, limits.per_number),
    ]
    over: Reached | None = None
    for cap in (_day_cap(limits.per_number_day), *rule_set.caps):
        since = now - cap.period_s if cap.calendar is None else began_at(cap.calendar, zones, now)
        purpose = campaign.purpose.value if cap.same_purpose else ""
        check = whom.check(cap.scope, cap.name, cap.limit, since, cap.counts, purpose)
        counted = [past.at for past in whom.attempts(cap.scope) if past.at >= since and check.counts_past(past)]
        checks.append(check)
        counters.append((cap.name, len(counted), cap.limit))
        if len(counted) >= cap.limit:
            counted.sort()
            over = _later(over, check, len(counted), _free_at(cap, zones, counted[-cap.limit]))
    for cooloff in rule_set.cooloffs:
        if not _binds(cooloff, campaign):
            continue
        since = now - cooloff.period_s if cooloff.calendar is None else began_at(cooloff.calendar, zones, now)
        purpose = campaign.purpose.value if cooloff.same_purpose else ""
        check = whom.check(cooloff.scope, cooloff.name, 1, since, cooloff.after.counts, purpose)
        ended = [
            end
            for past in whom.attempts(cooloff.scope)
            if (end := past.at if past.ended_at is None else past.ended_at) >= since and check.counts_past(past)
        ]
        checks.append(check)
        counters.append((cooloff.name, len(ended), 1))
        if ended:
            over = _later(over, check, len(ended), _free_at(cooloff, zones, max(ended)))
    return tuple(checks), tuple(counters), over


class _Whom:
    """On whom is counted, and what is known of them."""

    def __init__(
        self, lead: Lead, e164: str, history: Sequence[PastAttempt], elsewhere: Sequence[PastAttempt]
    ) -> None:
        self._lead = lead
        self._e164 = e164
        self._history = history
        self._elsewhere = elsewhere
        self._of_number: Sequence[PastAttempt] | None = None

    def check(
        self, scope: Scope, name: str, limit: int, since: float, counts: Counts, purpose: str = ""
    ) -> CapCheck:
        lead = self._lead
        if scope is Scope.NUMBER:
            return CapCheck(name, limit, since, self._e164, None, None, counts, purpose=purpose)
        if scope is Scope.DEBT and lead.debt_id:
            return CapCheck(name, limit, since, counts=counts, debt=lead.debt, purpose=purpose)
        if scope is not Scope.LEAD and lead.person_key:
            return CapCheck(name, limit, since, counts=counts, person=lead.person, purpose=purpose)
        return CapCheck(name, limit, since, None, lead.lead_id, None, counts, purpose=purpose)

    def attempts(self, scope: Scope) -> Sequence[PastAttempt]:
        """Those that the scope is about, and where that is not known those that it may be about: stricter than the
        writer, never laxer. A number that two leads share counts for both of them."""
        lead = self._lead
        if scope is Scope.NUMBER:
            if self._of_number is None:
                e164 = self._e164
                self._of_number = [past for past in self._history if past.number == e164]
            return self._of_number
        if scope is Scope.LEAD or not (lead.person_key or (scope is Scope.DEBT and lead.debt_id)):
            return self._history
        person, debt = lead.person, lead.debt if scope is Scope.DEBT else ""
        return [
            past
            for past in (*self._history, *self._elsewhere)
            if (past.debt == debt if debt and past.debt else past.person in {"", person})
        ]


def _binds(cooloff: Cooloff, campaign: Campaign) -> bool:
    if cooloff.after is After.MACHINE and campaign.amd.policy is AmdPolicy.OFF:
        return False
    return not (cooloff.unless_agent_waits and campaign.pacing.mode is Mode.PREVIEW)


def _free_at(rule: Cap | Cooloff, zones: tuple[str, ...], at: float) -> float:
    """When an attempt of `at` counts no longer."""
    return at + rule.period_s + _EXPIRY_S if rule.calendar is None else over_at(rule.calendar, zones, at)


def _later(over: Reached | None, check: CapCheck, used: int, free_at: float) -> Reached:
    if over is not None and free_at <= over.free_at:
        return over
    return Reached(check.refusal, f"{check.name}: {used} of {check.limit} used", free_at)


@lru_cache(maxsize=256)
def _day_cap(limit: int) -> Cap:
    return Cap("per_number_day", limit, _DAY_S, counts=Counts.CHARGED)
