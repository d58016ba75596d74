"""When the periods of a calendar begin for somebody of whom it is only known in which zones they may be.

Until the period has turned in every one of the zones, what was done before still counts: a period reaches back to
its earliest beginning, and is over at the latest.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from campaigns.cap import Calendar
from campaigns.hours import DAY_S, weekday
from campaigns.zone_offsets import utc_offset

_EPOCH = date(1970, 1, 1)
_WEST_S, _EAST_S = 13 * 3_600, 15 * 3_600
"""Wall clocks are at most 12 h behind UTC, at most 14 ahead, and a change of them lies within an hour or two."""


def began_at(calendar: Calendar, zones: tuple[str, ...], at: float) -> float:
    """When the period that holds `at` (seconds UTC) began, in that of the zones where it began first."""
    return _began_at(calendar, zones, int(at // 60))


@lru_cache(maxsize=16_384)
def _began_at(calendar: Calendar, zones: tuple[str, ...], minute: int) -> float:
    # By the minute: since 1972 every zone is whole minutes from UTC, so no period begins within one.
    at = minute * 60.0
    return min(_day_begins(zone, _first_day(calendar, _local_day(zone, at))) for zone in zones)


def over_at(calendar: Calendar, zones: tuple[str, ...], at: float) -> float:
    """When the period that holds `at` is over in all zones."""
    return max(_day_begins(zone, _next_first_day(calendar, _local_day(zone, at))) for zone in zones)


def begins_first(zones: tuple[str, ...], day: str, days_later: int = 0) -> float:
    """When an ISO date, or that so many days after it, begins in that of the zones where it begins first."""
    number = (date.fromisoformat(day) - _EPOCH).days + days_later
    return min(_day_begins(zone, number) for zone in zones)


def _local_day(zone: str, at: float) -> int:
    return int((at + utc_offset(zone, at)) // DAY_S)


def _first_day(calendar: Calendar, day: int) -> int:
    match calendar:
        case Calendar.DAY:
            return day
        case Calendar.WEEK:
            return day - weekday(day)
        case Calendar.MONTH:
            return day - (_EPOCH + timedelta(days=day)).day + 1


def _next_first_day(calendar: Calendar, day: int) -> int:
    match calendar:
        case Calendar.DAY:
            return day + 1
        case Calendar.WEEK:
            return _first_day(calendar, day) + 7
        case Calendar.MONTH:
            return _first_day(calendar, _first_day(calendar, day) + 31)


@lru_cache(maxsize=8_192)
def _day_begins(zone: str, day: int) -> float:
    """The first second of UTC at which the zone's wall clock shows this day (days since the epoch) or a later one:
    not midnight where midnight is left out, nor a day that is."""
    midnight = day * DAY_S
    before, after = midnight - _EAST_S, midnight + _WEST_S
    first = utc_offset(zone, before)
    if first == utc_offset(zone, after):
        return float(midnight - first)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if middle + utc_offset(zone, middle) >= midnight else (middle, after)
    return float(after)
