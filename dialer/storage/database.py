"""Opening the database of a home: one writer, and readers that cannot write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import URL, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from dialer.storage import migrations
from dialer.storage.errors import UnsupportedStore, as_storage_error
from dialer.storage.reader import SqlReader
from dialer.storage.recovery import Recover, Recovered
from dialer.storage.tables import installation
from dialer.storage.writer import Writer

BUSY_TIMEOUT_S = 10.0
WRITER_CACHE_KIB = 65_536
WAL_KEPT_BYTES = 64 * 1024 * 1024
"""What the write-ahead log is cut back to after one large transaction has made it longer."""


class Database:
    """One installation's store, opened to write. Close it; or use it as a context manager."""

    def __init__(self, writer: Writer, reader: SqlReader, key: bytes) -> None:
        self.writer = writer
        self.reader = reader
        self.key = key
        """32 bytes, this installation's own: what identifiers derive from."""

    def recover(self, now: float) -> Recovered:
        """Tidy up after an owner that died: call it once, before dialing. See `recovery.py`."""
        answer = self.writer.perform(Recover(now))
        if not isinstance(answer, Recovered):
            raise TypeError(f"recovery was answered with {answer!r}")
        return answer

    def close(self) -> None:
        """Commit what is queued, answer it, and let go of every connection."""
        self.writer.close()
        self.reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_database(where: Path | str, deliver: Callable[[Callable[[], None]], object] | None = None) -> Database:
    """Open (making or upgrading it as needed) the database at a path or SQLAlchemy URL.

    `deliver`: how the writer hands answers over, `loop.call_soon_threadsafe` for an asyncio loop; without it,
    callbacks run in the writer's thread. Hold the home's `OwnerLock`: one process writes, no more.
    Raises `StoreUnusable` (`SchemaTooNew`, `UnsupportedStore`), `WriteFailed`, `DiskFull`.
    """
    url = _url(where)
    engine = _engine(url, writing=True)
    try:
        migrations.upgrade(engine)
        with engine.connect() as connection:
            key = bytes(connection.execute(select(installation.c.key)).scalar_one())
        writer = Writer(engine, deliver)
    except Exception as error:
        engine.dispose()
        known = as_storage_error(error)
        if known is error:
            raise
        raise known from error
    return Database(writer, SqlReader(_engine(url, writing=False)), key)


def open_reader(where: Path | str) -> SqlReader:
    """Open the database for reading alone, whoever owns it. Close it after use.

    Raises `SchemaTooNew`, `SchemaMissing` (also when there is no such file), `UnsupportedStore`."""
    url = _url(where)
    engine = _engine(url, writing=False)
    try:
        migrations.check(engine)
    except Exception as error:
        engine.dispose()
        known = as_storage_error(error)
        if known is error:
            raise
        raise known from error
    return SqlReader(engine)


def _url(where: Path | str) -> URL:
    if isinstance(where, str) and "://" in where:
        try:
            url = make_url(where)
        except (ArgumentError, ValueError) as error:
            raise UnsupportedStore(f"database.url: {where!r} is not a database URL") from error
    else:
        url = URL.create("sqlite", database=str(where))
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise UnsupportedStore(
            f"database.url: {url.render_as_string()!r} is not supported; this version keeps its data in an SQLite"
            " file (sqlite:///path or a plain path)"
        )
    return url


def _engine(url: URL, *, writing: bool) -> Engine:
    """SQLite as we use it. Transactions are begun by us: the driver's own habit would begin them too late."""
    engine = create_engine(
        url,
        poolclass=NullPool if writing else None,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False, "cached_statements": 256},
    )

    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        if writing:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute(f"PRAGMA journal_size_limit={WAL_KEPT_BYTES}")
            # The default of 2 MB does not hold the indexes that a shuffled campaign of 200,000 leads is put into.
            cursor.execute(f"PRAGMA cache_size=-{WRITER_CACHE_KIB}")
        else:
            # One connection writes and checkpoints: SQLite before 3.51.3 can corrupt the file otherwise.
            cursor.execute("PRAGMA query_only=ON")
            cursor.execute("PRAGMA wal_autocheckpoint=0")
        cursor.close()

    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine
