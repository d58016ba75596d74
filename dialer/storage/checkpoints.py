"""SQLite's write-ahead log goes back into the database in small steps, between commits.

Left to itself SQLite copies a thousand pages back and waits for the disk inside some attempt's commit. Here a
snapshot is held, so that what was logged before it is copied in steps of about a millisecond, without waiting for
the disk; only when the log is long is the snapshot let go, the rest copied, the database synced, and the log begun
anew. All of it happens in the writer's thread: SQLite before 3.51.3 can damage a file when two connections write
and checkpoint at once, and this one does both.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from dialer.storage.sqlite import WAL_KEPT_BYTES

log = logging.getLogger("dialer.storage")

STEP_ROWS = 1_000
"""A step is taken when so many rows have been written since the last: of attempts some 2,000 pages of the log."""

LOG_PAGES = 16_384
"""The log is begun anew when it is so long (64 MiB): a sync of the database for some 3,000 attempts."""

WORTH_BYTES = 4 * 1024 * 1024
"""Of a database that has its log made long beforehand: some thousand leads."""
ZEROS_AT_ONCE = 1024 * 1024

_ANY_READ = text("SELECT count(*) FROM sqlite_master")
_STEP = "PRAGMA wal_checkpoint(PASSIVE)"


class Checkpoints:
    """Of the writer's connection. `reading`: for the snapshots. `after_commit` never raises: a checkpoint that
    fails, as on a full disk, loses nothing, and the next one tries again."""

    def __init__(self, reading: Engine) -> None:
        self._reading = reading
        self._snapshot: Connection | None = None
        self._rows = 0

    def after_commit(self, connection: Connection) -> None:
        """No transaction is open on the writer's connection, and whoever wrote has been answered."""
        driver: Any = connection.connection.driver_connection
        if driver.total_changes - self._rows < STEP_ROWS:
            return
        self._rows = driver.total_changes
        try:
            if self._snapshot is not None:
                _, pages, _ = driver.execute(_STEP).fetchone()
                self._let_go()
                if pages >= LOG_PAGES:
                    driver.execute(_STEP).fetchone()
                    # No snapshot before something is in the log again: one of the database alone would keep
                    # everybody from copying anything into it.
                    return
            self._snapshot = self._reading.connect()
            self._snapshot.execute(_ANY_READ)
        except (driver.Error, DBAPIError) as error:
            log.warning("the write-ahead log could not be copied back, it goes on growing: %s", error)

    def lengthen_log(self, connection: Connection) -> None:
        """Before dialing: make the log of a home of some size as long as it is kept, with zeros behind what is in
        it, which SQLite takes for what is left of an earlier one. A commit that makes the file longer waits for
        the file system's journal, and so for whatever else is written to the disk. No transaction is open; nobody
        else writes to the database."""
        driver: Any = connection.connection.driver_connection
        path = driver.execute("PRAGMA database_list").fetchone()[2]
        try:
            if not path or Path(path).stat().st_size < WORTH_BYTES:
                return
            descriptor = os.open(f"{path}-wal", os.O_WRONLY)
            try:
                found = end = os.fstat(descriptor).st_size
                try:
                    while end < WAL_KEPT_BYTES:
                        end += os.pwrite(descriptor, bytes(min(ZEROS_AT_ONCE, WAL_KEPT_BYTES - end)), end)
                    os.fdatasync(descriptor)
                except OSError:  # what room there is, the database itself needs
                    os.ftruncate(descriptor, found)
                    raise
            finally:
                os.close(descriptor)  # SQLite holds no lock on this file, which closing it here would drop
        except OSError as error:
            log.warning("the write-ahead log could not be made longer, commits do so one by one: %s", error)

    def close(self) -> None:
        """Before the writer's connection is closed, which copies back all that is left."""
        self._let_go()
        self._reading.dispose()

    def _let_go(self) -> None:
        if self._snapshot is not None:
            self._snapshot.close()
            self._snapshot = None
