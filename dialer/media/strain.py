"""Whether a media server keeps up with its packets."""

from __future__ import annotations

WINDOW_S = 1.0
FULL_BUSY = 0.85
EASY_BUSY = 0.7
"""Share of the time in which it worked: above the first nothing more is to be begun, until it is below the
second."""

FULL_LATE_S = 0.02
EASY_LATE_S = 0.01
"""How late ticks began on average: likewise. A single late one is the machine's, not the load's."""


class Strain:
    """Fed with every tick; says once a second how it was. `busy`, `late_s`: of the last second, share and
    highest."""

    __slots__ = ("_busy_s", "_late_s", "_latest_s", "_since", "_ticks", "busy", "late_s", "strained")

    def __init__(self, now: float) -> None:
        self.busy = 0.0
        self.late_s = 0.0
        self.strained = False
        self._begin(now)

    def _begin(self, now: float) -> None:
        self._since = now
        self._ticks = 0
        self._busy_s = self._late_s = self._latest_s = 0.0

    def ticked(self, late_s: float, busy_s: float, now: float) -> bool:
        """A tick began `late_s` after its time and took `busy_s`, until `now`. True at the end of a second."""
        self._ticks += 1
        self._busy_s += busy_s
        self._late_s += late_s
        if late_s > self._latest_s:
            self._latest_s = late_s
        passed = now - self._since
        if passed < WINDOW_S:
            return False
        self.busy, self.late_s = self._busy_s / passed, self._latest_s
        mean_late_s = self._late_s / self._ticks
        if self.strained:
            self.strained = self.busy > EASY_BUSY or mean_late_s > EASY_LATE_S
        else:
            self.strained = self.busy > FULL_BUSY or mean_late_s > FULL_LATE_S
        self._begin(now)
        return True
