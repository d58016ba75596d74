"""Windows against a scan minute by minute, on zone data of another make."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.audit_hours import allows
from campaigns.hours import DayHours, WeeklyHours
from campaigns.hours_rule import HoursRule
from campaigns.window import calling_hours, closes_at, is_open, next_open
from tests.unit.campaigns.samples import reference_zone, utc

ZONES = (
    "America/New_York",
    "America/St_Johns",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Antarctica/Troll",
)
REFERENCE = {name: reference_zone(name) for name in ZONES}
TURNS = [
    utc(moment)
    for moment in (
        "2026-03-08T00:00",  # North America
        "2026-03-29T00:00",  # Europe, Troll by two hours
        "2026-04-04T12:00",  # Australia, Chatham
        "2026-10-03T12:00",
        "2026-10-24T18:00",
        "2026-11-01T00:00",
        "2026-02-14T12:00",  # Casablanca, before Ramadan
        "2026-07-01T00:00",  # nothing turns
    )
]
MINUTE = 60
SCAN_MINUTES = 2 * 24 * 60


PLACES = ("AT-9", "DE-BY", "RU", "NZ")
CALENDARS = ("country", "subdivision", "any_subdivision", "CA", "DE-BY")
# Holidays near the turns: 8 and 9 March (RU), 3 October (DE), 26 October (AT, NZ), 1 November (AT), 1 July (CA).


@st.composite
def _day_hours(draw: st.DrawFn) -> DayHours:
    edges = draw(st.lists(st.integers(0, 96), unique=True, max_size=4).map(sorted))
    return tuple((edges[i] * 15, edges[i + 1] * 15) for i in range(0, len(edges) - 1, 2))


@st.composite
def _special_days(draw: st.DrawFn) -> tuple[tuple[int, DayHours], ...]:
    near = st.builds(lambda turn, days: int(turn // 86_400) + days, st.sampled_from(TURNS), st.integers(-1, 2))
    return tuple((day, draw(_day_hours())) for day in sorted(draw(st.sets(near, max_size=4))))


HOURS_RULES = st.builds(
    HoursRule,
    week=st.builds(lambda days: WeeklyHours(tuple(days)), st.lists(_day_hours(), min_size=7, max_size=7)),
    holidays=st.none() | _day_hours(),
    before_holidays=st.none() | _day_hours(),
    calendar=st.sampled_from(CALENDARS),
    special_days=_special_days(),
)
ZONE_SETS = st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True).map(tuple)
MOMENTS = st.builds(
    lambda turn, minutes, rest: turn + minutes * MINUTE + rest,
    st.sampled_from(TURNS),
    st.integers(0, 36 * 60),
    st.sampled_from([0.0, 0.25, 59.875]),
)


@lru_cache(maxsize=64)
def free(calendar: str) -> frozenset[date]:
    """Public holidays near the turns, by the package itself."""
    wholes: list[tuple[str, str | None]] = [("AT", None), ("DE", None), ("RU", None), ("NZ", None)]
    known: list[tuple[str, str | None]] = [("AT", "9"), ("DE", "BY"), ("RU", None), ("NZ", None)]
    each = [(of, part) for of in ("RU", "NZ") for part in holidays.country_holidays(of).subdivisions]
    asked: dict[str, list[tuple[str, str | None]]] = {
        "country": wholes,
        "subdivision": known,
        "any_subdivision": [*known, *each],
        "CA": [("CA", None)],
        "DE-BY": [("DE", "BY")],
    }
    years = (2025, 2026, 2027)
    return frozenset(day for of, part in asked[calendar] for day in holidays.country_holidays(of, part, years))


def on_day(rule: HoursRule, day: date) -> DayHours:
    for special, hours in rule.special_days:
        if date(1970, 1, 1) + timedelta(days=special) == day:
            return hours
    found = set(minutes(rule.week.days[day.weekday()]))
    if rule.holidays is not None and day in free(rule.calendar):
        found &= minutes(rule.holidays)
    if rule.before_holidays is not None and day + timedelta(days=1) in free(rule.calendar):
        found &= minutes(rule.before_holidays)
    return tuple((minute, minute + 1) for minute in sorted(found))


def minutes(hours: DayHours) -> set[int]:
    return {minute for start, end in hours for minute in range(start, end)}


def scan(rule: HoursRule, zones: tuple[str, ...], at: float) -> bool:
    for zone in zones:
        local = datetime.fromtimestamp(at, REFERENCE[zone])
        minute = local.hour * 60 + local.minute
        if not any(start <= minute < end for start, end in on_day_cached(rule, local.date())):
            return False
    return True


on_day_cached = lru_cache(maxsize=1_024)(on_day)


@settings(max_examples=200, deadline=None)
@given(HOURS_RULES, ZONE_SETS, MOMENTS)
def test_open_as_the_clocks_on_the_wall_show(rule: HoursRule, zones: tuple[str, ...], at: float) -> None:
    assert is_open(calling_hours((rule,), PLACES), zones, at) == scan(rule, zones, at)


@settings(max_examples=80, deadline=None)
@given(HOURS_RULES, ZONE_SETS, MOMENTS)
def test_the_next_change_is_where_the_scan_finds_it(rule: HoursRule, zones: tuple[str, ...], at: float) -> None:
    # All offsets and hours are whole minutes, so that nothing can change within one.
    hours = calling_hours((rule,), PLACES)
    opened = scan(rule, zones, at)
    first = (at // MINUTE + 1) * MINUTE
    limit = at + (SCAN_MINUTES - 1) * MINUTE
    moments = (first + step * MINUTE for step in range(SCAN_MINUTES))
    changed = next((moment for moment in moments if scan(rule, zones, moment) != opened), None)
    if opened:
        closing = closes_at(hours, zones, at)
        assert closing == changed if changed is not None else closing > limit
        assert next_open(hours, zones, at) == at
    else:
        found = next_open(hours, zones, at, limit - at)
        assert found == (changed if changed is not None and changed < limit else None)


@settings(max_examples=80, deadline=None)
@given(st.lists(HOURS_RULES, min_size=2, max_size=4), ZONE_SETS, MOMENTS)
def test_several_rules_are_open_where_each_of_them_is(
    rules: list[HoursRule], zones: tuple[str, ...], at: float
) -> None:
    each = all(is_open(calling_hours((rule,), PLACES), zones, at) for rule in rules)
    assert is_open(calling_hours(tuple(rules), PLACES), zones, at) == each


@settings(max_examples=200, deadline=None)
@given(HOURS_RULES, st.sampled_from(ZONES), MOMENTS)
def test_the_audit_reads_a_rule_as_the_decision_does(rule: HoursRule, zone: str, at: float) -> None:
    shown = datetime.fromtimestamp(at, REFERENCE[zone])
    assert allows(rule, shown, PLACES, "") == is_open(calling_hours((rule,), PLACES), (zone,), at)
