"""SQLite's write-ahead log: copied back between commits, begun anew when it is long, whatever reads beside it."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from dialer.ports.store import SaveAgentTime
from dialer.storage import checkpoints
from dialer.storage.checkpoints import Checkpoints
from dialer.storage.database import Database, open_database
from tests.contract.storage_values import NOW, idle

ROWS = 50
"""In a step, and in a write."""
STEP_PAGES = 10
"""More than a write of so many rows brings."""
PAGES = 60
_PAGE_BYTES = 4_096


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "STEP_ROWS", ROWS)
    monkeypatch.setattr(checkpoints, "LOG_PAGES", PAGES)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "dialer.db") as opened:
        yield opened


_moments = count()


def write(database: Database, times: int) -> None:
    """A transaction each, of `ROWS` rows."""
    for _ in range(times):
        at = NOW + next(_moments)
        database.writer.write(SaveAgentTime(tuple(idle(f"a{n}", at, at + 1.0) for n in range(ROWS))))


def log_pages(database: Database) -> int:
    """Of the log as a file: it keeps its length when it is begun anew."""
    return Path(f"{database.writer.engine.url.database}-wal").stat().st_size // _PAGE_BYTES


def stored(path: Path) -> int:
    """Rows that are in the database itself, its log left out."""
    alone = path.with_name("alone.db")
    alone.write_bytes(path.read_bytes())
    connection = sqlite3.connect(alone)
    try:
        return int(connection.execute("SELECT count(*) FROM agent_times").fetchone()[0])
    finally:
        connection.close()


def test_the_log_is_copied_back_step_by_step_and_begun_anew(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "dialer.db"
    before = file.stat().st_size
    write(database, 8)
    assert log_pages(database) < PAGES
    assert file.stat().st_size > before  # long before the log is long
    write(database, 60)
    assert PAGES <= log_pages(database) < PAGES + 2 * STEP_PAGES


def test_a_long_read_keeps_the_log_and_what_it_sees(database: Database) -> None:
    write(database, 10)
    reading = database.reader.agent_times("c", 0.0, 1e12)
    next(reading)
    write(database, 40)
    kept = log_pages(database)
    assert kept > PAGES + 5 * STEP_PAGES
    assert sum(1 for _ in reading) == 10 * ROWS - 1
    write(database, 40)
    assert log_pages(database) < kept + 2 * STEP_PAGES  # begun anew: it grows no further


def test_closed_the_log_is_gone_and_everything_is_in_the_database(database: Database, tmp_path: Path) -> None:
    write(database, 10)
    database.close()
    assert not (tmp_path / "dialer.db-wal").exists()
    assert stored(tmp_path / "dialer.db") == 10 * ROWS


class FailingConnection:
    """A driver's connection that cannot copy anything."""

    Error = sqlite3.Error
    total_changes = 0

    def __init__(self) -> None:
        self.connection = self
        self.driver_connection = self

    def execute(self, _statement: str) -> Any:
        raise sqlite3.OperationalError("database or disk is full")


def test_a_checkpoint_that_fails_is_told_and_tried_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    one = Checkpoints(database.reader.engine)
    failing = FailingConnection()
    with caplog.at_level(logging.WARNING, "dialer.storage"):
        for _ in range(3):
            failing.total_changes += ROWS
            one.after_commit(cast("Connection", failing))
    one.close()
    assert (
        caplog.messages
        == ["the write-ahead log could not be copied back, it goes on growing: database or disk is full"] * 2
    )  # the first step has only taken a snapshot


@pytest.fixture
def kept_long(monkeypatch: pytest.MonkeyPatch) -> int:
    kept = 300 * _PAGE_BYTES
    monkeypatch.setattr(checkpoints, "WAL_KEPT_BYTES", kept)
    monkeypatch.setattr(checkpoints, "WORTH_BYTES", 1)
    return kept


def left_by_a_power_cut(folder: Path) -> int:
    """Rows that are found in what is on the disk."""
    for name in ("dialer.db", "dialer.db-wal"):
        shutil.copy(folder / name, folder / name.replace("dialer", "left"))
    with closing(sqlite3.connect(folder / "left.db")) as left:
        assert left.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(left.execute("SELECT count(*) FROM agent_times").fetchone()[0])


def test_before_dialing_the_log_is_made_long_and_what_is_in_it_stays(
    database: Database, tmp_path: Path, kept_long: int
) -> None:
    log = tmp_path / "dialer.db-wal"
    write(database, 2)
    assert 0 < log.stat().st_size < kept_long
    database.recover(NOW)
    write(database, 5)  # when it is answered, the writer has come back from it
    assert log.stat().st_size == kept_long
    assert left_by_a_power_cut(tmp_path) == 7 * ROWS
    write(database, 40)  # over its beginning
    assert log.stat().st_size == kept_long
    assert left_by_a_power_cut(tmp_path) == 47 * ROWS


def test_a_log_that_is_empty_is_made_long_too(database: Database, tmp_path: Path, kept_long: int) -> None:
    database.recover(NOW)
    database.writer.write(SaveAgentTime(()))
    with closing(sqlite3.connect(tmp_path / "dialer.db")) as other:
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    assert (tmp_path / "dialer.db-wal").stat().st_size == 0
    database.recover(NOW)
    write(database, 3)
    assert (tmp_path / "dialer.db-wal").stat().st_size == kept_long
    assert left_by_a_power_cut(tmp_path) == 3 * ROWS


def test_the_log_of_a_small_home_is_left_alone(database: Database, tmp_path: Path) -> None:
    write(database, 1)
    before = (tmp_path / "dialer.db-wal").stat().st_size
    database.recover(NOW)
    assert (tmp_path / "dialer.db-wal").stat().st_size < before + 20 * _PAGE_BYTES


def test_a_disk_without_room_for_a_long_log_is_told(
    database: Database,
    tmp_path: Path,
    kept_long: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pwrite, room = os.pwrite, iter([True, False])

    def full(descriptor: int, zeros: bytes, at: int) -> int:
        if next(room):
            return pwrite(descriptor, zeros[: 10 * _PAGE_BYTES], at)
        raise OSError(28, "No space left")

    assert kept_long
    monkeypatch.setattr("os.pwrite", full)
    write(database, 1)
    before = log_pages(database)
    with caplog.at_level(logging.WARNING, "dialer.storage"):
        database.recover(NOW)
        database.writer.write(SaveAgentTime(()))  # so that the writer has come back from it
    assert log_pages(database) <= before + 2, "what room there was is left to others"
    write(database, 1)
    assert left_by_a_power_cut(tmp_path) == 2 * ROWS
    assert caplog.messages == [
        "the write-ahead log could not be made longer, commits do so one by one: [Errno 28] No space left"
    ]
