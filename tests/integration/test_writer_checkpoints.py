"""SQLite's write-ahead log: copied back between commits, begun anew when it is long, whatever reads beside it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
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
