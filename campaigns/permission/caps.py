"""Caps: how many attempts there may be in a period, and what has been used of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from campaigns.campaign import Campaign
from campaigns.cap import Cap, Scope
from campaigns.compliance import RuleSet
from campaigns.outcome import Counts
from campaigns.permission.past import PastAttempt
from campaigns.permission.periods import began_at, over_at
from lists.lead import Lead, PhoneNumber
from lists.value import value

_DAY_S = 86_400.0
_EXPIRY_S = 0.001  # a cap counts attempts up to `period` ago, that moment included: free again just after it


@value
class CapCheck:
    """A cap to be checked again inside the transaction that inserts the attempt: fewer than `limit` attempts of
    those that `counts` on `number` since `since` (seconds UTC, inclusive), over all campaigns or (`campaign`
    given) one. `lead_id` given: on that lead instead of on the number."""

    name: str
    limit: int
    since: float
    number: str | None = None
    lead_id: int | None = None
    campaign: str | None = None
    counts: Counts = Counts.PLACED


def check_caps(
    campaign: Campaign,
    rule_set: RuleSet,
    lead: Lead,
    number: PhoneNumber,
    history: Sequence[PastAttempt],
    lead_attempts: int,
    used: int,
    now: float,
) -> tuple[tuple[CapCheck, ...], tuple[tuple[str, int, int], ...], tuple[str, float] | None]:
    """The caps for the writer, the counters for the evidence, and of the caps that are reached the one that
    is free again last, with that moment."""
    limits = campaign.limits
    e164, name = number.e164, campaign.name
    checks = [
        CapCheck("per_lead", limits.per_lead, 0.0, None, lead.lead_id, name, Counts.CHARGED),
        CapCheck("per_number", limits.per_number, 0.0, e164, None, name, Counts.CHARGED),
    ]
    counters = [
        ("per_lead", lead_attempts, limits.per_lead),
        ("per_number", used, limits.per_number),
    ]
    over: tuple[str, float] | None = None
    for cap in (_day_cap(limits.per_number_day), *rule_set.caps):
        since = now - cap.period_s if cap.calendar is None else began_at(cap.calendar, number.zones, now)
        if cap.scope is Scope.NUMBER:
            check = CapCheck(cap.name, cap.limit, since, e164, counts=cap.counts)
            counted = [
                past.at
                for past in history
                if past.at >= since and past.number == e164 and _counts(cap, past)
            ]  # fmt: skip
        else:
            # A number that two leads share counts here for both: stricter than the writer, never laxer.
            check = CapCheck(cap.name, cap.limit, since, lead_id=lead.lead_id, counts=cap.counts)
            counted = [past.at for past in history if past.at >= since and _counts(cap, past)]
        checks.append(check)
        counters.append((cap.name, len(counted), cap.limit))
        if len(counted) >= cap.limit:
            counted.sort()
            free_at = _free_at(cap, number.zones, counted[-cap.limit])
            if over is None or free_at > over[1]:
                over = (cap.name, free_at)
    return tuple(checks), tuple(counters), over


@lru_cache(maxsize=256)
def _day_cap(limit: int) -> Cap:
    return Cap("per_number_day", limit, _DAY_S, counts=Counts.CHARGED)


def _free_at(cap: Cap, zones: tuple[str, ...], at: float) -> float:
    """When an attempt of `at` counts no longer."""
    return at + cap.period_s + _EXPIRY_S if cap.calendar is None else over_at(cap.calendar, zones, at)


def _counts(cap: Cap, past: PastAttempt) -> bool:
    return cap.counts.counts(past.stage, charged=past.charged)


def counter_text(counters: tuple[tuple[str, int, int], ...], name: str) -> str:
    """`2 of 3 used` of one of the counters that `check_caps` answered."""
    return next(f"{used} of {limit} used" for counter, used, limit in counters if counter == name)
