"""The timers of RFC 3261 § 17 and RFC 6026, and the one queue that all of a user agent's timers share."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SipTimers:
    """Seconds. `t1_s`: estimate of the round trip; `t2_s`: longest interval between retransmissions of what is
    not an INVITE request; `t4_s`: longest life of a message in the network (RFC 3261, table 4). `timeout_s` is
    64·T1, the value of timers B, F, H, J, L and M. `d_s`: timer D, not less than 64·T1."""

    t1_s: float = 0.5
    t2_s: float = 4.0
    t4_s: float = 5.0
    timeout_s: float = field(init=False)
    d_s: float = field(init=False)

    def __post_init__(self) -> None:
        if not 0 < self.t1_s <= self.t2_s:
            raise ValueError(f"T1 must be positive and not above T2: t1_s={self.t1_s}, t2_s={self.t2_s}")
        if self.t4_s <= 0:
            raise ValueError(f"T4 must be positive: t4_s={self.t4_s}")
        object.__setattr__(self, "timeout_s", 64 * self.t1_s)
        object.__setattr__(self, "d_s", 64 * self.t1_s)


class Timed(Protocol):
    """Something that wants to be woken. Only the queue writes `due_at`."""

    due_at: float | None

    def on_timer(self, now: float) -> None: ...


class TimerQueue:
    """One heap with lazy deletion. Each owner has one moment at which it wants to be woken and keeps its own
    several timers, so the heap holds one live entry a call, and dead ones only until their moment."""

    __slots__ = ("_counter", "_heap")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timed]] = []
        self._counter = 0

    def __len__(self) -> int:
        return len(self._heap)

    def wake(self, owner: Timed, at: float | None) -> None:
        """Wake `owner` at `at`, and at no other moment; None: not at all."""
        if owner.due_at == at:
            return
        owner.due_at = at
        if at is not None:
            self._counter += 1
            heappush(self._heap, (at, self._counter, owner))

    def next_deadline(self) -> float | None:
        """The earliest moment anybody wants, or None."""
        heap = self._heap
        while heap:
            at, _, owner = heap[0]
            if owner.due_at == at:
                return at
            heappop(heap)
        return None

    def fire(self, now: float) -> None:
        """Wake everybody whose moment is not after `now`."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            at, _, owner = heappop(heap)
            if owner.due_at == at:
                owner.due_at = None
                owner.on_timer(now)
