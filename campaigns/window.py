"""Calling windows: at which moments, in the local time of the person called, a call may be placed.

Moments are seconds since the Unix epoch, UTC. A moment is open when the wall clock of *every* candidate zone
shows a time inside the hours of that wall clock's day, by *every* rule. Everything is computed on the UTC line,
where a zone is a row of stretches of constant offset: a stretch lays the hours of its local days onto UTC by a
mere subtraction, so that the hour skipped in spring is never open and the hour repeated in autumn is open twice,
without either being a special case.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from campaigns.holiday_calendar import ANY, SEPARATOR, has_calendar, holiday_data, is_holiday
from campaigns.hours import DAY_S, MINUTES_PER_DAY, DayHours, common_hours, overlaps, weekday
from campaigns.hours_rule import HolidayScope, HoursRule
from campaigns.zone_offsets import ZONE_DATA, stretches

CLOSING_HORIZON_S = 14 * 86_400.0
"""A window that does not close is said to close after this long, up to a day more."""
OPENING_HORIZON_S = 400 * 86_400.0
"""How far ahead the next opening is looked for: over holidays, and over the longest days off."""


@dataclass(frozen=True, slots=True)
class CallingHours:
    """What several rules leave open together, for people of certain places: each with the calendars whose
    holidays count for it. Made by `calling_hours`. `unknown`: calendars among them of which nothing is known; then
    it is never open, for a holiday that is not known must not pass for a working day. `data`: which data of zones
    and holidays it is reckoned with."""

    rules: tuple[tuple[HoursRule, tuple[str, ...]], ...]
    unknown: tuple[str, ...] = ()
    data: str = ZONE_DATA
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        # It is part of the key of every cached answer, so its hash is computed once.
        object.__setattr__(self, "_hash", hash(self.rules))

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return " / ".join(str(rule) for rule, _ in self.rules)


@lru_cache(maxsize=4_096)
def calling_hours(rules: tuple[HoursRule, ...], places: tuple[str, ...] = (), list_name: str = "") -> CallingHours:
    """The hours by those of `rules` that speak of a lead of this list who may be in any of `places` (`DE`,
    `DE-BY`). What is a public holiday in one of these places is one."""
    speaking = [rule for rule in dict.fromkeys(rules) if _speaks_of(rule, places, list_name)]
    placed = tuple((rule, _calendars(rule, places)) for rule in speaking)
    calendars = dict.fromkeys(code for _, codes in placed for code in codes)
    unknown = tuple(code for code in calendars if not has_calendar(code))
    return CallingHours(placed, unknown, f"{ZONE_DATA}, {holiday_data()}" if calendars else ZONE_DATA)


def _speaks_of(rule: HoursRule, places: tuple[str, ...], list_name: str) -> bool:
    if rule.list_name not in ("", list_name):
        return False
    return not rule.region or any(rule.region in (place, _country(place)) for place in places)


def _calendars(rule: HoursRule, places: tuple[str, ...]) -> tuple[str, ...]:
    """Of which calendars the holidays count, by this rule, for somebody who may be in any of `places`."""
    if not rule.asks_for_holidays:
        return ()
    if rule.calendar not in _SCOPES:
        return (rule.calendar,)
    countries = tuple(dict.fromkeys(map(_country, places)))
    if rule.calendar == HolidayScope.COUNTRY:
        return countries
    # A subdivision that the data does not have (most countries have none there) tells no more than its country.
    known = tuple(place for place in dict.fromkeys(places) if place not in countries and has_calendar(place))
    lacking = set(countries) - set(map(_country, known))
    unknown = f"{SEPARATOR}{ANY}" if rule.calendar == HolidayScope.ANY_SUBDIVISION else ""
    return (*known, *(f"{country}{unknown}" for country in countries if country in lacking))


_SCOPES = frozenset(HolidayScope)


def _country(place: str) -> str:
    return place.partition(SEPARATOR)[0]


def open_until(hours: CallingHours, zones: tuple[str, ...], at: float) -> float | None:
    """First moment after `at` that is no longer open in all `zones` (IANA names); looked for over 14 days, the end
    of which is answered for a window that does not close. None when `at` itself is not open. No zone: never
    open. Raises `UnknownZone`."""
    day = int(at // DAY_S)
    starts, ends = _open_day(hours, zones, day)
    index = bisect_right(starts, at) - 1
    if index < 0 or at >= ends[index]:
        return None
    return ends[index] if ends[index] < (day + 1) * DAY_S else _open_over_midnight(hours, zones, day)


def is_open(hours: CallingHours, zones: tuple[str, ...], at: float) -> bool:
    """Whether `at` lies inside the hours in all `zones`. Raises `UnknownZone`."""
    return open_until(hours, zones, at) is not None


def closes_at(hours: CallingHours, zones: tuple[str, ...], at: float) -> float:
    """As `open_until`, of a moment that is open. Raises `ValueError` when `at` is not."""
    until = open_until(hours, zones, at)
    if until is None:
        raise ValueError("the window is not open at that moment")
    return until


def next_open(
    hours: CallingHours, zones: tuple[str, ...], at: float, horizon_s: float = OPENING_HORIZON_S
) -> float | None:
    """First moment not before `at` that is open in all `zones`: `at` itself when it is. None when there is
    none before `at + horizon_s` (400 days at most). Raises `UnknownZone`."""
    day = int(at // DAY_S)
    _, ends = _open_day(hours, zones, day)
    index = bisect_right(ends, at)
    found: int | None = day
    if index == len(ends):
        index, found = 0, _next_open_day(hours, zones, day + 1)
    if found is None:
        return None
    moment = max(at, _open_day(hours, zones, found)[0][index])
    return moment if moment < at + horizon_s else None


@lru_cache(maxsize=16_384)
def _next_open_day(hours: CallingHours, zones: tuple[str, ...], day: int) -> int | None:
    """The first UTC day not before `day` that has an open moment."""
    if hours.unknown or not zones:
        return None
    # Local days that touch a UTC day: the one before it, itself, the one after.
    touching = deque((_day_hours(hours, day - 1), _day_hours(hours, day)), maxlen=3)
    for later in range(day, day + int(OPENING_HORIZON_S // DAY_S) + 1):
        touching.append(_day_hours(hours, later + 1))
        if any(touching) and _open_day(hours, zones, later)[0]:
            return later
    return None


@lru_cache(maxsize=16_384)
def _open_over_midnight(hours: CallingHours, zones: tuple[str, ...], day: int) -> float:
    """When the window closes that is open at the end of this UTC day."""
    for later in range(day + 1, day + 1 + int(CLOSING_HORIZON_S // DAY_S)):
        starts, ends = _open_day(hours, zones, later)
        if not starts or starts[0] > later * DAY_S:
            return float(later * DAY_S)
        if ends[0] < (later + 1) * DAY_S:
            return ends[0]
    return day * DAY_S + CLOSING_HORIZON_S + DAY_S


@lru_cache(maxsize=16_384)
def _open_day(
    hours: CallingHours, zones: tuple[str, ...], day: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Starts and ends of the open intervals of one UTC day (days since the epoch)."""
    opened: list[tuple[float, float]] = []
    for position, zone in enumerate(zones):
        in_zone = [
            piece
            for start, end, offset in stretches(zone, day)
            for piece in overlaps([(start, end)], _on_utc(hours, start, end, offset))
        ]
        opened = _joined(in_zone if position == 0 else overlaps(opened, in_zone))
    return tuple(start for start, _ in opened), tuple(end for _, end in opened)


