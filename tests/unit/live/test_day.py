from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.live.day import day_of


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("zone", "now", "since", "until"),
    [
        ("UTC", "2026-11-23T00:00", "2026-11-23T00:00", "2026-11-24T00:00"),
        ("Europe/Berlin", "2026-11-22T23:30", "2026-11-22T23:00", "2026-11-23T23:00"),
        ("Europe/Berlin", "2026-11-22T22:59", "2026-11-21T23:00", "2026-11-22T23:00"),
        # Clocks go back on 25 October: that day has 25 hours, and 23 in spring.
        ("Europe/Berlin", "2026-10-25T12:00", "2026-10-24T22:00", "2026-10-25T23:00"),
        ("Europe/Berlin", "2026-03-29T12:00", "2026-03-28T23:00", "2026-03-29T22:00"),
        # In Beirut they go forward at midnight itself: the day begins at 01:00.
        ("Asia/Beirut", "2026-03-29T12:00", "2026-03-28T22:00", "2026-03-29T21:00"),
        # In Havana they go back at 01:00: midnight is there twice, and the day begins with the first.
        ("America/Havana", "2023-11-05T12:00", "2023-11-05T04:00", "2023-11-06T05:00"),
    ],
)
def test_days(zone: str, now: str, since: str, until: str) -> None:
    assert day_of(zone, utc(now)) == (utc(since), utc(until))


@given(
    st.floats(1.6e9, 2.0e9),
    st.sampled_from(["UTC", "Asia/Beirut", "America/Havana", "Africa/Cairo", "Asia/Kolkata"]),
)
def test_every_moment_is_in_its_day_and_days_follow_on_each_other(now: float, zone: str) -> None:
    since, until = day_of(zone, now)
    assert since <= now < until
    assert 22 * 3600 <= until - since <= 26 * 3600
    assert day_of(zone, until)[0] == until
    assert day_of(zone, since - 1.0)[1] == since
