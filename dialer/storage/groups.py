"""What is committed next: all that has gathered while the last commit was under way, and each fetch and each
portion of leads by itself.

A call waits for its attempt, but nothing for a fetch, which leases leads seconds ahead, nor for the leads of an
import, nor for the record of a call that is over: attempts in line go first.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from dialer.clock import monotonic
from dialer.ports.store import (
    Answer,
    AttemptIntent,
    Audited,
    CloseAttempt,
    FetchLeads,
    MoveLeads,
    ReturnLeads,
    SaveAgentTime,
    SaveAttempt,
    SaveLeads,
    UpdateLeads,
    Write,
)
from dialer.storage.caps import CapKey, asked, counts_on
from dialer.storage.errors import WriterClosed
from dialer.storage.recovery import Recover, Recovered

GROUP_LIMIT = 1_000
"""Writes in one transaction: bounds how long the first of them waits for its answer."""

PATIENCE_S = 0.05
"""For how long others may go before a fetch, or before what is committed apart, at most."""

APART_AT_ONCE = 2
"""How much of that is committed at once: bounds how long an attempt waits that comes just then."""
CROWD = 50
"""If so much has gathered, all of it is."""

ALONE = (FetchLeads, SaveLeads, UpdateLeads, MoveLeads)
"""So many rows that an attempt in one commit with them would wait for these."""

UNHURRIED = (CloseAttempt, ReturnLeads, SaveAgentTime)
"""What has happened already: no call waits for their answers. They are answered when committed, as all are."""

Result = Answer | Recovered | Exception


@dataclass(slots=True)
class Entry:
    """A write in line. `direct`: answered in the writer's thread, for somebody blocks on it. `foreseen`: a fetch
    that was looked up already."""

    write: Write | Recover
    done: Callable[[Result], None]
    direct: bool
    foreseen: bool = False
    queued_at: float = field(default_factory=monotonic)

    @property
    def urgent(self) -> bool:
        return self.direct or not isinstance(self.write, UNHURRIED) or _refuses(self.write)

    @property
    def awaited(self) -> bool:
        """Whether a call, or somebody, waits for the answer."""
        return self.urgent and (self.direct or not self.alone)

    @property
    def alone(self) -> bool:
        """Whether it is committed by itself, behind attempts that wait."""
        return isinstance(self.write.write if isinstance(self.write, Audited) else self.write, ALONE)


class Groups:
    """Writes in line, put there by any thread and taken by the writer's. `linger_s`: how long writes that nobody
    waits for are held back, so that more share their commit. It is one of their own, and attempts that they have
    nothing to do with overtake them: a call would wait for the rows of others that nobody waits for."""

    def __init__(self, linger_s: float) -> None:
        self._linger_s = linger_s
        self._queue: SimpleQueue[Entry | None] = SimpleQueue()
        self._later: deque[Entry] = deque()  # in order: what goes alone, and what is committed apart
        self._closing: Counter[CapKey] = Counter()  # what the attempts count on that are closed there
        self._hurry = threading.Event()  # an urgent write was queued, or the end
        self._gate = threading.Lock()
        self._closed = False

    @property
    def queued(self) -> int:
        """Writes that wait for the next commit, at about this moment."""
        return self._queue.qsize() + len(self._later)

    def put(self, entry: Entry) -> None:
        """Raises `WriterClosed` after `close`."""
        with self._gate:  # so that nothing slips in behind the end of the queue, never to be answered
            if self._closed:
                raise WriterClosed("the writer is closed: this write was not stored")
            self._queue.put(entry)
            if entry.urgent and not self._hurry.is_set():
                self._hurry.set()

    def put_back(self, fetch: Entry) -> None:
        """It was taken, and is taken again behind the attempts that have come meanwhile, before all else."""
        self._later.appendleft(fetch)

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
        """What is to be committed together: everything in line but what goes later, or some of that, or one that
        goes alone, which is behind all that was put before it; either at most `PATIENCE_S` behind what came after
        it. Empty when nothing came for `wait_s` (None: for ever); None at the end, when all has been taken."""
        if self._later and monotonic() - self._later[0].queued_at >= PATIENCE_S:
            return self._next_later(GROUP_LIMIT)
        group: list[Entry] = []
        if not self._later:
            try:
                first = self._queue.get(timeout=wait_s)
            except Empty:
                return []
            if first is None:
                return None
            self._sort(first, group)
        self._hurry.clear()  # before looking: whatever is queued after the look sets it
        self._gather(group)
        if not any(entry.urgent for entry in (*group, *self._later)) and len(group) < GROUP_LIMIT:
            # Not by the queue: each write would wake the writer's thread, only to go on waiting.
            since = (group or self._later)[0].queued_at
            self._hurry.wait(since + self._linger_s - monotonic())
            self._gather(group)
        return group or self._next_later(APART_AT_ONCE if len(self._later) < CROWD else GROUP_LIMIT)

    def _gather(self, group: list[Entry]) -> None:
        """Whatever is in line: into the group, or to go later."""
        while len(group) < GROUP_LIMIT:
            try:
                entry = self._queue.get_nowait()
            except Empty:
                return
            if entry is None:
                self._queue.put(None)
                self._hurry.set()
                return
            self._sort(entry, group)

    def _sort(self, entry: Entry, group: list[Entry]) -> None:
        write = entry.write
        if entry.alone or not entry.urgent:
            self._later.append(entry)
            if isinstance(write, CloseAttempt):
                self._closing.update(_closed(write))
            return
        if not (isinstance(write, SaveAttempt) and self._closing.keys().isdisjoint(_looks_at(write.intent))):
            group += [one for one in self._later if not one.alone]
            self._later = deque(one for one in self._later if one.alone)
            self._closing.clear()
        group.append(entry)

    def _next_later(self, limit: int) -> list[Entry]:
        """One that goes alone, or at most `limit` of what is before the next one."""
        taken = [self._later.popleft()]
        if not taken[0].alone:
            while self._later and len(taken) < limit and not self._later[0].alone:
                taken.append(self._later.popleft())
            for entry in taken:
                if isinstance(entry.write, CloseAttempt):
                    self._closing.subtract(_closed(entry.write))
            self._closing = +self._closing
        return taken


def _refuses(write: Write | Recover) -> bool:
    """Every attempt behind it must see it: which numbers a person has is known to the database alone. And who
    kills us before it is stored would have them called again."""
    return isinstance(write, CloseAttempt) and write.block is not None


def _closed(write: CloseAttempt) -> Iterator[CapKey]:
    """Checks that look at these see it."""
    return counts_on(write.record)


def _looks_at(intent: AttemptIntent) -> Iterator[CapKey]:
    """What the checks of the attempt look at."""
    yield "number", intent.number
    yield from asked(intent)
