"""A sum over the last hour or day, in slices."""

from __future__ import annotations

from collections import deque

SLICES = 60


class RollingSum:
    """What was added within the last `period_s` seconds. A slice of a sixtieth counts until all of it is
    older: the sum may be a little too large, never too small."""

    def __init__(self, period_s: float) -> None:
        self.period_s = period_s
        self._width_s = period_s / SLICES
        self._slices: deque[tuple[int, int]] = deque()  # (slice, amount), oldest first
        self._total = 0

    def add(self, amount: int, at: float) -> None:
        """`at`: seconds, never going back."""
        index = int(at // self._width_s)
        if self._slices and self._slices[-1][0] >= index:
            index, before = self._slices.pop()
            self._slices.append((index, before + amount))
        else:
            self._slices.append((index, amount))
        self._total += amount

    def total(self, now: float) -> int:
        self._forget(now)
        return self._total

    def below(self, limit: int, now: float) -> float:
        """When the sum is first at most `limit`, as things stand: `now` or later."""
        self._forget(now)
        left, at = self._total, now
        for index, amount in self._slices:
            if left <= limit:
                break
            left -= amount
            at = (index + 1) * self._width_s + self.period_s
        return at

    def _forget(self, now: float) -> None:
        while self._slices and (self._slices[0][0] + 1) * self._width_s + self.period_s <= now:
            self._total -= self._slices.popleft()[1]
