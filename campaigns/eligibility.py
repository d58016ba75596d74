"""May this number be dialed now? Asked at take-up and again at dial time, for the whole tuple."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """Why an attempt is refused. Documented in `docs/reference/reasons.md`."""

    NO_ZONE = "no_zone"  # no candidate time zone: not dialed until somebody supplies one
    NO_RULE = "no_rule"  # the campaign's rule set says nothing about this country
    RULE_EXPIRED = "rule_expired"  # the rule set is past its validity
    WINDOW_CLOSED = "window_closed"  # outside the calling window in at least one candidate zone
    WINDOW_CLOSING = "window_closing"  # ring time no longer fits before the window closes
    LEAD_LIMIT = "lead_limit"  # the campaign's attempts on this lead are used up
    NUMBER_LIMIT = "number_limit"  # the campaign's attempts on this number are used up
    CAP = "cap"  # a cap of the rule set or a rolling limit of the campaign is reached
    DNC = "dnc"  # on a do-not-call register
    NOT_DUE = "not_due"  # a retry is scheduled for later
    FINAL = "final"  # the lead is closed
    CALLER_ID = "caller_id"  # the caller id may not be shown
    NUMBER_KIND = "number_kind"  # premium, shared cost or another kind that is never dialed


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """What eligibility needs of an earlier attempt, of whatever campaign. `at`: dialed, seconds UTC.

    An attempt whose end was not seen is in here too, and counts."""

    number: str
    campaign: str
    at: float
    outcome: str


@dataclass(frozen=True, slots=True)
class CapCheck:
    """A cap to be checked again inside the transaction that inserts the attempt: fewer than `limit` counted
    attempts on `number` since `since` (seconds UTC, inclusive), over all campaigns or (`campaign` given) one.
    `lead_id` given: on that lead instead of on the number."""

    name: str
    limit: int
    since: float
    number: str | None = None
    lead_id: int | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class ZoneEvidence:
    """One candidate zone at the moment of the permit: its UTC offset in seconds, its local time (ISO 8601)."""

    zone: str
    utc_offset_s: int
    local_time: str


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Permitted:
    """Yes, until `valid_until` (seconds UTC): after it, ask again. `caps` bind the inserting transaction."""

    evidence: Evidence
    valid_until: float
    caps: tuple[CapCheck, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """No. `until`: when it may change (seconds UTC), None for never or not by time alone."""

    reason: Refusal
    until: float | None
    detail: str
