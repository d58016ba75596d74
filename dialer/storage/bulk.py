"""Many rows of one table at once: with COPY where the database has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns; values go in as they are, so only numbers, text and booleans."""
    if rows:
        names = tuple(rows[0])
        insert_values(connection, table, names, map(itemgetter(*names), rows))


def insert_values(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """The same of rows that are tuples already, of two columns or more."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, names))
    driver: Any = connection.connection.cursor()
    if connection.dialect.name != "postgresql":  # past SQLAlchemy, which takes longer over a row than SQLite does
        marks = ", ".join("?" * len(names))
        insert = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({marks})"  # noqa: S608 - the schema's names
        driver.executemany(insert, rows)
        driver.close()
        return
    with driver, driver.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
