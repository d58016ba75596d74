"""How much risk of an abandonment a launch may carry, so that every window keeps its limit."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

LEAST_RISK = 0.001
MOST_RISK = 0.3
_LEAST_USUAL = 0.006
"""The risk that is steered does not fall below: it would take a day to come back."""
_STEP = 0.1
_AIM = 0.96
"""Share of the allowance that is aimed at: the rest is for what chance adds at the end of a window."""
_STEERED_AHEAD_S, _RISKED_AHEAD_S = 7_200.0, 1_800.0
"""So far ahead are answers reckoned with, in steering and before a window would break: dialing may stop at any
time, and what was spent on account of later answers would stay."""
_BUCKETS = 96
_RATE_HALF_LIFE_S = 900.0


@dataclass(slots=True)
class _Window:
    """Live answers and abandonments of the last `length_s`, in buckets."""

    length_s: float
    buckets: deque[list[float]] = field(default_factory=deque)  # [begin, live, abandoned]
    live: int = 0
    abandoned: int = 0

    def count(self, now: float, *, live: int, abandoned: int) -> None:
        width = self.length_s / _BUCKETS
        if not self.buckets or now >= self.buckets[-1][0] + width:
            self.buckets.append([now, 0, 0])
        self.buckets[-1][1] += live
        self.buckets[-1][2] += abandoned
        self.live += live
        self.abandoned += abandoned

    def expire(self, now: float) -> None:
        while self.buckets and self.buckets[0][0] < now - self.length_s:
            _, live, abandoned = self.buckets.popleft()
            self.live -= int(live)
            self.abandoned -= int(abandoned)


class Governor:
    """Spends the allowance of each window evenly over the answers that the window still expects.

    `target`: the fraction of live answers that may be abandoned, in each of `windows_s` (rolling, seconds). After
    each live answer the risk moves towards what is left, in proportion; where one more abandonment would break a
    window for certain, only launches next to no risk are left."""

    def __init__(self, target: float, windows_s: Sequence[float]) -> None:
        self._target = target
        self._windows = [_Window(length) for length in windows_s]
        self._log_risk = math.log(target)
        self._rate = 0.0  # answers a second, with forgetting
        self._counted = self._retracted = 0  # answers, and those of them that were no person's
        self._rate_at: float | None = None
        self._began_at: float | None = None

    def recall(self, spans: Iterable[tuple[float, int, int]]) -> None:
        """What was counted before: (moment, live answers, abandoned of them), oldest first."""
        for window in self._windows:
            later, window.buckets = window.buckets, deque()
            for at, live, abandoned in spans:
                window.count(at, live=live, abandoned=abandoned)
            window.buckets.extend(later)

    def answered(self, now: float, *, abandoned: bool) -> None:
        """A person has answered, and was taken by an agent or was not."""
        if self._began_at is None:
            self._began_at = now
        self._note_rate(now)
        self._counted += 1
        for window in self._windows:
            window.count(now, live=1, abandoned=int(abandoned))
        self._steer(_STEP * (self._least_allowance(now) - abandoned))

    def retract(self, now: float) -> None:
        """One answer that was counted, and not as abandoned, was no person's: what it added to the risk goes."""
        self._retracted += 1
        for window in self._windows:
            window.count(now, live=-1, abandoned=0)
        self._steer(-_STEP * self._least_allowance(now))

    def risk(self, now: float) -> float:
        """The highest chance of an abandonment at which to launch."""
        return self.standing(now)[0]

    def standing(self, now: float) -> tuple[float, int, float]:
        """That risk; how many more may be abandoned now in the window that allows least; and the length of that
        window."""
        left, length_s = min((self._left(window, now), window.length_s) for window in self._windows)
        return (LEAST_RISK if left < 1 else math.exp(self._log_risk)), left, length_s

    def _left(self, window: _Window, now: float) -> int:
        window.expire(now)
        expected = self._expected(window, now, _RISKED_AHEAD_S)
        # The first is always affordable: else only certainty would be dialed until so many have answered.
        allowed = self._target * (max(window.live, 1 / self._target) + expected)
        return math.floor(allowed + 1e-9) - window.abandoned

    def _steer(self, by: float) -> None:
        self._log_risk = min(max(self._log_risk + by, math.log(_LEAST_USUAL)), math.log(MOST_RISK))

    def _least_allowance(self, now: float) -> float:
        for window in self._windows:
            window.expire(now)
        return min(self._allowance(window, now) for window in self._windows)

    def _allowance(self, window: _Window, now: float) -> float:
        """The share of the answers to come that may be abandoned so that the window ends at its aim."""
        coming = self._expected(window, now, _STEERED_AHEAD_S)
        aim = self._target * _AIM
        if coming < 1.0:
            return LEAST_RISK
        left = aim * (window.live + coming) - window.abandoned
        return min(max(left / coming, 0.0005), 2 * self._target)

    def _expected(self, window: _Window, now: float, ahead_s: float) -> float:
        """Live answers that are still to come in so many seconds, while the window lasts."""
        began = self._began_at if self._began_at is not None else now
        left_s = window.length_s - (now - began) % window.length_s
        people = 1.0 - self._retracted / max(self._counted, 1)
        return people * self._rate * min(left_s, ahead_s)

    def _note_rate(self, now: float) -> None:
        if self._rate_at is None:
            self._rate_at, self._rate = now, 1 / 60.0
            return
        gap = max(now - self._rate_at, 1e-3)
        keep = 0.5 ** (gap / _RATE_HALF_LIFE_S)
        self._rate = self._rate * keep + (1 - keep) / gap
        self._rate_at = now
