"""What the clock says where a number is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytz

from lists.phone import BadNumber, parse_phone

_OFFSET_GRID_S = 900
"""Zones change their UTC offset at multiples of a quarter of an hour, so offsets are remembered by these."""

_REMEMBERED = 200_000
"""Zones and offsets remembered before starting over; forgetting costs time only."""

_SATURDAY = 5


def first_zone(number: str) -> str | None:
    """The first candidate time zone of a number (E.164); None for text that is no number, and for numbers that
    lie nowhere in particular."""
    phone = parse_phone(number)
    if isinstance(phone, BadNumber) or not phone.zones:
        return None
    return phone.zones[0]


class LocalHours:
    """The hour and the kind of day on the clock of a number's first candidate zone. `zone_of` says which."""

    def __init__(self, zone_of: Callable[[str], str | None] = first_zone) -> None:
        self._zone_of = zone_of
        self._zones: dict[str, str | None] = {}
        self._offsets: dict[tuple[str, int], int] = {}

    def know(self, number: str, zone: str) -> None:
        """Take it that `zone` is the number's, instead of finding out."""
        self._zones[number] = zone

    def at(self, number: str, moment: float) -> tuple[int, bool] | None:
        """(hour 0–23, whether it is Saturday or Sunday) at `moment` (seconds UTC); None when nobody knows
        where the number is."""
        try:
            zone = self._zones[number]
        except KeyError:
            if len(self._zones) >= _REMEMBERED:
                self._zones.clear()
            zone = self._zones[number] = self._zone_of(number)
        if zone is None:
            return None
        days, hour = divmod(int((moment + self._offset_s(zone, moment)) // 3600), 24)
        return hour, (days + 3) % 7 >= _SATURDAY  # the epoch was a Thursday

    def _offset_s(self, zone: str, moment: float) -> int:
        key = zone, int(moment // _OFFSET_GRID_S)
        offset = self._offsets.get(key)
        if offset is None:
            if len(self._offsets) >= _REMEMBERED:
                self._offsets.clear()
            ahead = datetime.fromtimestamp(moment, UTC).astimezone(pytz.timezone(zone)).utcoffset()
            offset = self._offsets[key] = 0 if ahead is None else int(ahead.total_seconds())
        return offset
