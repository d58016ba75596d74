"""The one writer: a thread that commits whatever has gathered while the last commit was under way.

See `docs/decisions/0003-one-writer.md`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import cast

from sqlalchemy import Engine

from dialer.ports.store import Answer, CloseAttempt, ReturnLeads, SaveAgentTime, Write
from dialer.storage.errors import WriterClosed, as_storage_error
from dialer.storage.recovery import Recover, Recovered
from dialer.storage.unit_of_work import UnitOfWork

log = logging.getLogger("dialer.storage")

GROUP_LIMIT = 1_000
"""Writes in one transaction: bounds how long the first of them waits for its answer."""

LINGER_S = 0.005
"""How long a group of writes that nobody waits for is held back, so that more share its commit."""

_UNHURRIED = (CloseAttempt, ReturnLeads, SaveAgentTime)
"""What has happened already: no call waits for their answers. They are answered when committed, as all are."""

Result = Answer | Recovered | Exception
Deliver = Callable[[Callable[[], None]], object]


@dataclass(slots=True)
class _Entry:
    write: Write | Recover
    done: Callable[[Result], None]
    direct: bool  # answered in the writer's thread: somebody blocks on it

    @property
    def urgent(self) -> bool:
        return self.direct or not isinstance(self.write, _UNHURRIED)


class Writer:
    """Implements `Journal`. `deliver` receives one callable per commit, which gives all its answers; None: it is
    called right in the writer's thread. `linger_s`: how long writes that nobody waits for may be held back for
    company; 0 commits them at once. The writer disposes of the engine when it is closed."""

    def __init__(self, engine: Engine, deliver: Deliver | None = None, *, linger_s: float = LINGER_S) -> None:
        self.engine = engine
        self._linger_s = linger_s
        self._deliver = deliver
        self._connection = engine.connect()
        self._work = UnitOfWork(self._connection)
        self._queue: SimpleQueue[_Entry | None] = SimpleQueue()
        self._hurry = threading.Event()  # an urgent write was queued, or the end
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="dialer-writer", daemon=True)
        self._thread.start()

    def deliver_through(self, deliver: Deliver | None) -> None:
        """Hand answers over this way from now on: `loop.call_soon_threadsafe` once there is a loop."""
        self._deliver = deliver

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        """See `Journal.submit`. Raises `WriterClosed` after `close`."""
        self._put(_Entry(write, cast("Callable[[Result], None]", done), direct=False))

    def write(self, write: Write) -> Answer:
        """Write and wait for the answer, for callers without an event loop (never from the loop's thread: its
        fsync would hold up every call). Raises what kept the write from being committed."""
        return cast("Answer", self.perform(write))

    def perform(self, write: Write | Recover) -> Answer | Recovered:
        """As `write`, with the store's own writes too."""
        results: SimpleQueue[Result] = SimpleQueue()
        self._put(_Entry(write, results.put, direct=True))
        result = results.get()
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> None:
        """Commit and answer everything queued, then let go of the database. May be called again."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
            self._hurry.set()
        self._thread.join()
        self._work.close()
        self._connection.close()
        self.engine.dispose()

    def _put(self, entry: _Entry) -> None:
        with self._gate:  # so that nothing slips in behind the end of the queue, never to be answered
            if self._closed:
                raise WriterClosed("the writer is closed: this write was not stored")
            self._queue.put(entry)
            if entry.urgent and not self._hurry.is_set():
                self._hurry.set()

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            results = self._commit([entry.write for entry in group])
            self._answer(list(zip(group, results, strict=True)))

    def _next_group(self) -> list[_Entry] | None:
        """Everything queued, at least one entry; None at the end of the queue."""
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        self._hurry.clear()  # before looking: whatever is queued after the look sets it
        self._gather(group)
        if self._linger_s > 0.0 and len(group) < GROUP_LIMIT and not any(entry.urgent for entry in group):
            # Not by the queue: each write would wake this thread, only to go on waiting.
            self._hurry.wait(self._linger_s)
            self._gather(group)
        return group

    def _gather(self, group: list[_Entry]) -> None:
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

    def _commit(self, writes: list[Write | Recover]) -> list[Result]:
        """Commit the group. If anything fails, nothing of it is stored and each is tried alone, in order: a bad
        write takes no other down with it, and each gets the answer it would have got by itself."""
        try:
            with self._connection.begin():
                answers: list[Result] = [self._work.apply(write) for write in writes]
                self._work.flush()
        except Exception as error:  # noqa: BLE001 - whatever it was, the one who asked is told, and others go on
            self._work.forget()
            if len(writes) == 1:
                return [as_storage_error(error)]
            return [result for write in writes for result in self._commit([write])]
        return answers

    def _answer(self, results: list[tuple[_Entry, Result]]) -> None:
        """Those who block on theirs come last: what was written before theirs has then been handed over."""
        rest = [(entry.done, result) for entry, result in results if not entry.direct]
        deliver = self._deliver
        try:
            if rest and deliver is None:
                _call_all(rest)
            elif rest and deliver is not None:
                deliver(lambda: _call_all(rest))
        except RuntimeError:  # what a closed event loop raises
            log.exception("nobody is left to take %d answers; what they answer stands as committed", len(rest))
        _call_all([(entry.done, result) for entry, result in results if entry.direct])


def _call_all(answers: list[tuple[Callable[[Result], None], Result]]) -> None:
    """One callback that fails must neither stop the others nor the writer."""
    for done, result in answers:
        try:
            done(result)
        except Exception:
            log.exception("the callback of a write failed on %r", result)
