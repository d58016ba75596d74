"""Periods of the calendar against dates of zoneinfo, on zone data of another make."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.cap import Calendar
from campaigns.permission.periods import began_at, over_at
from tests.properties.test_campaigns_window import MOMENTS, REFERENCE, ZONE_SETS


def _period(calendar: Calendar, zone: str, at: float) -> tuple[int, ...]:
    """What a wall calendar says."""
    day = datetime.fromtimestamp(at, REFERENCE[zone]).date()
    match calendar:
        case Calendar.DAY:
            return day.year, day.month, day.day
        case Calendar.WEEK:
            return day.isocalendar()[:2]
        case Calendar.MONTH:
            return day.year, day.month


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(Calendar), ZONE_SETS, MOMENTS)
def test_a_period_begins_with_the_first_and_ends_with_the_last_zone(
    calendar: Calendar, zones: tuple[str, ...], at: float
) -> None:
    began, over = began_at(calendar, zones, at), over_at(calendar, zones, at)
    here = {zone: _period(calendar, zone, at) for zone in zones}
    assert began <= at < over
    assert any(_period(calendar, zone, began) == period for zone, period in here.items())
    assert all(_period(calendar, zone, began - 1) < period for zone, period in here.items())
    assert all(_period(calendar, zone, over) > period for zone, period in here.items())
    assert any(_period(calendar, zone, over - 1) == period for zone, period in here.items())


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(Calendar), ZONE_SETS, MOMENTS)
def test_an_attempt_counts_until_its_period_is_over(calendar: Calendar, zones: tuple[str, ...], at: float) -> None:
    over = over_at(calendar, zones, at)
    assert began_at(calendar, zones, over) > at
    assert began_at(calendar, zones, over - 0.5) <= at