def _on_utc(hours: CallingHours, start: float, end: float, offset: int) -> list[tuple[float, float]]:
    """The wall-clock intervals that touch [start, end), laid onto UTC by a constant offset."""
    first = int((start + offset) // DAY_S)
    last = int((end + offset) // DAY_S)
    return [
        (local_day * DAY_S + opens * 60.0 - offset, local_day * DAY_S + closes * 60.0 - offset)
        for local_day in range(first, last + 1)
        for opens, closes in _day_hours(hours, local_day)
    ]


@lru_cache(maxsize=16_384)
def _day_hours(hours: CallingHours, day: int) -> DayHours:
    """The hours of one local day by all rules."""
    if hours.unknown:
        return ()
    left: DayHours = ((0, MINUTES_PER_DAY),)
    for rule, calendars in hours.rules:
        left = common_hours(left, _rule_hours(rule, calendars, day))
    return left


def _rule_hours(rule: HoursRule, calendars: tuple[str, ...], day: int) -> DayHours:
    for special, hours in rule.special_days:
        if special == day:
            return hours
    hours = rule.week.days[weekday(day)]
    if rule.holidays is not None and any(is_holiday(code, day) for code in calendars):
        hours = common_hours(hours, rule.holidays)
    if rule.before_holidays is not None and any(is_holiday(code, day + 1) for code in calendars):
        hours = common_hours(hours, rule.before_holidays)
    return hours


def _joined(intervals: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Intervals that touch become one: a window that goes on over midnight does not close there."""
    joined: list[tuple[float, float]] = []
    for start, end in intervals:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
