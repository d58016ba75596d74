"""At which part of the day a lead is tried next: who did not answer on a Tuesday morning is looked for at another
time, and not all of them at the same one.

A daypart is a stretch of wall-clock time; on working days and at the weekend it is not the same one. Where a lead
is next tried: of the dayparts in which the window opens soon, those that it has been tried in least; and among all
of their open time, one moment drawn evenly. So a daypart gets its share by how long it is open, and the leads in
it are spread over all of it instead of waiting at its opening. The draw is a hash of the lead and the attempt, so
that a simulation, a replay and the live engine agree.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import nextafter

from campaigns.dayparts import USUAL, Dayparts
from campaigns.hours import DAY_S, MINUTES_PER_DAY, SATURDAY, weekday
from campaigns.window import CallingHours, closes_at, next_open
from campaigns.zone_offsets import utc_offset

_STEP_S = 900  # clocks are changed at whole quarters of an hour, UTC


def daypart_at(dayparts: Dayparts, zone: str, moment: float) -> tuple[str, float]:
    """In which daypart the wall clock of `zone` is: `evening`, at the weekend `weekend evening`, "" for none;
    and a moment until which it stays so."""
    offset = utc_offset(zone, moment)
    day, second = divmod(moment + offset, DAY_S)
    end, found = MINUTES_PER_DAY, ""
    for name, start, stop in dayparts.parts:
        if second < start * 60:
            end = start
            break
        if second < stop * 60:
            end, found = stop, name
            break
    until = moment - second + end * 60
    if utc_offset(zone, until - 1) != offset:
        until = min(until, (moment // _STEP_S + 1) * _STEP_S)
    if found and weekday(int(day)) >= SATURDAY:
        found = f"weekend {found}"
    return found, until


@dataclass(frozen=True, slots=True)
class Openings:
    """When a number may be called: `hours` in all of `zones`, `reach_s` before they close at the latest. `tried`:
    the moments (seconds UTC) of the attempts that there have been on the lead. Dayparts are those of the first
    zone, by which figures are kept too."""

    hours: CallingHours
    zones: tuple[str, ...]
    reach_s: float
    dayparts: Dayparts = USUAL
    tried: tuple[float, ...] = ()


def draw(*of: object) -> float:
    """A number from [0, 1) that is always the same for the same things, and evenly spread over different ones."""
    digest = blake2b("|".join(map(str, of)).encode(), digest_size=7).digest()
    return int.from_bytes(digest, "big") / (1 << 56)


def another_daypart(openings: Openings, since: float, within_s: float, drawn: float) -> float | None:
    """The moment in [since, since + within_s) at which a lead is tried again; None where no daypart opens in that
    time. `drawn`: from [0, 1), see `draw`. Raises `UnknownZone`."""
    until = since + within_s
    stretches: list[tuple[str, float, float]] = []
    if openings.zones:
        for day in range(int(since // DAY_S), int(until // DAY_S) + 1):
            for name, start, end in _stretches(
                openings.hours, openings.zones, openings.reach_s, openings.dayparts, day
            ):
                start, end = max(start, since), min(end, until)
                if start < end:
                    stretches.append((name, start, end))
    if not stretches:
        return None
    zone = openings.zones[0]
    tried = Counter(daypart_at(openings.dayparts, zone, moment)[0] for moment in openings.tried)
    least = min(tried[name] for name, _, _ in stretches)
    chosen = [(start, end) for name, start, end in stretches if tried[name] == least]
    ahead = drawn * sum(end - start for start, end in chosen)
    for start, end in chosen:
        if ahead < end - start:
            return min(start + ahead, nextafter(end, start))  # the sum may be rounded up to the end
        ahead -= end - start
    return chosen[-1][0]  # rounding has taken it past the last


@lru_cache(maxsize=8_192)
def _stretches(
    hours: CallingHours, zones: tuple[str, ...], reach_s: float, dayparts: Dayparts, day: int
) -> tuple[tuple[str, float, float], ...]:
    """The dayparts of one UTC day (days since the epoch) as far as a call may be placed in them."""
    found: list[tuple[str, float, float]] = []
    at, until = float(day * DAY_S), float((day + 1) * DAY_S)
    while at < until:
        opens = next_open(hours, zones, at, until - at)
        if opens is None:
            break
        closes = closes_at(hours, zones, opens)
        at = opens
        while at < min(closes - reach_s, until):
            name, end = daypart_at(dayparts, zones[0], at)
            end = min(end, closes - reach_s, until)
            if name and found and found[-1][0] == name and found[-1][2] == at:
                found[-1] = (name, found[-1][1], end)
            elif name:
                found.append((name, at, end))
            at = end
        at = max(at, closes)
    return tuple(found)
