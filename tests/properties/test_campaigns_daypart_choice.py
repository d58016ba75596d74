"""Where a lead is tried again: never while its window is closed, whatever the hours, the zones and the clocks."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.daypart_choice import Openings, another_daypart, daypart_at
from campaigns.dayparts import Dayparts
from campaigns.hours_rule import HoursRule
from campaigns.window import calling_hours, closes_at, is_open
from tests.properties.test_campaigns_window import HOURS_RULES, MOMENTS, PLACES, REFERENCE, ZONE_SETS

EDGES = st.lists(st.integers(0, 96), unique=True, min_size=2, max_size=6).map(sorted)
DAYPARTS = EDGES.map(
    lambda edges: Dayparts(tuple((f"p{n}", edges[n] * 15, edges[n + 1] * 15) for n in range(0, len(edges) - 1, 2)))
)


@settings(max_examples=300, deadline=None)
@given(
    rule=HOURS_RULES,
    zones=ZONE_SETS,
    parts=DAYPARTS,
    since=MOMENTS,
    within_s=st.sampled_from([3_600.0, 86_400.0, 3 * 86_400.0]),
    reach_s=st.sampled_from([1.0, 37.0, 1_800.0]),
    tried=st.lists(st.integers(1, 30 * 96), max_size=6),
    drawn=st.floats(0.0, 1.0, exclude_max=True),
)
def test_never_in_a_closed_window_and_always_in_a_daypart_tried_least(
    rule: HoursRule,
    zones: tuple[str, ...],
    parts: Dayparts,
    since: float,
    within_s: float,
    reach_s: float,
    tried: list[int],
    drawn: float,
) -> None:
    hours = calling_hours((rule,), PLACES)
    moments = tuple(since - quarters * 900.0 for quarters in tried)
    openings = Openings(hours, zones, reach_s, parts, moments)
    found = another_daypart(openings, since, within_s, drawn)
    step = 900.0
    counts = dict.fromkeys(_names(parts), 0)
    for moment in moments:
        counts[daypart_at(parts, zones[0], moment)[0]] = counts.get(daypart_at(parts, zones[0], moment)[0], 0) + 1
    scanned = [since + n * step for n in range(int(within_s / step))]
    offered = {
        name
        for at in scanned
        if is_open(hours, zones, at)
        and closes_at(hours, zones, at) - at > reach_s
        and (name := daypart_at(parts, zones[0], at)[0])
    }
    if found is None:
        assert not offered
        return
    assert since <= found < since + within_s
    assert is_open(hours, zones, found)
    assert closes_at(hours, zones, found) - found >= reach_s - 0.001
    name, until = daypart_at(parts, zones[0], found)
    assert name
    assert until > found
    assert all(counts.get(name, 0) <= counts.get(other, 0) for other in offered)


@given(parts=DAYPARTS, zone=st.sampled_from(list(REFERENCE)), at=MOMENTS)
def test_a_daypart_lasts_until_the_moment_given(parts: Dayparts, zone: str, at: float) -> None:
    name, until = daypart_at(parts, zone, at)
    assert until > at
    for n in range(20):
        assert daypart_at(parts, zone, at + (until - at) * n / 20)[0] == name


def _names(parts: Dayparts) -> list[str]:
    return [f"{week}{name}" for name, _, _ in parts.parts for week in ("", "weekend ")]
