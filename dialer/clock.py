"""The only place that reads a clock. Everything else is told the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """What a shell needs of a clock."""

    def now(self) -> float:
        """Seconds since the Unix epoch, UTC; never less than what was answered before."""
        ...


STEP_S = 1.0
"""A difference from the system's clock beyond this is a step; below it may come of reading two clocks."""


CRAWL = 0.5
"""How fast time passes, while it is ahead of the system's clock, until that has caught up."""


class SystemClock:
    """UTC, carried on by the monotonic clock: it never goes back, and a second is a second. Slewing is followed,
    because the kernel slews the monotonic clock as well; a step of the system's clock when `adopt` is called.
    `wall`, `steady`: the two clocks of the machine, in seconds.
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._base = wall() - steady()
        self._floor = (
            float("-inf"),
            0.0,
        )  # a moment not to go back behind, and when it was, on the monotonic clock

    def now(self) -> float:
        steady = self._steady()
        moment, since = self._floor
        return max(self._base + steady, moment + (steady - since) * CRAWL)

    def read(self) -> tuple[float, float]:
        """What the system's clock and the monotonic one show now."""
        return self._wall(), self._steady()

    def adopt(self) -> None:
        """Go by the system's clock from here on. Where that was put back, time passes at half its pace until it
        has caught up."""
        self.not_before(self.now())
        self._base = self._wall() - self._steady()

    def not_before(self, moment: float) -> None:
        """Answer nothing earlier: it is on record already."""
        self._floor = (max(moment, self.now()), self._steady())


def monotonic() -> float:
    """Seconds of the monotonic clock, to measure how long something took."""
    return time.monotonic()


def cpu_s() -> float:
    """Seconds of processor time, user and system, that this process has used (all threads, no children)."""
    return time.process_time()
