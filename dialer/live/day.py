"""Whose midnight: the local day that a moment falls into, as moments UTC."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytz


def day_of(timezone: str, now: float) -> tuple[float, float]:
    """First moment of the day at `timezone` that `now` (seconds UTC) falls into, and of the day after."""
    zone = pytz.timezone(timezone)
    date = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return _first_moment(zone, date), _first_moment(zone, date + timedelta(days=1))


def _first_moment(zone: pytz.BaseTzInfo, midnight: datetime) -> float:
    try:
        local = zone.localize(midnight, is_dst=None)
    except pytz.NonExistentTimeError:  # clocks go forward at midnight: the day begins with that
        local = zone.localize(midnight, is_dst=False)
    except pytz.AmbiguousTimeError:  # midnight twice: the first
        local = zone.localize(midnight, is_dst=True)
    return local.timestamp()
