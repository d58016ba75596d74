"""Calling windows: at which moments of a week, in the contact's local time, a call may be placed.

Moments are seconds since the Unix epoch, UTC. A moment is open when the wall clock of *every* candidate zone
shows a time inside the hours of that wall clock's weekday. Everything is computed on the UTC line, where a
zone is a row of stretches of constant offset: a stretch lays the week's wall-clock intervals onto UTC by a mere
subtraction, so that the hour skipped in spring is never open and the hour repeated in autumn is open twice,
without either being a special case. Zone data: pytz, which knows transitions until 2037.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytz

from campaigns.errors import UnknownZone
from campaigns.hours import DAY_S, WeeklyHours, overlaps

HORIZON_S = 14 * 86_400.0
ZONE_DATA = f"pytz {pytz.VERSION}"
"""Which zone data the windows are computed with; kept with every permit."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PROBE_S = 2 * DAY_S  # since 1970 no zone has changed its offset twice within six days
_BLOCK_DAYS = 32


def is_open(hours: WeeklyHours, zones: tuple[str, ...], at: float) -> bool:
    """Whether `at` lies inside the hours in all `zones` (IANA names). No zone: never. Raises `UnknownZone`."""
    starts, ends = _open_day(hours, zones, int(at // DAY_S))
    index = bisect_right(starts, at) - 1
    return index >= 0 and at < ends[index]


def closes_at(hours: WeeklyHours, zones: tuple[str, ...], at: float) -> float:
    """First moment after `at` that is no longer open in all `zones`; looked for over 14 days, the end of which
    is answered for a window that does not close. Raises `ValueError` when `at` is not open."""
    day = int(at // DAY_S)
    starts, ends = _open_day(hours, zones, day)
    index = bisect_right(starts, at) - 1
    if index < 0 or at >= ends[index]:
        raise ValueError("the window is not open at that moment")
    end = ends[index]
    while end == (day + 1) * DAY_S and end < at + HORIZON_S:
        day += 1
        starts, ends = _open_day(hours, zones, day)
        if not starts or starts[0] > end:
            break
        end = ends[0]
    return end


def next_open(hours: WeeklyHours, zones: tuple[str, ...], at: float, horizon_s: float = HORIZON_S) -> float | None:
    """First moment not before `at` that is open in all `zones`: `at` itself when it is. None when there is
    none before `at + horizon_s`. Raises `UnknownZone`."""
    if hours.empty or not zones:
        return None
    limit = at + horizon_s
    for day in range(int(at // DAY_S), int(limit // DAY_S) + 1):
        starts, ends = _open_day(hours, zones, day)
        index = bisect_right(ends, at)
        if index < len(starts):
            moment = max(at, starts[index])
            return moment if moment < limit else None
    return None


def utc_offset(zone: str, at: float) -> int:
    """Seconds that the wall clock of `zone` is ahead of UTC at `at`. Raises `UnknownZone`."""
    stretches = _stretches(zone, int(at // DAY_S))
    for _, end, offset in stretches[:-1]:
        if at < end:
            return offset
    return stretches[-1][2]


@lru_cache(maxsize=4096)
def unknown_zones(zones: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `zones` that the zone data does not have."""
    return tuple(zone for zone in zones if zone not in pytz.all_timezones_set)


@lru_cache(maxsize=16_384)
def _open_day(hours: WeeklyHours, zones: tuple[str, ...], day: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Starts and ends of the open intervals of one UTC day (days since the epoch)."""
    opened: list[tuple[float, float]] = []
    for position, zone in enumerate(zones):
        in_zone = [
            piece
            for start, end, offset in _stretches(zone, day)
            for piece in overlaps([(start, end)], _week_on_utc(hours, start, end, offset))
        ]
        opened = _joined(in_zone if position == 0 else overlaps(opened, in_zone))
    return tuple(start for start, _ in opened), tuple(end for _, end in opened)


def _week_on_utc(hours: WeeklyHours, start: float, end: float, offset: int) -> list[tuple[float, float]]:
    """The wall-clock intervals that touch [start, end), laid onto UTC by a constant offset."""
    first = int((start + offset) // DAY_S)
    last = int((end + offset) // DAY_S)
    return [
        (local_day * DAY_S + opens * 60.0 - offset, local_day * DAY_S + closes * 60.0 - offset)
        for local_day in range(first, last + 1)
        for opens, closes in hours.days[(local_day + 3) % 7]  # 1 January 1970 was a Thursday
    ]


def _joined(intervals: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Intervals that touch become one: a window that goes on over midnight does not close there."""
    joined: list[tuple[float, float]] = []
    for start, end in intervals:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


@lru_cache(maxsize=16_384)
def _stretches(zone: str, day: int) -> tuple[tuple[float, float, int], ...]:
    """One UTC day of a zone as stretches (start, end, offset) of constant offset, in order."""
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
    offset = (_EPOCH + timedelta(seconds=at)).astimezone(timezone).utcoffset()
    if offset is None:  # not reachable with pytz; an unknown offset must never pass for zero
        raise UnknownZone(zone)
    return int(offset.total_seconds())
