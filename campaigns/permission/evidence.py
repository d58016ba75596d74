"""What made a permit, as it is kept with the attempt."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from campaigns.zone_offsets import utc_offset
from lists.value import value


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
    zone_data: str  # "pytz 2026.6", "pytz 2026.6, holidays 0.109" where public holidays count
    window_closes_at: float
    counters: tuple[tuple[str, int, int], ...]  # (cap, used before this attempt, limit)
    dnc_version: int
    walls: str = ""  # hash of what was allowed to be dialed (`campaigns.walls`)
    expected_cost_micro: int | None = None  # millionths of the unit of `currency`; None: no rate is known
    currency: str = ""
    consent_version: int = 0  # of the register of consents; 0 where the rules want none
    basis: str = ""  # on whose word: "preset" or "declared" rules
    rules_outdated: bool = False  # nobody has checked them for a year, and the installation relies on them still
    rule_parts: tuple[tuple[str, str], ...] = ()  # name and hash of each file that the rule set comes from
    purpose: str = ""  # what the call is for: by it registers and consents were asked
    callback_consent: int | None = None  # the callback (`Callback.promised_in`) whose consent it rests on
    callback: int | None = None  # the callback for which a limit of the campaign or a cool-off made way


@lru_cache(maxsize=1_024)
def zone_evidence(zones: tuple[str, ...], at: int) -> tuple[ZoneEvidence, ...]:
    """Offset and local time of each zone at `at` (whole seconds UTC). All permits of a second share it."""
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
