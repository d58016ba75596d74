"""The last day of a list: no later day may have begun where the person may be, as long as the phone may ring."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from campaigns.hours import DAY_S
from campaigns.zone_offsets import utc_offset

NEVER = float("inf")
_EPOCH = date(1970, 1, 1)


@lru_cache(maxsize=16_384)
def ends_at(expires_on: str, zones: tuple[str, ...]) -> float:
    """When the day (ISO date, "" for none) is over in the first of `zones`, in UTC where there is none (seconds
    UTC); `NEVER` for no day. Raises `UnknownZone`."""
    if not expires_on:
        return NEVER
    midnight = float(((date.fromisoformat(expires_on) - _EPOCH).days + 1) * DAY_S)
    return min((_moment(midnight, zone) for zone in zones), default=midnight)


def _moment(wall: float, zone: str) -> float:
    """When the clock of `zone` shows that; where it does so twice or never, the earlier of what may be meant."""
    first = wall - utc_offset(zone, wall)
    return min(first, wall - utc_offset(zone, first))
