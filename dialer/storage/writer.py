"""The one writer: a thread that commits whatever has gathered while the last commit was under way.

See `docs/decisions/0003-one-writer.md`; what a lost connection to a server means, in `0008-postgresql.md`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, Engine

from dialer.clock import monotonic
from dialer.ports.store import Answer, FetchLeads, Write
from dialer.storage.errors import DatabaseTaken, DiskFailed, Outrun, StoreUnreachable, as_storage_error
from dialer.storage.groups import Entry, Groups, Result
from dialer.storage.recovery import Recover, Recovered
from dialer.storage.sqlite import choose_sync
from dialer.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from dialer.storage.checkpoints import Checkpoints
    from dialer.storage.ownership import Ownership

log = logging.getLogger("dialer.storage")

RACES = 20
"""How often a group is tried again that another writer of the same database was quicker than."""

LINGER_S = 0.005
"""How long a group of writes that nobody waits for is held back, so that more share its commit."""

SETTLE_S = 5.0
"""How long everything waits for the server to say what became of a commit that was sent and not answered."""
SETTLE_STEP_S = 0.1
HELD_STEP_S = 1.0
"""If it does not come back by then others are answered, and the server is looked for so often."""


UNFLUSHED_S = 0.02
"""For how long the answer to what was committed without waiting for the disk waits for a commit that does, before
one is made for it alone."""
IMPORT_UNFLUSHED_S = 0.002
"""The same for leads of an import, which goes on when it is answered."""
UNSURE = "we ended before it was known to be on the disk"


@dataclass(frozen=True, slots=True)
class _Unsettled:
    """The answer to a write if `transaction` was stored, which is not known: why not."""

    transaction: int
    answer: Answer | Recovered
    reason: str

    def once_known(self, last_stored: int) -> Result:
        """Transactions are stored in the order of their numbers."""
        return self.answer if self.transaction <= last_stored else StoreUnreachable(self.reason)

    @property
    def undecided(self) -> StoreUnreachable:
        return StoreUnreachable(self.reason, undecided=True)


class _Unflushed(_Unsettled):
    """It is committed, and will be on the disk no later than the next commit that waits for it."""


Deliver = Callable[[Callable[[], None]], object]


class Writer:
    """Implements `Journal`. `deliver` receives one callable per commit, which gives all its answers; None: it is
    called right in the writer's thread. `linger_s`: how long writes that nobody waits for may be held back for
    company; 0 commits them at once. `ownership`: of a database on a server, claimed on every connection the writer
    makes; what it raises is what the writer's constructor raises. `checkpoints`: of a database that keeps its log
    beside it, looked after between commits. The writer disposes of the engine when it is closed."""

    def __init__(
        self,
        engine: Engine,
        deliver: Deliver | None = None,
        *,
        linger_s: float = LINGER_S,
        ownership: Ownership | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self.engine = engine
        self._deliver = deliver
        self._ownership = ownership
        self._checkpoints = checkpoints
        self._connection: Connection | None = None
        self._work = self._connect()
        self._observer: Callable[[float], None] | None = None
        self._ending = threading.Event()
        self._groups = Groups(linger_s)
        self._unflushed: list[tuple[Entry, _Unsettled]] = []
        self._flush_at = 0.0
        self._flushed: list[tuple[Entry, Result]] = []
        self._held: list[tuple[Entry, _Unsettled]] = []
        self._thread = threading.Thread(target=self._run, name="dialer-writer", daemon=True)
        self._thread.start()

    def deliver_through(self, deliver: Deliver | None) -> None:
        """Hand answers over this way from now on: `loop.call_soon_threadsafe` once there is a loop."""
        self._deliver = deliver

    def observed_by(self, observer: Callable[[float], None] | None) -> None:
        """`observer` is told after each commit for how many seconds the first of its writes had been queued, in
        the writer's thread."""
        self._observer = observer

    @property
    def queued(self) -> int:
        """Writes that wait for the next commit, at about this moment."""
        return self._groups.queued

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        """See `Journal.submit`. Raises `WriterClosed` after `close`."""
        self._groups.put(Entry(write, cast("Callable[[Result], None]", done), direct=False))

    def write(self, write: Write) -> Answer:
        """Write and wait for the answer, for callers without an event loop (never from the loop's thread: its
        fsync would hold up every call). Raises what kept the write from being committed."""
        return cast("Answer", self.perform(write))

    def perform(self, write: Write | Recover) -> Answer | Recovered:
        """As `write`, with the store's own writes too."""
        results: SimpleQueue[Result] = SimpleQueue()
        self._groups.put(Entry(write, results.put, direct=True))
        result = results.get()
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> None:
        """Commit and answer everything queued, then let go of the database. May be called again."""
        if not self._groups.close():
            return
        self._ending.set()
        self._thread.join()
        if self._checkpoints is not None:
            self._checkpoints.close()
        self._let_go()
        self.engine.dispose()

    def _run(self) -> None:
        # Empty when nothing came while writes are held: it is time to look for the server again, or to commit what
        # was not waited for.
        while (group := self._groups.next(self._patience())) is not None:
            if self._is_foreseen(group):
                continue
            results = self._commit([entry.write for entry in group], durably=self._is_awaited(group))
            if group:
                self._observe(monotonic() - group[0].queued_at)
            elif self._unflushed:  # that failed, and will again if it is tried at once
                self._flush_at = monotonic() + HELD_STEP_S
            known = self._hold(list(zip(group, results, strict=True)))
            self._answer([*self._flushed, *known])
            self._flushed.clear()
            if self._checkpoints is not None:
                self._checkpoints.after_commit(self._current())
                if any(isinstance(entry.write, Recover) for entry in group):
                    self._checkpoints.lengthen_log(self._current())
        if self._unflushed:
            self._commit([])
        undecided = [(entry, one.undecided) for entry, one in (*self._held, *self._unflushed)]
        self._answer([*self._flushed, *undecided])

    def _is_foreseen(self, group: list[Entry]) -> bool:
        """Whether it was a fetch that was looked up just now, and is in line again."""
        if len(group) != 1 or not isinstance(group[0].write, FetchLeads) or group[0].foreseen:
            return False
        if self._connection is None:
            return False
        group[0].foreseen = True
        try:
            with self._connection.begin():
                found = self._work.foresee(group[0].write)
        except Exception:  # noqa: BLE001 - the transaction that leases meets it again, and tells who asked
            self._work.forget()
            return False
        if found:
            self._groups.put_back(group[0])
        return found

    def _patience(self) -> float | None:
        if self._unflushed:
            return max(0.0, self._flush_at - monotonic())
        return HELD_STEP_S if self._held else None

    def _is_awaited(self, group: list[Entry]) -> bool:
        """Whether the commit of this group has to wait for the disk: for its own sake, or for the others'."""
        if any(entry.awaited for entry in group) or not group:
            return True
        return bool(self._unflushed) and self._flush_at <= monotonic()

    def _observe(self, waited_s: float) -> None:
        try:
            if self._observer is not None:
                self._observer(waited_s)
        except Exception:
            log.exception("the observer of the journal failed")

    def _hold(self, results: list[tuple[Entry, Result | _Unsettled]]) -> list[tuple[Entry, Result]]:
        """Those that can be answered. What is not known is held until the server says it, except where somebody
        blocks on the answer."""
        known: list[tuple[Entry, Result]] = []
        for entry, result in results:
            if not isinstance(result, _Unsettled):
                known.append((entry, result))
            elif isinstance(result, _Unflushed):
                imported = entry.alone and not isinstance(entry.write, FetchLeads)
                at = monotonic() + (IMPORT_UNFLUSHED_S if imported else UNFLUSHED_S)
                self._flush_at = min(self._flush_at, at) if self._unflushed else at
                self._unflushed.append((entry, result))
            elif entry.direct:
                known.append((entry, result.undecided))
            else:
                self._held.append((entry, result))
        return known

    def _answer_held(self) -> None:
        """On a new connection, before anything else is written: what became of them is known now."""
        if not self._held:
            return
        ownership = self._ownership
        try:
            last = 0 if ownership is None else ownership.last_stored(self._current())
        except Exception:
            if not self._is_lost():
                self._let_go()  # as in `_settle`
            raise
        held, self._held = self._held, []
        self._answer_settled(held, last)

    def _answer_settled(self, unsettled: list[tuple[Entry, _Unsettled]], last_stored: int) -> None:
        for number in sorted({one.transaction for _, one in unsettled}):
            what = "stored" if number <= last_stored else "lost"
            log.warning("transaction %d, that was not answered, is %s", number, what)
        self._answer([(entry, one.once_known(last_stored)) for entry, one in unsettled])

    def _commit(
        self, writes: list[Write | Recover], *, durably: bool = True, again: bool = True, races: int = RACES
    ) -> list[Result | _Unsettled]:
        """Commit the group. If anything fails, nothing of it is stored and each is tried alone, in order: a bad
        write takes no other down with it, and each gets the answer it would have got by itself. A connection that
        is lost is made anew, once, and the group is tried `again` unless it is stored. Another writer that was
        quicker makes it be asked again, `races` times."""
        transaction = None
        answers: list[Answer | Recovered] = []
        sent = False
        try:
            if self._connection is None:
                self._work = self._connect()
                self._answer_held()
            connection = self._current()
            choose_sync(connection, durably=durably)
            with connection.begin():
                self._work.begin(writes)
                if self._ownership is not None:
                    transaction = self._ownership.transaction_of(connection)
                answers = [self._work.apply(write) for write in writes]
                sent = True
                self._work.finish(durably=durably)
        except Exception as error:  # noqa: BLE001 - whatever it was, the one who asked is told, and others go on
            self._work.forget()
            known = as_storage_error(error)
            if isinstance(known, DiskFailed):
                # What could not be written once, the kernel may call written when it is asked again.
                self._flushed += [(entry, known) for entry, _ in self._unflushed]
                self._unflushed.clear()
        else:
            if durably:
                self._flushed += [(entry, one.answer) for entry, one in self._unflushed]
                self._unflushed.clear()
                return [*answers]
            return [_Unflushed(transaction or 0, answer, UNSURE) for answer in answers]
        if self._is_lost():
            log.warning("the connection to the database is lost: %s", known)
            self._let_go()
            reason = known.reason if isinstance(known, StoreUnreachable) else str(known)
            unsettled = [(e, _Unsettled(one.transaction, one.answer, reason)) for e, one in self._unflushed]
            self._unflushed = []
            if unsettled or (sent and transaction is not None):
                last = self._settle()
                if last is None:
                    self._held += unsettled
                else:
                    self._answer_settled(unsettled, last)
                if sent and transaction is not None:
                    if last is None:
                        return [_Unsettled(transaction, answer, reason) for answer in answers]
                    if transaction <= last:
                        return [*answers]
            return self._commit(writes, again=False) if again else [known for _ in writes]
        if isinstance(known, Outrun) and races:
            return self._commit(writes, again=again, races=races - 1)
        if isinstance(known, StoreUnreachable | DatabaseTaken) or len(writes) == 1:
            return [known for _ in writes]
        return self._commit_each(writes)

    def _commit_each(self, writes: list[Write | Recover]) -> list[Result | _Unsettled]:
        results: list[Result | _Unsettled] = []
        for write in writes:
            results += self._commit([write])
            if isinstance(
                results[-1], StoreUnreachable | _Unsettled
            ):  # the rest would only wait for the same server in vain
                results += [StoreUnreachable(results[-1].reason) for _ in writes[len(results) :]]
                break
        return results

    def _connect(self) -> UnitOfWork:
        """A connection with the right to write."""
        connection = self.engine.connect()
        try:
            if self._ownership is not None:
                self._ownership.claim(connection)
            work = UnitOfWork(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return work

    def _current(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the writer has no connection")
        return self._connection

    def _is_lost(self) -> bool:
        if self._ownership is None or self._connection is None:
            return False
        return self._ownership.is_lost(self._connection)

    def _let_go(self) -> None:
        if self._connection is not None:
            self._work.close()
            if self._is_lost():
                self._connection.invalidate()  # there is nothing to be rolled back on it
            self._connection.close()
            self._connection = None

    def _settle(self) -> int | None:
        """Up to which number transactions are stored whose COMMIT was not answered, or not waited for; None if the
        server does not come back to say so. Until its former session has ended the lock is not ours again, so the
        answer is final."""
        if self._ownership is None:
            return None
        give_up_at = monotonic() + SETTLE_S
        while True:
            try:
                self._work = self._connect()
                return self._ownership.last_stored(self._current())
            except Exception as error:  # noqa: BLE001 - told to whoever asked, as what is not known
                known = as_storage_error(error)
            self._let_go()  # nothing may be written on it before that is known
            over = not isinstance(known, StoreUnreachable) or monotonic() >= give_up_at
            if over or self._ending.wait(SETTLE_STEP_S):
                log.error("what became of the last transactions is not known yet: %s", known)
                return None

    def _answer(self, results: list[tuple[Entry, Result]]) -> None:
        """Those who block on theirs come last: what was written before theirs has then been handed over."""
        rest = [(entry.done, result) for entry, result in results if not entry.direct]
        deliver = self._deliver
        try:
            if rest and deliver is None:
                _call_all(rest)
            elif rest and deliver is not None:
                deliver(lambda: _call_all(rest))
        except (
            Exception
        ):  # a closed event loop raises RuntimeError; nothing that happens there may stop the writer
            log.exception("nobody is left to take %d answers; what they answer stands as committed", len(rest))
        _call_all([(entry.done, result) for entry, result in results if entry.direct])


def _call_all(answers: list[tuple[Callable[[Result], None], Result]]) -> None:
    """One callback that fails must neither stop the others nor the writer."""
    for done, result in answers:
        try:
            done(result)
        except Exception:
            log.exception("the callback of a write failed on %r", result)
