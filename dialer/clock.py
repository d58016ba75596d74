"""The only place that reads a clock. Everything else is told the time."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What a shell needs of a clock."""

    def now(self) -> float:
        """Seconds since the Unix epoch, UTC; never less than what was answered before."""
        ...


class SystemClock:
    """UTC, read once and carried on by the monotonic clock.

    A step of the system's clock (NTP, an operator) in the middle of a run would otherwise stretch ring times
    and caps, or ring a phone outside its hours. Slewing is followed, because the kernel slews the monotonic
    clock as well.
    """

    def __init__(self) -> None:
        self._base = time.time() - time.monotonic()

    def now(self) -> float:
        return self._base + time.monotonic()


def monotonic() -> float:
    """Seconds of the monotonic clock, to measure how long something took."""
    return time.monotonic()


def cpu_s() -> float:
    """Seconds of processor time, user and system, that this process has used (all threads, no children)."""
    return time.process_time()
