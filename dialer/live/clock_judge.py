"""Can the machine's clock be relied on? A step (NTP, a machine that slept, a clock that was read in the wrong zone
when it started) would have people called by an hour that is not theirs.

The system's clock is held against the monotonic clock, which nobody sets. When they part, nothing may be dialed
until they have run side by side again for a while; then the new time is gone by. A clock that was put back, or is
behind what is on record, has to catch up first: the order of attempts and the counts of caps need a time that
never goes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from dialer.clock import CRAWL, STEP_S
from dialer.live.conditions import duration

SETTLES_S = 10.0
"""So long the two clocks have to run side by side before a step is believed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`doubt`: why nothing may be dialed, and what to do; "" while the clock is trusted. `adopt`: go by the
    system's clock from now on."""

    doubt: str
    adopt: bool = False


class ClockJudge:
    """`wall`, `steady`: what the system's and the monotonic clock show at the start, in seconds."""

    def __init__(self, wall: float, steady: float) -> None:
        self._offset = wall - steady  # gone by
        self._seen = self._offset  # where the system's clock is
        self._since: float | None = None  # since when, on the monotonic clock; None: it is gone by
        self._behind = ""

    def look(self, wall: float, steady: float, now: float, in_the_air: Callable[[], bool]) -> Verdict:
        """`now`: the time that is gone by. `in_the_air`: whether calls without an agent are under way, whose time
        must not pass more slowly."""
        if abs(wall - steady - self._seen) > STEP_S:
            self._seen = wall - steady
            self._since = steady
        adopt = False
        if self._since is not None:
            stepped_s = self._seen - self._offset
            if steady - self._since < SETTLES_S or (stepped_s < -STEP_S and in_the_air()):
                return Verdict(_stepped(stepped_s))
            if abs(stepped_s) > STEP_S:  # else it is back where it was
                adopt = True
                self._offset = self._seen
            self._since = None
        if now - wall <= STEP_S:
            self._behind = ""
        elif not self._behind:
            self._behind = _behind(now, now - wall)
        return Verdict(self._behind, adopt)


def _stepped(seconds: float) -> str:
    if abs(seconds) <= STEP_S:
        moved = "was set, and set back again"
    else:
        moved = f"was put {'ahead' if seconds > 0 else 'back'} by {duration(abs(seconds))}"
    return (
        f"The machine's clock {moved}: nothing is dialed until it has run steadily for {SETTLES_S:.0f} s. Calls "
        "in progress go on. Did it sleep? Else see to its time service (NTP) and its time zone."
    )


def _behind(now: float, seconds: float) -> str:
    latest = datetime.fromtimestamp(now, UTC)
    return (
        f"The machine's clock is {duration(seconds)} behind the last moment on record, {latest:%Y-%m-%d %H:%M:%S} "
        f"UTC: nothing is dialed until it has caught up, in {duration(seconds / CRAWL)}. Is it right? If not, see "
        "to its time service (NTP) and its time zone. If it is, and was wrong before, start the service again: "
        "then it only has to catch up with the last call that was placed."
    )
