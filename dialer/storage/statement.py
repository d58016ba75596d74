"""Core statements compiled once and run on the driver's own cursor: for what happens at every attempt.

SQLAlchemy's execution costs some 30 µs a statement, the driver's 5: at several statements an attempt that is the
difference between a store that keeps up and one that does not. The SQL is still SQLAlchemy's, for whatever
dialect; values go in as they are, so only types that need no conversion (numbers, text, booleans) may be used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, cast

from sqlalchemy import ARRAY, Column, Connection, Select, TableValuedAlias, Text, any_, bindparam, func, select
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect
from sqlalchemy.sql.expression import ClauseElement, ColumnElement
from sqlalchemy.types import TypeEngine


class _AsJson(Text):
    """A list, as the text that `json_each` takes apart."""


def each(name: str, kind: TypeEngine[Any], dialect: Dialect) -> TableValuedAlias:
    """The values of the parameter `name`, which is a list, as column `value` of a table. For a `Statement`."""
    if dialect.name == "postgresql":
        return func.unnest(bindparam(name, type_=ARRAY(kind))).table_valued("value").render_derived()
    return func.json_each(bindparam(name, type_=_AsJson())).table_valued("value")


def among(column: Column[Any], name: str, dialect: Dialect) -> ColumnElement[bool]:
    """That `column` is one of the values of the parameter `name`, which is a list: one parameter, so that the
    statement is the same for any number of them, and a server has its plan ready. For a `Statement`."""
    if dialect.name == "postgresql":
        return column == bindparam(name, type_=ARRAY(column.type)).any_()
    return column.in_(select(each(name, column.type, dialect).c.value))


def among_found(column: ColumnElement[Any], query: Select[Any], dialect: Dialect) -> ColumnElement[bool]:
    """That `column` is one of the values that `query` finds. A server takes them as a list: it would rather join,
    and walk through whatever it believes to be small."""
    if dialect.name == "postgresql":
        return column == any_(func.array(query.scalar_subquery()))
    return column.in_(query)


class Statement:
    """A statement of one dialect. `names` says in which order callers give the values of its parameters."""

    def __init__(self, clause: ClauseElement, dialect: Dialect, names: Sequence[str]) -> None:
        if dialect.name == "postgresql":  # as the server has them: the driver would look for them in every text
            dialect = type(dialect)(paramstyle="numeric_dollar")  # type: ignore[call-arg]
        compiled = clause.compile(dialect=dialect)
        self.sql = str(compiled)
        self._names = tuple(names)
        self._as_json = frozenset(
            name
            for name, parameter in compiled.binds.items()  # type: ignore[attr-defined]
            if isinstance(parameter.type, _AsJson)
        )
        order: Sequence[str] = compiled.positiontup  # type: ignore[attr-defined]
        # What SQLAlchemy puts in by itself, such as the OFFSET that SQLite wants after LIMIT, stays as it is.
        constants = {name: value for name, value in compiled.params.items() if name not in self._names}
        if any(value is None for value in constants.values()) or not compiled.params.keys() >= set(names):
            raise ValueError(f"parameters {sorted(compiled.params)} of {self.sql!r} were named {sorted(names)}")
        self._constants = tuple(constants.values())
        given = (*self._names, *constants)
        self._places = None if tuple(order) == self._names else [given.index(name) for name in order]

    def _bound(self, values: Sequence[Any]) -> Sequence[Any]:
        if self._as_json:
            pairs = zip(self._names, values, strict=True)
            values = [json.dumps(value) if name in self._as_json else value for name, value in pairs]
        if self._places is None:
            return values
        given = (*values, *self._constants)
        return [given[place] for place in self._places]

    def run(self, cursor: DBAPICursor, *values: Any) -> None:
        """Execute with these values; rows are then read from the cursor."""
        cursor.execute(self.sql, self._bound(values))

    def run_many(self, cursor: DBAPICursor, rows: Iterable[Sequence[Any]]) -> None:
        """Execute once per row of values."""
        cursor.executemany(self.sql, [self._bound(row) for row in rows])

    def rows(self, cursor: DBAPICursor, *values: Any) -> list[Any]:
        """Execute with these values; all rows that it finds."""
        cursor.execute(self.sql, self._bound(values))
        return cursor.fetchall()  # type: ignore[return-value]


Asked = tuple[str, Sequence[Any]]
"""Text as the driver takes it, and the values of its parameters."""

Batch = tuple[Statement, Sequence[Sequence[Any]]]
"""A statement, and the values to run it with, row by row."""


def open_cursor(connection: Connection, *, keeps: bool = False) -> DBAPICursor:
    """A cursor for `Statement`s, past SQLAlchemy. `keeps`: see `Session`."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "postgresql":
        return cast("DBAPICursor", driver.cursor())
    from dialer.storage.session import Session  # brings the driver, which a home on SQLite has no use for

    return cast("DBAPICursor", Session(driver, keeps=keeps).cursor())


@contextmanager
def in_one_go(cursor: DBAPICursor) -> Iterator[Callable[[], DBAPICursor]]:
    """Further cursors on the connection. What is run on them within the block is sent to a server in one go, so
    their rows are there to be read behind the block only; each is for one statement."""
    connection: Any = cursor.connection
    with getattr(connection, "pipeline", nullcontext)():  # SQLite is no round trip away
        yield connection.cursor
