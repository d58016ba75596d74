"""Windows against a scan minute by minute, on zone data of another make."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.hours import WeeklyHours, intersect
from campaigns.window import closes_at, is_open, next_open
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


@st.composite
def _days(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    edges = draw(st.lists(st.integers(0, 96), unique=True, max_size=4).map(sorted))
    return tuple((edges[i] * 15, edges[i + 1] * 15) for i in range(0, len(edges) - 1, 2))


HOURS = st.builds(lambda days: WeeklyHours(tuple(days)), st.lists(_days(), min_size=7, max_size=7))
ZONE_SETS = st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True).map(tuple)
MOMENTS = st.builds(
    lambda turn, minutes, rest: turn + minutes * MINUTE + rest,
    st.sampled_from(TURNS),
    st.integers(0, 36 * 60),
    st.sampled_from([0.0, 0.25, 59.875]),
)


def scan(hours: WeeklyHours, zones: tuple[str, ...], at: float) -> bool:
    for zone in zones:
        local = datetime.fromtimestamp(at, REFERENCE[zone])
        minute = local.hour * 60 + local.minute
        if not any(start <= minute < end for start, end in hours.days[local.weekday()]):
            return False
    return True


@settings(max_examples=150, deadline=None)
@given(HOURS, ZONE_SETS, MOMENTS)
def test_open_as_the_clocks_on_the_wall_show(hours: WeeklyHours, zones: tuple[str, ...], at: float) -> None:
    assert is_open(hours, zones, at) == scan(hours, zones, at)


@settings(max_examples=60, deadline=None)
@given(HOURS, ZONE_SETS, MOMENTS)
def test_the_next_change_is_where_the_scan_finds_it(hours: WeeklyHours, zones: tuple[str, ...], at: float) -> None:
    # All offsets and hours are whole minutes, so that nothing can change within one.
    opened = scan(hours, zones, at)
    first = (at // MINUTE + 1) * MINUTE
    limit = at + (SCAN_MINUTES - 1) * MINUTE
    changed = next(
        (
            first + step * MINUTE
            for step in range(SCAN_MINUTES)
            if scan(hours, zones, first + step * MINUTE) != opened
        ),
        None,
    )
    if opened:
        closing = closes_at(hours, zones, at)
        assert closing == changed if changed is not None else closing > limit
        assert next_open(hours, zones, at) == at
    else:
        found = next_open(hours, zones, at, limit - at)
        assert found == (changed if changed is not None and changed < limit else None)


@settings(max_examples=60, deadline=None)
@given(HOURS, HOURS, ZONE_SETS, MOMENTS)
def test_the_intersection_is_open_where_both_are(
    a: WeeklyHours, b: WeeklyHours, zones: tuple[str, ...], at: float
) -> None:
    both = is_open(a, zones, at) and is_open(b, zones, at)
    assert is_open(intersect(a, b), zones, at) == both
