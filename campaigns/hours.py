"""Hours of a day and of a week as data: half-open intervals of minutes since local midnight.

Nothing here knows a time zone; `campaigns.window` lays them onto the UTC line, the audit reads them its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

DAY_S = 86_400
MINUTES_PER_DAY = 1_440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SATURDAY = WEEKDAYS.index("sat")

DayHours = tuple[tuple[int, int], ...]
"""Half-open intervals of one day in minutes since local midnight, sorted, disjoint. Minute 1440 is the midnight
that ends the day; a window over midnight is two intervals."""

_Bound = TypeVar("_Bound", int, float)


def weekday(day: int) -> int:
    """0 for Monday to 6 for Sunday, of a day counted from 1 January 1970, which was a Thursday."""
    return (day + 3) % 7


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Hours per weekday, Monday first. Raises `ValueError` for what is none."""

    days: tuple[DayHours, ...]
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        if len(self.days) != len(WEEKDAYS):
            raise ValueError(f"a week has 7 days, not {len(self.days)}")
        for name, day in zip(WEEKDAYS, self.days, strict=True):
            check_day(name, day)
        # Hours are part of the key of every cached decision, so their hash is computed once.
        object.__setattr__(self, "_hash", hash(self.days))

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return "; ".join(f"{name} {format_hours(day)}" for name, day in zip(WEEKDAYS, self.days, strict=True))

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
        week: dict[str, DayHours] = dict.fromkeys(WEEKDAYS, ())
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


def format_hours(day: DayHours) -> str:
    """What `parse_hours` reads."""
    return ", ".join(format_interval(*interval) for interval in day) or "closed"


def check_day(name: str, day: DayHours) -> None:
    """Raises `ValueError` for intervals that are not sorted, disjoint and within the day, naming the day."""
    floor = 0
    for start, end in day:
        if not floor <= start < end <= MINUTES_PER_DAY:
            raise ValueError(f"{name}: {format_interval(start, end)} is empty, overlaps or leaves the day")
        floor = end


def parse_hours(text: str) -> DayHours:
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


@lru_cache(maxsize=4_096)
def common_hours(a: DayHours, b: DayHours) -> DayHours:
    """The hours of a day at which both are open."""
    return tuple(overlaps(a, b))


def overlaps(
    a: Sequence[tuple[_Bound, _Bound]], b: Sequence[tuple[_Bound, _Bound]]
) -> list[tuple[_Bound, _Bound]]:
    """Intersection of two sorted rows of disjoint half-open intervals, whatever they are measured in."""
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
