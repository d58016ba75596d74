"""Opening a database: what is set, what is refused, what readers may not do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from dialer.storage import sqlite
from dialer.storage.database import open_database, open_reader
from dialer.storage.errors import StoreUnusable, UnsupportedStore
from tests.contract.storage_values import new_leads, save_leads


def test_the_writer_loses_nothing_at_power_loss_and_checks_references(tmp_path: Path) -> None:
    with open_database(tmp_path / "dialer.db") as database, database.writer.engine.connect() as connection:
        values = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "journal_size_limit")
        ]
        connection.rollback()
    assert values == ["wal", 2, 1, 96 * 1024 * 1024]


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    with open_database(tmp_path / "dialer.db") as database, database.reader.engine.connect() as connection:
        with pytest.raises(OperationalError, match="readonly"):
            connection.execute(text("DELETE FROM lists"))
        connection.rollback()


def test_a_url_and_a_path_are_the_same_database(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path / 'dialer.db'}") as database:
        database.writer.write(save_leads(new_leads(1)))
    reader = open_reader(tmp_path / "dialer.db")
    assert [one.name for one in reader.lists()] == ["people"]
    reader.close()


@pytest.mark.parametrize(
    "where",
    [
        "mysql://u@localhost/d",
        "postgresql+asyncpg://u:secret@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "oh://no://secret",
    ],
)
def test_other_databases_are_refused_by_name(where: str) -> None:
    with pytest.raises(UnsupportedStore, match=r"database\.url") as caught:
        open_database(where)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dialer.db"
    path.write_text("not a database, but long enough to be taken for one by its first bytes" * 20)
    for opening in (open_database, open_reader):
        with pytest.raises(StoreUnusable, match=r"dialer\.db: file is not a database; move it away"):
            opening(path)


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dialer.db"
    open_database(path).close()
    data = path.read_bytes()
    path.write_bytes(data[:100] + bytes(len(data) - 100))
    for opening in (open_database, open_reader):
        with pytest.raises(StoreUnusable, match=r"dialer\.db: .*malformed; put the last backup"):
            opening(path)


def test_a_database_that_another_program_keeps_locked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.05)
    path = tmp_path / "dialer.db"
    open_database(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnusable, match="another program has locked it"):
            open_database(path)


def test_a_home_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="unable to open database file; check that its folder is there"):
        open_database(tmp_path / "nowhere" / "dialer.db")
