"""SQLite as we use it: a file in WAL mode, one connection that writes and checkpoints, others that only read."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from dialer.storage.errors import StoreUnusable

BUSY_TIMEOUT_S = 10.0
WRITER_CACHE_KIB = 65_536
WAL_KEPT_BYTES = 96 * 1024 * 1024
"""How long the write-ahead log is kept; it is cut back to that when it has grown further (`checkpoints.py`)."""


_ADVICE = {
    sqlite3.SQLITE_CANTOPEN: "check that its folder is there, and that this account may write in it",
    sqlite3.SQLITE_NOTADB: "move it away, or name another one (database.url in dialer.toml)",
    sqlite3.SQLITE_CORRUPT: "put the last backup in its place, or save what can be read (`sqlite3 FILE .recover`)",
    sqlite3.SQLITE_READONLY: "check that this account may write to it, and that its disk is not mounted read-only",
    sqlite3.SQLITE_BUSY: "another program has locked it: end that one and try again",
}


def unusable(url: URL, error: Exception) -> StoreUnusable | None:
    """Why the file cannot be opened, and what to do about it; None for an error of another kind."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return None
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the rest is detail
    advice = _ADVICE.get(code)
    return None if advice is None else StoreUnusable(f"{url.database}: {cause}; {advice}")


def writing_engine(url: URL) -> Engine:
    """For the writer alone: `BEGIN IMMEDIATE`, durable commits, references checked."""
    engine = _engine(url, poolclass=NullPool)

    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA wal_autocheckpoint=0")  # `checkpoints.py` sees to it, between commits
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA journal_size_limit={WAL_KEPT_BYTES}")
        # The default of 2 MB does not hold the indexes that a shuffled campaign of 200,000 leads is put into.
        cursor.execute(f"PRAGMA cache_size=-{WRITER_CACHE_KIB}")
        cursor.close()

    def begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.execute("BEGIN IMMEDIATE")  # past SQLAlchemy, which takes 0.05 ms for it at every commit

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def choose_sync(connection: Connection, *, durably: bool) -> None:
    """Before a transaction on the writer's connection: whether its commit waits for the disk. If not, it is on it
    no later than the next commit that does: the log has one order. Nothing on a server."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA synchronous=FULL" if durably else "PRAGMA synchronous=NORMAL")


def have_something_to_commit(connection: Connection) -> None:
    """A commit of nothing syncs nothing, and a row that is given the values it has is nothing: write the number in
    the file's header that is for applications. Nothing on a server, where the number of each transaction is a
    row."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA user_version = 1")


def reading_engine(url: URL) -> Engine:
    """Connections that cannot write."""
    engine = _engine(url)

    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA query_only=ON")
        # One connection writes and checkpoints: SQLite before 3.51.3 can corrupt the file otherwise.
        cursor.execute("PRAGMA wal_autocheckpoint=0")
        cursor.close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def _engine(url: URL, **options: Any) -> Engine:
    """Transactions are begun by us: the driver's own habit would begin them too late."""
    arguments = {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False, "cached_statements": 256}
    return create_engine(url, connect_args=arguments, **options)
