from __future__ import annotations

import pytest

from campaigns.cap import Calendar
from campaigns.permission.periods import began_at, over_at
from tests.unit.campaigns.samples import utc

NEW_YORK = ("America/New_York",)
COASTS = ("America/Los_Angeles", "America/New_York")


@pytest.mark.parametrize(
    ("calendar", "zones", "at", "began", "over"),
    [
        (Calendar.DAY, NEW_YORK, "2026-11-18T12:00-05:00", "2026-11-18T00:00-05:00", "2026-11-19T00:00-05:00"),
        (Calendar.DAY, NEW_YORK, "2026-11-18T00:00-05:00", "2026-11-18T00:00-05:00", "2026-11-19T00:00-05:00"),
        # 23 and 25 hours
        (Calendar.DAY, NEW_YORK, "2026-03-08T12:00-04:00", "2026-03-08T00:00-05:00", "2026-03-09T00:00-04:00"),
        (Calendar.DAY, NEW_YORK, "2026-11-01T12:00-05:00", "2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00"),
        (Calendar.DAY, COASTS, "2026-11-18T01:00-05:00", "2026-11-17T00:00-08:00", "2026-11-19T00:00-05:00"),
        (Calendar.WEEK, NEW_YORK, "2026-11-15T23:59-05:00", "2026-11-09T00:00-05:00", "2026-11-16T00:00-05:00"),
        (Calendar.WEEK, COASTS, "2026-11-16T00:00-05:00", "2026-11-09T00:00-08:00", "2026-11-23T00:00-05:00"),
        (Calendar.MONTH, NEW_YORK, "2026-12-31T23:00-05:00", "2026-12-01T00:00-05:00", "2027-01-01T00:00-05:00"),
        (Calendar.MONTH, NEW_YORK, "2028-02-10T23:00-05:00", "2028-02-01T00:00-05:00", "2028-03-01T00:00-05:00"),
        # Midnight is left out: the day begins at one.
        (
            Calendar.DAY, ("Africa/Cairo",), "2026-04-24T12:00+03:00",
            "2026-04-24T01:00+03:00", "2026-04-25T00:00+03:00",
        ),
        # The last hour of the day comes twice.
        (
            Calendar.DAY, ("Africa/Cairo",), "2026-10-29T23:30+02:00",
            "2026-10-29T00:00+03:00", "2026-10-30T00:00+02:00",
        ),
        # Midnight comes twice: the day has begun at the first.
        (
            Calendar.DAY, ("Atlantic/Azores",), "2026-10-25T12:00-01:00",
            "2026-10-25T00:00+00:00", "2026-10-26T00:00-01:00",
        ),
        # 30 December 2011 was left out.
        (
            Calendar.DAY, ("Pacific/Apia",), "2011-12-29T12:00-10:00",
            "2011-12-29T00:00-10:00", "2011-12-31T00:00+14:00",
        ),
        (
            Calendar.DAY, ("Asia/Kathmandu",), "2026-07-01T12:00+05:45",
            "2026-07-01T00:00+05:45", "2026-07-02T00:00+05:45",
        ),
    ],
)  # fmt: skip
def test_a_period_of_the_calendar(
    calendar: Calendar, zones: tuple[str, ...], at: str, began: str, over: str
) -> None:
    assert began_at(calendar, zones, utc(at)) == utc(began)
    assert over_at(calendar, zones, utc(at)) == utc(over)
