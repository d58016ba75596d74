"""Statements for the driver's own cursor, in both styles of parameters."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dialer.storage.statement import Statement
from dialer.storage.tables import dnc, metadata

CHANGE = update(dnc).where(dnc.c.number == bindparam("key")).values(source=bindparam("new_source"))


def test_values_go_to_their_parameters_whatever_order_they_are_given_in() -> None:
    connection = sqlite3.connect(":memory:")
    cursor = connection.cursor()
    assert "dnc" in metadata.tables
    cursor.execute("CREATE TABLE dnc (number TEXT, source TEXT, blocked_at REAL)")
    cursor.executemany("INSERT INTO dnc VALUES (?, 'old', 0)", [("a",), ("b",), ("c",)])
    statement = Statement(CHANGE, sqlite.dialect(), ("key", "new_source"))
    statement.run_many(cursor, [("a", "x"), ("b", "y")])  # type: ignore[arg-type]
    limited = Statement(
        select(dnc.c.source)
        .where(dnc.c.number >= bindparam("number"))
        .order_by(dnc.c.number)
        .limit(bindparam("n")),
        sqlite.dialect(),
        ("n", "number"),
    )
    limited.run(cursor, 2, "b")  # type: ignore[arg-type]
    assert cursor.fetchall() == [("y",), ("old",)]
    connection.close()


def test_a_server_gets_its_parameters_numbered() -> None:
    class Recorder:
        def execute(self, sql: str, values: object) -> None:
            self.seen = (sql, values)

    recorder = Recorder()
    statement = Statement(CHANGE, postgresql.dialect(), ("key", "new_source"))  # type: ignore[no-untyped-call]
    statement.run(recorder, "a", "x")  # type: ignore[arg-type]
    assert recorder.seen == (
        "UPDATE dnc SET source=$1::VARCHAR WHERE dnc.number = $2::VARCHAR",
        ["x", "a"],
    )


@pytest.mark.parametrize("names", [("key",), ("key", "new_source", "other")])
def test_parameters_must_be_named_completely(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="were named"):
        Statement(CHANGE, sqlite.dialect(), names)
