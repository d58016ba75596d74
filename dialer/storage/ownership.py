"""One home writes to a PostgreSQL database: an advisory lock says which, and a count of owners fences the others.

The lock belongs to the writer's own connection, so that losing the one is losing the other. A home that connects
again takes the lock again, and goes on only if nobody had it in between: `owner.epoch` rises with each new owner.
Each transaction puts a number of its own into `transactions`, which tells afterwards whether it was stored. (The
server's own ids do not: after a crash it gives those of transactions that left no trace to others.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection

from dialer.storage.errors import DatabaseTaken, OwnershipLost, StoreUnreachable
from dialer.storage.postgresql import FORGOTTEN, TRANSACTION

LOCK_CLASS = 0x4449414C
"""The first half of our advisory locks' key ("DIAL"); the second says which."""
_OWNER = (LOCK_CLASS, 1)
PATIENCE_MS = 2_000

_TABLE = (
    "CREATE TABLE IF NOT EXISTS owner (one boolean PRIMARY KEY CHECK (one), epoch bigint NOT NULL,"
    " name text NOT NULL, since timestamptz NOT NULL);"
    "CREATE TABLE IF NOT EXISTS transactions (number bigint PRIMARY KEY);"
    "DELETE FROM transactions WHERE number < (SELECT max(number) FROM transactions)"
)
_LAST = "SELECT coalesce(max(number), 0) FROM transactions"
_TO_THE_DISK = "UPDATE owner SET since = since"
_KEPT = "SELECT coalesce(min(number), 1) - 1, coalesce(max(number), 0) FROM transactions"
_NEXT_EPOCH = (
    "INSERT INTO owner (one, epoch, name, since) VALUES (true, 1, %s, now()) ON CONFLICT (one) DO UPDATE"
    " SET epoch = owner.epoch + 1, name = excluded.name, since = excluded.since RETURNING epoch"
)
_HOLDER = (
    "SELECT pg_locks.pid, application_name, coalesce(host(client_addr), '') FROM pg_locks"
    " LEFT JOIN pg_stat_activity ON pg_stat_activity.pid = pg_locks.pid"
    " WHERE locktype = 'advisory' AND pg_locks.granted AND classid = %s AND objid = %s AND objsubid = 2"
    " AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Holder(NamedTuple):
    """Who holds the lock: the server's process, the name that the home gave itself, its address ("" for a local
    one)."""

    backend: int
    name: str
    address: str

    def __str__(self) -> str:
        name = f"{self.name!r}" if self.name else "another home"
        return f"{name}, connected from {self.address}" if self.address else name


class Ownership:
    """The right of this home's writer to write to the database at `where` (an address without a password)."""

    def __init__(self, where: str, name: str) -> None:
        self.where = where
        self.name = name
        self._epoch: int | None = None
        self._backend = 0

    def claim(self, connection: Connection) -> None:
        """Take the lock on this connection, waiting `PATIENCE_MS` at most for whoever has it to end. Raises
        `DatabaseTaken`; later on `OwnershipLost`, or `StoreUnreachable` while the server keeps our own lost
        session."""
        driver = _driver(connection)
        if not driver.execute("SELECT pg_try_advisory_lock(%s, %s)", _OWNER).fetchone()[0]:
            self._wait_for_lock(driver)
        if self._epoch is None:
            driver.execute(_TABLE)
            self._epoch = driver.execute(_NEXT_EPOCH, (self.name,)).fetchone()[0]
        else:
            epoch, name = driver.execute("SELECT epoch, name FROM owner").fetchone() or (0, "")
            if epoch != self._epoch:
                raise OwnershipLost(self.where, f"{name!r}")
        self._backend = driver.info.backend_pid
        connection.info[FORGOTTEN], connection.info[TRANSACTION] = driver.execute(_KEPT).fetchone()

    def _wait_for_lock(self, driver: Any) -> None:
        """A home that was killed a moment ago, or our own connection that was lost on our side alone, may not have
        been noticed by the server yet."""
        holder = _holder_of(driver)
        if holder is not None and holder.backend == self._backend:
            driver.execute("SELECT pg_terminate_backend(%s)", (self._backend,))
        driver.execute(f"SET lock_timeout = {PATIENCE_MS}")
        try:
            driver.execute("SELECT pg_advisory_lock(%s, %s)", _OWNER)
        except LockNotAvailable as error:
            holder = _holder_of(driver) or holder
            if self._epoch is None:
                raise DatabaseTaken(self.where, str(holder or "")) from error
            if holder is not None and holder.backend != self._backend:
                raise OwnershipLost(self.where, str(holder)) from error
            raise StoreUnreachable("the server has not ended this home's former session yet") from error
        driver.execute("SET lock_timeout = 0")

    @staticmethod
    def is_lost(connection: Connection) -> bool:
        """Whether this connection can never be used again."""
        return connection.closed or connection.invalidated or bool(_driver(connection).closed)

    @staticmethod
    def transaction_of(connection: Connection) -> int:
        """The number of the transaction that is open on the connection that claimed the database."""
        return int(connection.info[TRANSACTION])

    @staticmethod
    def last_stored(connection: Connection) -> int:
        """The number of the last transaction that is stored: of those that our session before this one sent to be
        committed, none behind it is. To be asked before another is begun, which would have the number of one that
        is not. It is on the disk then: a server that has lived on may have it in memory alone, and what is
        committed now takes all before it along."""
        _driver(connection).execute(_TO_THE_DISK)
        return int(_driver(connection).execute(_LAST).fetchone()[0])


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _holder_of(driver: Any) -> Holder | None:
    row = driver.execute(_HOLDER, _OWNER).fetchone()
    return None if row is None else Holder(row[0], row[1] or "", row[2])
