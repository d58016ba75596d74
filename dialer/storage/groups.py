"""What is committed next: all that has gathered while the last commit was under way, and each fetch by itself.

A call waits for its attempt, but nothing for a fetch, which leases leads seconds ahead: attempts in line go first.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from dialer.clock import monotonic
from dialer.ports.store import Answer, CloseAttempt, FetchLeads, ReturnLeads, SaveAgentTime, Write
from dialer.storage.errors import WriterClosed
from dialer.storage.recovery import Recover, Recovered

GROUP_LIMIT = 1_000
"""Writes in one transaction: bounds how long the first of them waits for its answer."""

FETCH_PATIENCE_S = 0.05
"""For how long others may go before a fetch at most."""

_UNHURRIED = (CloseAttempt, ReturnLeads, SaveAgentTime)
"""What has happened already: no call waits for their answers. They are answered when committed, as all are."""

Result = Answer | Recovered | Exception


@dataclass(slots=True)
class Entry:
    """A write in line. `direct`: answered in the writer's thread, for somebody blocks on it."""

    write: Write | Recover
    done: Callable[[Result], None]
    direct: bool
    queued_at: float = field(default_factory=monotonic)

    @property
    def urgent(self) -> bool:
        return self.direct or not isinstance(self.write, _UNHURRIED)


class Groups:
    """Writes in line, put there by any thread and taken by the writer's. `linger_s`: how long a group of writes
    that nobody waits for is held back, so that more share its commit."""

    def __init__(self, linger_s: float) -> None:
        self._linger_s = linger_s
        self._queue: SimpleQueue[Entry | None] = SimpleQueue()
        self._fetches: deque[Entry] = deque()
        self._hurry = threading.Event()  # an urgent write was queued, or the end
        self._gate = threading.Lock()
        self._closed = False

    @property
    def queued(self) -> int:
        """Writes that wait for the next commit, at about this moment."""
        return self._queue.qsize() + len(self._fetches)

    def put(self, entry: Entry) -> None:
        """Raises `WriterClosed` after `close`."""
        with self._gate:  # so that nothing slips in behind the end of the queue, never to be answered
            if self._closed:
                raise WriterClosed("the writer is closed: this write was not stored")
            self._queue.put(entry)
            if entry.urgent and not self._hurry.is_set():
                self._hurry.set()

    def close(self) -> bool:
        """Nothing is put in line any more. False if that was so already."""
        with self._gate:
            if self._closed:
                return False
            self._closed = True
            self._queue.put(None)
            self._hurry.set()
            return True

    def next(self, wait_s: float | None = None) -> list[Entry] | None:
        """Everything in line but fetches, or one fetch: behind all that was put before it, and at most
        `FETCH_PATIENCE_S` behind what came after. Empty when nothing came for `wait_s` (None: for ever); None at
        the end, when all has been taken."""
        if self._fetches and monotonic() - self._fetches[0].queued_at >= FETCH_PATIENCE_S:
            return [self._fetches.popleft()]
        try:
            first = self._queue.get(block=not self._fetches, timeout=wait_s)
        except Empty:
            return [self._fetches.popleft()] if self._fetches else []
        if first is None:
            if not self._fetches:
                return None
            self._queue.put(None)
            return [self._fetches.popleft()]
        group = [first]
        self._hurry.clear()  # before looking: whatever is queued after the look sets it
        self._gather(group)
        if not (self._fetches or len(group) >= GROUP_LIMIT or any(entry.urgent for entry in group)):
            # Not by the queue: each write would wake the writer's thread, only to go on waiting.
            self._hurry.wait(self._linger_s)
            self._gather(group)
        self._fetches.extend(entry for entry in group if isinstance(entry.write, FetchLeads))
        return [entry for entry in group if not isinstance(entry.write, FetchLeads)] or [self._fetches.popleft()]

    def _gather(self, group: list[Entry]) -> None:
        while len(group) < GROUP_LIMIT:
            try:
                entry = self._queue.get_nowait()
            except Empty:
                return
            if entry is None:
                self._queue.put(None)
                self._hurry.set()
                return
            group.append(entry)
