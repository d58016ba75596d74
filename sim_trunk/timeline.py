"""Virtual time: what will happen, in order. Equal moments keep the order in which they were set."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

Action = Callable[[Any], None]


class Timeline:
    """Things to come. `now`: seconds UTC, moved on by `step` only."""

    def __init__(self, start: float) -> None:
        self.now = start
        self._heap: list[tuple[float, int, Action, Any]] = []
        self._count = 0

    def after(self, delay_s: float, action: Action, argument: Any) -> None:
        """Call `action(argument)` when `delay_s` have passed, at once if it is not positive."""
        self._count += 1
        at = self.now + delay_s if delay_s > 0.0 else self.now
        heapq.heappush(self._heap, (at, self._count, action, argument))

    @property
    def next_at(self) -> float | None:
        """When the next thing happens; None when nothing will."""
        return self._heap[0][0] if self._heap else None

    def step(self) -> None:
        """Go to the next thing and let it happen. Raises `IndexError` when there is none."""
        at, _, action, argument = heapq.heappop(self._heap)
        self.now = at
        action(argument)
