"""Callbacks: what was promised to whom, and when that is.

A promise is a time of day on the called person's clock. It is kept as that, wall time and zone, and turned into a
moment late: a government that moves the clocks between the promise and the call moves the call with them.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, timedelta

from campaigns.zone_offsets import utc_offset
from lists.value import value

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall clocks have no zone
_DAY_S = 86_400.0
_FIRST, _LAST = 0.0, (datetime(2037, 1, 1) - _EPOCH).total_seconds()  # noqa: DTZ001

CONSENT_HOLDS_S = 1_800.0
"""A call outside the hours was agreed to for the promised time: so long after it nobody expects it any more."""


@value
class Promise:
    """What an agent says of a callback: at `wall` on the clock of `zone`, or at the moment `at` (seconds UTC),
    which is then put down on that clock. `zone` "": that of the number talked on. `agent_id`: by that agent
    alone; "": by anyone. `consent`: in which words the person agreed to be called at that time though it lies
    outside the hours."""

    at: float | None = None
    wall: str = ""
    zone: str = ""
    agent_id: str = ""
    consent: str = ""


@value
class Callback:
    """A promised call. `promised_in`: the attempt in which it was, which names it. `wall`: `2026-12-01T18:00:00`
    on the clock of `zone`; `due_at`: that moment by the zone data of now, seconds UTC. `made_by`: the agent who
    made the promise and put down the consent, at `made_at`. `agent_id`, `consent`: as in `Promise`."""

    promised_in: int
    campaign: str
    lead_id: int
    number: str
    wall: str
    zone: str
    due_at: float
    made_at: float
    made_by: str
    agent_id: str = ""
    consent: str = ""

    def consented_at(self, number: str, now: float) -> bool:
        """Whether a call to `number` at `now` is one that the person agreed to outside the hours."""
        agreed = bool(self.consent) and number == self.number
        return agreed and self.due_at <= now < self.due_at + CONSENT_HOLDS_S


def wall_of(moment: float, zone: str) -> str:
    """What the clock of `zone` shows at a moment (seconds UTC), to the second. Raises `ValueError` for a moment
    that is out of range, `UnknownZone`."""
    if not _FIRST <= moment < _LAST:
        raise ValueError(
            f"{moment:.0f} is out of range: a moment is told in seconds since 1970, up to the year 2036"
        )
    return (_EPOCH + timedelta(seconds=int(moment) + utc_offset(zone, moment))).isoformat()


def moment_of(wall: str, zone: str) -> float:
    """When the clock of `zone` shows `wall` (`2026-12-01T18:00`), seconds UTC: of two such moments, in the hour
    that is repeated in autumn, the first; of none, in the hour that is skipped in spring, the moment at which it
    is skipped. Raises `ValueError` for what is no wall time, `UnknownZone`."""
    shown = datetime.fromisoformat(wall)
    if shown.tzinfo is not None:
        raise ValueError(f"{wall!r} has an offset of its own: a wall time is what the clock on the wall shows")
    if not 1971 <= shown.year <= 2036:
        raise ValueError(f"{wall!r} is out of range")
    local = (shown - _EPOCH).total_seconds()
    offsets = sorted({utc_offset(zone, local + days * _DAY_S) for days in (-1, 0, 1)}, reverse=True)
    for offset in offsets:
        if utc_offset(zone, local - offset) == offset:
            return local - offset
    # The clock jumps over it: at some second between what it would be by the one offset and by the other.
    before, skipped = min(offsets), range(int(local - max(offsets)), int(local - min(offsets)) + 1)
    return float(skipped[bisect_left(skipped, True, key=lambda at: utc_offset(zone, at) != before)])
