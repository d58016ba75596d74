"""Time zones as rows of stretches of constant offset on the UTC line.

Moments are seconds since the Unix epoch, UTC. Zone data: pytz, which knows transitions until 2037.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytz

from campaigns.errors import UnknownZone
from campaigns.hours import DAY_S

ZONE_DATA = f"pytz {pytz.VERSION}"
"""Which zone data everything is computed with; kept with every permit."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PROBE_S = 2 * DAY_S  # since 1970 no zone has changed its offset twice within six days
_BLOCK_DAYS = 32
_FIRST_S, _LAST_S = -20_000_000_000, 30_000_000_000
"""The years 1336 and 2920: before and after them no zone of the data changes, and near the ends of the calendar no
clock can be asked."""


def utc_offset(zone: str, at: float) -> int:
    """Seconds that the wall clock of `zone` is ahead of UTC at `at`. Raises `UnknownZone`."""
    day_stretches = stretches(zone, int(at // DAY_S))
    for _, end, offset in day_stretches[:-1]:
        if at < end:
            return offset
    return day_stretches[-1][2]


@lru_cache(maxsize=4096)
def unknown_zones(zones: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `zones` that the zone data does not have."""
    return tuple(zone for zone in zones if zone not in pytz.all_timezones_set)


@lru_cache(maxsize=16_384)
def stretches(zone: str, day: int) -> tuple[tuple[float, float, int], ...]:
    """One UTC day of a zone (days since the epoch) as stretches (start, end, offset) of constant offset, in order.
    Raises `UnknownZone`."""
    day_start, day_end = float(day * DAY_S), float((day + 1) * DAY_S)
    return tuple(
        (max(start, day_start), min(end, day_end), offset)
        for start, end, offset in _block_stretches(zone, day // _BLOCK_DAYS)
        if start < day_end and day_start < end
    )


@lru_cache(maxsize=4_096)
def _block_stretches(zone: str, block: int) -> tuple[tuple[float, float, int], ...]:
    """The same of 32 days at once: asking pytz is what costs."""
    start, block_end = block * _BLOCK_DAYS * DAY_S, (block + 1) * _BLOCK_DAYS * DAY_S
    offset = _pytz_offset(zone, start)
    found = []
    for probe in range(start + _PROBE_S, block_end + 1, _PROBE_S):
        changed = _pytz_offset(zone, probe)
        if changed != offset:
            before, after = probe - _PROBE_S, probe
            while after - before > 1:
                middle = (before + after) // 2
                before, after = (middle, after) if _pytz_offset(zone, middle) == offset else (before, middle)
            if after < block_end:
                found.append((float(start), float(after), offset))
                start, offset = after, changed
    found.append((float(start), float(block_end), offset))
    return tuple(found)


def _pytz_offset(zone: str, at: int) -> int:
    try:
        timezone = pytz.timezone(zone)
    except pytz.UnknownTimeZoneError:
        raise UnknownZone(zone) from None
    known = min(max(at, _FIRST_S), _LAST_S)
    offset = (_EPOCH + timedelta(seconds=known)).astimezone(timezone).utcoffset()
    if offset is None:  # not reachable with pytz; an unknown offset must never pass for zero
        raise UnknownZone(zone)
    return int(offset.total_seconds())
