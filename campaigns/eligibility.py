"""May this number be dialed now? Asked at take-up and again at dial time, for the whole tuple."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import lru_cache

from campaigns.campaign import Campaign, Delivery
from campaigns.compliance import Cap, RuleSet
from campaigns.outcome import FINAL, Counts, Stage
from campaigns.refusal import Refusal, Refused
from campaigns.spoken import SIMULATED_ONLY
from campaigns.walls import Walls
from campaigns.window import (
    HORIZON_S,
    ZONE_DATA,
    WeeklyHours,
    closes_at,
    intersect,
    is_open,
    next_open,
    unknown_zones,
    utc_offset,
)
from lists.client import client_of
from lists.lead import Lead, NumberKind, PhoneNumber, ZoneSource
from lists.value import value


@value
class PastAttempt:
    """What is to be known of an earlier attempt, of whatever campaign. `at`: dialed, seconds UTC.
    `disposition`: what an agent said of it. `trunk`: over which it went. `stage`, `charged`: as in its record.

    An attempt whose end was not seen is in here too, and counts as if it had been answered."""

    number: str
    campaign: str
    at: float
    outcome: str
    disposition: str | None = None
    trunk: str = ""
    stage: str = Stage.ANSWERED.value
    charged: bool = True


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


@value
class ZoneEvidence:
    """One candidate zone at the moment of the permit: its UTC offset in seconds, its local time (ISO 8601)."""

    zone: str
    utc_offset_s: int
    local_time: str


@value
class Evidence:
    """Everything that made the permit, kept with the attempt so that an audit can derive it again."""

    at: float
    lead_id: int
    number: str
    region: str
    kind: str
    trunk: str
    caller_id: str
    campaign: str
    campaign_hash: str
    rule_set: str
    rule_set_hash: str
    zones: tuple[ZoneEvidence, ...]
    zone_source: str
    zone_data: str  # "pytz 2026.6"
    window_closes_at: float
    counters: tuple[tuple[str, int, int], ...]  # (cap, used before this attempt, limit)
    dnc_version: int
    walls: str = ""  # hash of what was allowed to be dialed (`campaigns.walls`)
    expected_cost_micro: int | None = None  # millionths of the unit of `currency`; None: no rate is known
    currency: str = ""


@value
class Permitted:
    """Yes, until `valid_until` (seconds UTC): after it, ask again. `caps` bind the inserting transaction."""

    evidence: Evidence
    valid_until: float
    caps: tuple[CapCheck, ...]


NEVER_DIALED = frozenset(
    {NumberKind.PREMIUM, NumberKind.SHARED_COST, NumberKind.PERSONAL, NumberKind.PAGER, NumberKind.VOICEMAIL}
)
"""Kinds that cost the person called, or us, extra, or that no person answers."""

SETUP_ALLOWANCE_S = 12.0
"""Seconds from the decision to the phone ringing: commit, call set-up, post-dial delay. Part of the reach; a call
that does not ring by then is given up."""

MAX_VALIDITY_S = 60.0
"""Longest a permit stands before it is asked for again."""

_DAY_S = 86_400.0
_EXPIRY_S = 0.001  # a cap counts attempts up to `period` ago, that moment included: free again just after it


def reach_of(campaign: Campaign) -> float:
    """Seconds from the decision to the last moment at which the phone may still ring."""
    return campaign.ring_timeout_s + SETUP_ALLOWANCE_S


def decide(
    *,
    campaign: Campaign,
    rule_set: RuleSet,
    lead: Lead,
    number: PhoneNumber,
    trunk: str,
    caller_id: str,
    history: Sequence[PastAttempt],
    lead_attempts: int,
    blocked: Collection[str],
    dnc_version: int,
    now: float,
    walls: Walls,
    expected_cost_micro: int | None = None,
    reach_s: float | None = None,
) -> Permitted | Refused:
    """May `number` of `lead` be dialed over `trunk`, showing `caller_id`, at `now` (seconds UTC)?

    `history`: counted attempts on any of the lead's numbers, of all campaigns as far back as the longest cap
    and all of this campaign's. `lead_attempts`: charged attempts of this campaign on the lead. `blocked`:
    numbers on a do-not-call register, as of `dnc_version`. `walls`: what may be dialed at all.
    `expected_cost_micro`: kept as evidence. `reach_s`: seconds after `now` during which the
    phone may ring (`reach_of` by default): all of it must lie inside the window.

    What time does not mend is answered first; `Refused.until` is the first moment at which, as things stand,
    the answer would be yes (to the millisecond, looked for over 14 days).
    """
    reach = reach_of(campaign) if reach_s is None else reach_s
    walled = _Walled(walls, trunk, caller_id)
    grounds = _judge(campaign, rule_set, lead, number, walled, history, lead_attempts, blocked, now, reach)
    if isinstance(grounds, Refused):
        return grounds
    closes, caps, counters = grounds
    evidence = Evidence(
        at=now,
        lead_id=lead.lead_id,
        number=number.e164,
        region=number.region,
        kind=_KINDS[number.kind],
        trunk=trunk,
        caller_id=caller_id,
        campaign=campaign.name,
        campaign_hash=campaign.source_hash,
        rule_set=rule_set.name,
        rule_set_hash=rule_set.hash,
        zones=_zone_evidence(number.zones, int(now)),
        zone_source=_SOURCES[number.zone_source],
        zone_data=ZONE_DATA,
        window_closes_at=closes,
        counters=counters,
        dnc_version=dnc_version,
        walls=walls.hash,
        expected_cost_micro=expected_cost_micro,
        currency="" if expected_cost_micro is None else walls.currency,
    )
    return Permitted(evidence, min(closes - reach, now + MAX_VALIDITY_S), caps)


def refusal(
    *,
    campaign: Campaign,
    rule_set: RuleSet,
    lead: Lead,
    number: PhoneNumber,
    trunk: str,
    caller_id: str,
    history: Sequence[PastAttempt],
    lead_attempts: int,
    blocked: Collection[str],
    now: float,
    walls: Walls,
    reach_s: float,
) -> Refused | None:
    """What `decide` would refuse, None where it would permit: for a lead that is only taken up, and asked about
    again when it is dialed. The evidence, half of the work of a permit, is not made."""
    walled = _Walled(walls, trunk, caller_id)
    grounds = _judge(campaign, rule_set, lead, number, walled, history, lead_attempts, blocked, now, reach_s)
    return grounds if isinstance(grounds, Refused) else None


_KINDS = {kind: kind.value for kind in NumberKind}
_SOURCES = {source: source.value for source in ZoneSource}


@value
class _Walled:
    """How a call would pass the walls."""

    walls: Walls
    trunk: str
    caller_id: str


_Grounds = tuple[float, tuple[CapCheck, ...], tuple[tuple[str, int, int], ...]]
"""Of a permit: when the window closes, the caps for the writer, the counters for the evidence."""


def _judge(
    campaign: Campaign,
    rule_set: RuleSet,
    lead: Lead,
    number: PhoneNumber,
    walled: _Walled,
    history: Sequence[PastAttempt],
    lead_attempts: int,
    blocked: Collection[str],
    now: float,
    reach: float,
) -> _Grounds | Refused:
    used = 0
    if history:
        e164, name = number.e164, campaign.name
        used = sum(1 for past in history if past.number == e164 and past.campaign == name and past.charged)
    refused = _lasting_refusal(campaign, number, walled, history, lead_attempts, used, blocked)
    if refused is not None:
        return refused
    valid_from, valid_to = rule_set.validity()
    if not rule_set.covers(number.region):
        detail = f"rule set {rule_set.name} says nothing about region {number.region}"
        return Refused(Refusal.NO_RULE, None, detail)
    if now >= valid_to:
        return Refused(Refusal.RULE_EXPIRED, None, f"rule set {rule_set.name} is past its validity")
    hours = intersect(campaign.hours, rule_set.hours)
    if now < valid_from:
        until = _first_fit(hours, number.zones, valid_from, reach, valid_to)
        return Refused(Refusal.NO_RULE, until, f"rule set {rule_set.name} is not in force yet")

    caps, counters, over = _check_caps(campaign, rule_set, lead, number, history, lead_attempts, used, now)
    if over is not None:
        name, free_at = over
        until = _first_fit(hours, number.zones, free_at, reach, valid_to)
        return Refused(Refusal.CAP, until, f"{name}: {_counter_text(counters, name)}")

    if not is_open(hours, number.zones, now):
        until = _first_fit(hours, number.zones, now, reach, valid_to)
        return Refused(Refusal.WINDOW_CLOSED, until, f"outside the calling window in {_zones_text(number)}")
    closes = min(closes_at(hours, number.zones, now), valid_to)
    if closes - now < reach:
        until = _first_fit(hours, number.zones, closes, reach, valid_to)
        detail = f"the window closes in {closes - now:.0f} s and the phone may ring for {reach:.0f} s"
        return Refused(Refusal.WINDOW_CLOSING, until, detail)
    return closes, caps, counters


def _lasting_refusal(
    campaign: Campaign,
    number: PhoneNumber,
    walled: _Walled,
    history: Sequence[PastAttempt],
    lead_attempts: int,
    used: int,
    blocked: Collection[str],
) -> Refused | None:
    """Refusals that waiting does not change. `used`: charged attempts of the campaign on the number."""
    if number.kind in NEVER_DIALED:
        return Refused(Refusal.NUMBER_KIND, None, f"{number.kind.value} numbers are not dialed")
    if walled.caller_id not in campaign.caller_ids:
        return Refused(Refusal.CALLER_ID, None, f"{walled.caller_id or 'none'} is no caller id of the campaign")
    outside = walled.walls.refusal(
        number.e164,
        client=client_of(campaign.name),
        trunk=walled.trunk,
        caller_id=walled.caller_id,
        campaign=campaign.destinations,
    )
    if outside is not None:
        return outside
    if campaign.delivery is Delivery.PRERECORDED and not walled.walls.simulated(walled.trunk):
        return Refused(Refusal.PRERECORDED, None, f"trunk {walled.trunk}: {SIMULATED_ONLY}")
    if number.e164 in blocked:
        return Refused(Refusal.DNC, None, "the number is on a do-not-call register")
    if history and any(past.number == number.e164 and past.outcome in FINAL for past in history):
        return Refused(Refusal.DNC, None, "an earlier call was answered as unwanted")
    if not number.zones or number.zone_source is ZoneSource.UNKNOWN:
        return Refused(Refusal.NO_ZONE, None, "nothing says in which time zone the number is")
    unknown = unknown_zones(number.zones)
    if unknown:
        return Refused(Refusal.NO_ZONE, None, f"the time-zone data knows no zone {unknown[0]}")
    limits = campaign.limits
    if lead_attempts >= limits.per_lead:
        return Refused(Refusal.LEAD_LIMIT, None, f"{lead_attempts} attempts on the lead of {limits.per_lead}")
    if used >= limits.per_number:
        return Refused(Refusal.NUMBER_LIMIT, None, f"{used} attempts on the number of {limits.per_number}")
    return None


def _check_caps(
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
        since = now - cap.period_s
        if cap.scope == "lead":
            # A number that two leads share counts here for both: stricter than the writer, never laxer.
            check = CapCheck(cap.name, cap.limit, since, lead_id=lead.lead_id, counts=cap.counts)
            counted = [past.at for past in history if past.at >= since and _counts(cap, past)]
        else:
            check = CapCheck(cap.name, cap.limit, since, e164, counts=cap.counts)
            counted = [
                past.at
                for past in history
                if past.at >= since and past.number == e164 and _counts(cap, past)
            ]  # fmt: skip
        checks.append(check)
        counters.append((cap.name, len(counted), cap.limit))
        if len(counted) >= cap.limit:
            counted.sort()
            free_at = counted[-cap.limit] + cap.period_s + _EXPIRY_S
            if over is None or free_at > over[1]:
                over = (cap.name, free_at)
    return tuple(checks), tuple(counters), over


@lru_cache(maxsize=256)
def _day_cap(limit: int) -> Cap:
    return Cap("per_number_day", limit, _DAY_S, counts=Counts.CHARGED)


def _counts(cap: Cap, past: PastAttempt) -> bool:
    return cap.counts.counts(past.stage, charged=past.charged)


def _first_fit(
    hours: WeeklyHours, zones: tuple[str, ...], at: float, reach: float, valid_to: float
) -> float | None:
    """First moment from `at` on at which the window is open for at least `reach` seconds more."""
    limit = min(at + HORIZON_S, valid_to)
    moment = next_open(hours, zones, at, limit - at)
    while moment is not None:
        closes = min(closes_at(hours, zones, moment), valid_to)
        if closes - moment >= reach:
            return moment
        moment = next_open(hours, zones, closes, limit - closes)
    return None


def _counter_text(counters: tuple[tuple[str, int, int], ...], name: str) -> str:
    return next(f"{used} of {limit} used" for counter, used, limit in counters if counter == name)


def _zones_text(number: PhoneNumber) -> str:
    zones = number.zones
    return zones[0] if len(zones) == 1 else f"at least one of its {len(zones)} candidate zones"


def _zone_evidence(zones: tuple[str, ...], at: int) -> tuple[ZoneEvidence, ...]:
    found = []
    for zone in zones:
        offset = utc_offset(zone, at)
        local_day, second = divmod(at + offset, 86_400)
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        found.append(ZoneEvidence(zone, offset, f"{_iso_date(local_day)}T{hour:02}:{minute:02}:{second:02}"))
    return tuple(found)


@lru_cache(maxsize=64)
def _iso_date(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()
