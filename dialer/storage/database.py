"""Opening the database of a home: one writer, and readers that cannot write.

What differs between SQLite and PostgreSQL is in `sqlite.py`, `postgresql.py`, `ownership.py` and `bulk.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import URL, Engine, make_url, select
from sqlalchemy.exc import ArgumentError

from dialer.storage import migrations, postgresql, sqlite
from dialer.storage.checkpoints import Checkpoints
from dialer.storage.errors import StoreUnreachable, UnsupportedStore, as_storage_error
from dialer.storage.reader import SqlReader
from dialer.storage.recovery import Recover, Recovered
from dialer.storage.tables import installation
from dialer.storage.writer import LINGER_S, Writer

_POSTGRESQL = ("postgresql", "postgres", postgresql.DRIVER)


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


def open_database(
    where: Path | str,
    deliver: Callable[[Callable[[], None]], object] | None = None,
    *,
    owner: str = "",
    linger_s: float = LINGER_S,
) -> Database:
    """Open (making or upgrading it as needed) the database at a path or SQLAlchemy URL.

    `deliver`: how the writer hands answers over, `loop.call_soon_threadsafe` for an asyncio loop; without it,
    callbacks run in the writer's thread. Hold the home's `OwnerLock`: one process writes, no more. A database on a
    server is locked besides, as other machines may know it; `owner` names us to them. `linger_s`: see `Writer`.
    Raises `StoreUnusable` (`SchemaTooNew`, `UnsupportedStore`), `DatabaseTaken`, `WriteFailed`
    (`StoreUnreachable`), `DiskFull`.
    """
    url = _url(where)
    name = owner or f"dialer [{os.getpid()}]"
    with _in_our_words(url):
        writer = _writer(url, name, deliver, linger_s)
        try:
            migrations.upgrade(writer.engine)
            with writer.engine.connect() as connection:
                key = bytes(connection.execute(select(installation.c.key)).scalar_one())
        except BaseException:
            writer.close()
            raise
    return Database(writer, SqlReader(_reading_engine(url, name)), key)


def open_reader(where: Path | str, *, owner: str = "") -> SqlReader:
    """Open the database for reading alone, whoever owns it. `owner`: as for `open_database`. Close it after use.

    Raises `SchemaTooNew`, `SchemaMissing` (also when there is no such file), `UnsupportedStore`, `WriteFailed`
    (`StoreUnreachable`)."""
    url = _url(where)
    with _in_our_words(url):
        engine = _reading_engine(url, owner or f"dialer reader [{os.getpid()}]")
        try:
            migrations.check(engine)
        except BaseException:
            engine.dispose()
            raise
    return SqlReader(engine)


def address_of(where: Path | str) -> str:
    """The path, or the address without its password: for messages. Raises `UnsupportedStore`."""
    url = _url(where)
    return postgresql.address_of(url) if _is_postgresql(url) else str(url.database)


def _writer(
    url: URL, name: str, deliver: Callable[[Callable[[], None]], object] | None, linger_s: float
) -> Writer:
    if _is_postgresql(url):
        from dialer.storage.ownership import Ownership  # brings the driver, which a home on SQLite has no use for

        ownership = Ownership(postgresql.address_of(url), name)
        engine, checkpoints = postgresql.writing_engine(url, name), None
    else:
        ownership = None
        engine, checkpoints = sqlite.writing_engine(url), Checkpoints(sqlite.reading_engine(url))
    try:
        return Writer(engine, deliver, linger_s=linger_s, ownership=ownership, checkpoints=checkpoints)
    except BaseException:
        engine.dispose()
        raise


def _reading_engine(url: URL, name: str) -> Engine:
    return postgresql.reading_engine(url, name) if _is_postgresql(url) else sqlite.reading_engine(url)


def _url(where: Path | str) -> URL:
    """Messages leave out what could hold a password."""
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    kind = where.partition("://")[0]
    try:
        url = make_url(where)
    except (ArgumentError, ValueError) as error:
        raise UnsupportedStore(f'database.url: "{kind}://…" is not a database URL') from error
    if kind in _POSTGRESQL and url.database:
        return url.set(drivername=postgresql.DRIVER)
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return url
    raise UnsupportedStore(
        f'database.url: "{kind}://…" is not supported as it stands. Data is kept in an SQLite file'
        ' ("sqlite:////var/lib/dialer/dialer.db" or a plain path) or in a PostgreSQL database'
        ' ("postgresql://user@host:5432/name")'
    )


def _is_postgresql(url: URL) -> bool:
    return url.drivername == postgresql.DRIVER


@contextmanager
def _in_our_words(url: URL) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        known = (None if _is_postgresql(url) else sqlite.unusable(url, error)) or as_storage_error(error)
        if isinstance(known, StoreUnreachable) and not known.where and _is_postgresql(url):
            known = StoreUnreachable(known.reason, postgresql.address_of(url))
        if known is error:
            raise
        raise known from error
