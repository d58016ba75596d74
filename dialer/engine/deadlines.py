"""The engine's timers: it owns them, the shells only wake it."""

from __future__ import annotations

import heapq
from enum import StrEnum


class Timer(StrEnum):
    SETUP = "setup"  # no provisional response in time
    RING = "ring"  # rung long enough
    HOLD = "hold"  # the detector has had its time
    GRACE = "grace"  # a live answer has waited long enough
    FLOW = "flow"  # a call flow or a message should long be over
    END = "end"  # we ended a call and its end was not reported
    WRAP_UP = "wrap_up"  # the agent's time for the disposition is over
    DESK = "desk"  # a lost desk has not come back
    PHONE = "phone"  # the lost phone of an agent in a conversation has not come back
    PACE = "pace"  # next pacing decision
    UNSAVED = "unsaved"  # try failed writes again


Key = tuple[Timer, int | str]
_Entry = tuple[float, int, Key]

SPARE = 64
"""So many entries that are out of date are not worth tidying up for."""


class Deadlines:
    """At most one deadline per key; the order of equal moments is the order in which they were set."""

    def __init__(self) -> None:
        self._heap: list[_Entry] = []
        self._current: dict[Key, _Entry] = {}  # the very entries of the heap: any other there is out of date
        self._count = 0

    def set(self, timer: Timer, subject: int | str, at: float) -> None:
        """Set or move a deadline to `at` (seconds UTC)."""
        key = (timer, subject)
        if (current := self._current.get(key)) is not None and current[0] == at:
            return
        if len(self._heap) > 2 * len(self._current) + SPARE:
            self._heap = list(self._current.values())
            heapq.heapify(self._heap)
        self._count += 1
        entry = self._current[key] = (at, self._count, key)
        heapq.heappush(self._heap, entry)

    def __len__(self) -> int:
        """Entries held, those out of date included."""
        return len(self._heap)

    def clear(self, timer: Timer, subject: int | str) -> None:
        """Forget a deadline; nothing happens if there is none."""
        self._current.pop((timer, subject), None)

    def at(self, timer: Timer, subject: int | str) -> float | None:
        """When this deadline is, None if it is not set."""
        entry = self._current.get((timer, subject))
        return None if entry is None else entry[0]

    def next(self) -> float | None:
        """The earliest deadline; None when there is none."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> Key | None:
        """Take the earliest deadline that is due at `now`."""
        if not self._heap or self._heap[0][0] > now:
            return None
        self._drop_stale()
        if not self._heap or self._heap[0][0] > now:
            return None
        _, _, key = heapq.heappop(self._heap)
        del self._current[key]
        return key

    def _drop_stale(self) -> None:
        heap, current = self._heap, self._current
        while heap:
            entry = heap[0]
            if current.get(entry[2]) is entry:
                return
            heapq.heappop(heap)
