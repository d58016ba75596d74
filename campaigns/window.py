"""Calling windows: at which moments of a week, in the contact's local time, a call may be placed.

Moments are seconds since the Unix epoch, UTC. A moment is open when the wall clock of *every* candidate zone
shows a time inside the hours of that wall clock's weekday. Everything is computed on the UTC line, where a
zone is a row of stretches of constant offset: a stretch lays the week's wall-clock intervals onto UTC by a mere
subtraction, so that the hour skipped in spring is never open and the hour repeated in autumn is open twice,
without either being a special case. Zone data: pytz, which knows transitions until 2037.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

import pytz

from campaigns.errors import UnknownZone

DAY_S = 86_400
MINUTES_PER_DAY = 1_440
HORIZON_S = 14 * 86_400.0
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONE_DATA = f"pytz {pytz.VERSION}"
"""Which zone data the windows are computed with; kept with every permit."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Bound = TypeVar("_Bound", int, float)
_PROBE_S = 2 * DAY_S  # since 1970 no zone has changed its offset twice within six days
_BLOCK_DAYS = 32


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Half-open intervals per weekday (Monday first), in minutes since local midnight, sorted, disjoint.

    Minute 1440 is the midnight that ends the day; a window over midnight is two intervals.
    Raises `ValueError` for anything else.
    """

    days: tuple[tuple[tuple[int, int], ...], ...]
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        if len(self.days) != len(WEEKDAYS):
            raise ValueError(f"a week has 7 days, not {len(self.days)}")
        for name, day in zip(WEEKDAYS, self.days, strict=True):
            floor = 0
            for start, end in day:
                if not floor <= start < end <= MINUTES_PER_DAY:
                    raise ValueError(f"{name}: {format_interval(start, end)} is empty, overlaps or leaves the day")
                floor = end
        # Hours are part of the key of every cached decision, so their hash is computed once.
        object.__setattr__(self, "_hash", hash(self.days))

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return "; ".join(
            f"{name} {', '.join(format_interval(*interval) for interval in day) or 'closed'}"
            for name, day in zip(WEEKDAYS, self.days, strict=True)
        )

    @property
    def empty(self) -> bool:
        """Never open."""
        return not any(self.days)

    @classmethod
    def parse(cls, days: Mapping[str, str]) -> WeeklyHours:
        """From day names to hours: `{"weekdays": "09:00-13:00, 14:00-20:00", "sat": "10:00-16:00"}`.

        Names: `mon` to `sun`, `weekdays` (Monday to Friday), `weekend`, `daily`; the more specific one wins;
        days not named are closed. Raises `ValueError`.
        """
        week: dict[str, tuple[tuple[int, int], ...]] = dict.fromkeys(WEEKDAYS, ())
        unknown = [name for name in days if name not in WEEKDAYS and name not in DAY_GROUPS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no day")
        for name in (*DAY_GROUPS, *WEEKDAYS):
            if name in days:
                intervals = parse_hours(days[name])
                week.update(dict.fromkeys(DAY_GROUPS.get(name, (name,)), intervals))
        return cls(tuple(week.values()))


DAY_GROUPS: Mapping[str, tuple[str, ...]] = {
    "daily": WEEKDAYS,
    "weekdays": WEEKDAYS[:5],
    "weekend": WEEKDAYS[5:],
}
"""Names for several days, the widest first: a narrower one overrides it."""


def format_interval(start: int, end: int) -> str:
    """`09:00-20:00` of minutes since midnight."""
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


def parse_hours(text: str) -> tuple[tuple[int, int], ...]:
    """Intervals of one day: `09:00-13:00, 14:00-20:00`, or `closed`. Raises `ValueError` saying what is wrong."""
    if text.strip().lower() == "closed":
        return ()
    intervals = sorted(_parse_interval(part.strip()) for part in text.split(","))
    for (start, end), (next_start, next_end) in pairwise(intervals):
        if next_start < end:
            first, second = format_interval(start, end), format_interval(next_start, next_end)
            raise ValueError(f"{first} and {second} overlap")
    return tuple(intervals)


def _parse_interval(text: str) -> tuple[int, int]:
    start_text, dash, end_text = text.partition("-")
    if not dash:
        raise ValueError(f"{text!r} is not a window like 09:00-20:00")
    start, end = _parse_minute(start_text.strip()), _parse_minute(end_text.strip())
    if start >= end:
        over = "; for a window over midnight give each day its own part" if start > end else ""
        raise ValueError(f"{text!r} does not end after it starts{over}")
    return start, end


def _parse_minute(text: str) -> int:
    hours, colon, minutes = text.partition(":")
    if not (colon and len(hours) in {1, 2} and len(minutes) == 2 and (hours + minutes).isascii()):
        raise ValueError(f"{text!r} is not a time of day like 09:00")
    if not (hours.isdecimal() and minutes.isdecimal()):
        raise ValueError(f"{text!r} is not a time of day like 09:00")
    minute = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or minute > MINUTES_PER_DAY:
        raise ValueError(f"{text!r} is not a time of day: the last one is 24:00")
    return minute


@lru_cache(maxsize=1024)
def intersect(a: WeeklyHours, b: WeeklyHours) -> WeeklyHours:
    """The hours at which both are open."""
    return WeeklyHours(
        tuple(tuple(_overlaps(day_a, day_b)) for day_a, day_b in zip(a.days, b.days, strict=True)),
    )


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
            for piece in _overlaps([(start, end)], _week_on_utc(hours, start, end, offset))
        ]
        opened = _joined(in_zone if position == 0 else _overlaps(opened, in_zone))
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


def _overlaps(
    a: Sequence[tuple[_Bound, _Bound]], b: Sequence[tuple[_Bound, _Bound]]
) -> list[tuple[_Bound, _Bound]]:
    """Intersection of two sorted rows of disjoint half-open intervals."""
    found = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start < end:
            found.append((start, end))
        if a[i][1] <= b[j][1]:
            i += 1
        else:
            j += 1
    return found


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
