"""The only place that reads a clock. Everything else is told the time."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What a shell needs of a clock."""

    def now(self) -> float:
        """Seconds since the Unix epoch, UTC; never less than what was answered before."""
        ...


STEP_S = 1.0
"""A difference from the system's clock beyond this is a step; below it may come of reading two clocks."""


class SystemClock:
    """UTC, carried on by the monotonic clock: it never goes back, and a second is a second. Slewing is followed,
    because the kernel slews the monotonic clock as well; a step of the system's clock when `follow` is called.
    """

    def __init__(self) -> None:
        self._base = time.time() - time.monotonic()

    def now(self) -> float:
        return self._base + time.monotonic()

    def follow(self) -> float:
        """Where the system's clock is ahead (the machine slept, or was set right after the start), go on from
        there: phones must not ring by the hour of before. By how many seconds it differs: below 0 it was put
        back, which nobody may follow; 0 when it was not moved."""
        ahead = time.time() - self.now()
        if abs(ahead) <= STEP_S:
            return 0.0
        if ahead > 0.0:
            self._base += ahead
        return ahead


def monotonic() -> float:
    """Seconds of the monotonic clock, to measure how long something took."""
    return time.monotonic()


def cpu_s() -> float:
    """Seconds of processor time, user and system, that this process has used (all threads, no children)."""
    return time.process_time()
