"""A session with a PostgreSQL server for what happens at every attempt: prepared once, and sent in one go.

The driver's cursors take some 35 µs a statement even in its pipeline, and wake the server for each, which takes as
long there; straight through libpq (`psycopg.pq`) it is some 3 µs on either side. Values go as text without a type:
the server knows the types from the statement, so that it is the same statement whatever the values are (to the
driver 100, 100,000 and null are three, each with a plan of its own).
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, DataError, OperationalError
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult


class Session:
    """On a connection of the driver, which nobody uses meanwhile. `keeps`: statements are prepared once for all of
    its life (by nobody else, if the driver is told not to prepare any), and not each time."""

    def __init__(self, driver: Connection[Any], *, keeps: bool) -> None:
        self._driver = driver
        self._libpq = driver.pgconn
        self._encoding = driver.info.encoding
        self._keeps = keeps
        self._prepared: dict[str, bytes] = {}
        self._read = Transformer(driver)
        self._to_be_sent: list[tuple[Cursor, str, list[bytes | None]]] | None = None
        self._either, self._readable = select.poll(), select.poll()
        self._either.register(self._libpq.socket, select.POLLIN | select.POLLOUT)
        self._readable.register(self._libpq.socket, select.POLLIN)

    def cursor(self) -> Cursor:
        return Cursor(self)

    @contextmanager
    def pipeline(self) -> Iterator[None]:
        """What cursors execute within the block is sent at its end, all at once, and answered then. Raises the
        first error of the server, behind which it did nothing any more."""
        self._to_be_sent = []
        try:
            yield
            sent = self._to_be_sent
        finally:
            self._to_be_sent = None
        if sent:
            self._exchange(sent)

    def run(self, cursor: Cursor, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute once per row of values: now, or at the end of the block of `pipeline`."""
        statements = [(cursor, sql, [as_text(value) for value in row]) for row in rows]
        if self._to_be_sent is not None:
            self._to_be_sent += statements
        elif statements:
            self._exchange(statements)

    def _exchange(self, statements: Sequence[tuple[Cursor, str, list[bytes | None]]]) -> None:
        try:
            error = self._send_and_read(statements)
        except BaseException:
            # What the server said last may have been that it ends the session, which libpq does not take for its
            # end. Whoever uses the connection has to see that it is over, and that not all was answered.
            self._driver.close()
            raise
        if error is not None:
            raise error

    def _send_and_read(self, statements: Sequence[tuple[Cursor, str, list[bytes | None]]]) -> Exception | None:
        """The first error of the server. Raises `OperationalError` when not everything was answered."""
        libpq = self._libpq
        libpq.enter_pipeline_mode()
        answers: list[Callable[[PGresult], None]] = []
        prepared = dict(self._prepared)
        for cursor, sql, values in statements:
            if not self._keeps:
                libpq.send_query_params(sql.encode(), values)
            else:
                name = prepared.get(sql)
                if name is None:
                    name = prepared[sql] = b"dialer_%d" % len(prepared)
                    libpq.send_prepare(name, sql.encode())
                    answers.append(self._learn(sql, name))
                libpq.send_query_prepared(name, values)
            answers.append(cursor.answered)
        libpq.pipeline_sync()
        while libpq.flush():
            if any(what & select.POLLIN for _, what in self._either.poll()):
                libpq.consume_input()
        error = None
        for answered in answers:
            result = self._next_result()
            if result.status == ExecStatus.FATAL_ERROR:
                error = self._error(result)
            elif result.status != ExecStatus.PIPELINE_ABORTED:
                answered(result)
            libpq.get_result()  # the end of this statement's
        self._next_result()  # the end of all
        libpq.exit_pipeline_mode()
        return error

    def _next_result(self) -> PGresult:
        """Raises `OperationalError` when the connection is lost."""
        while self._libpq.is_busy():
            self._readable.poll()
            self._libpq.consume_input()
        result = self._libpq.get_result()
        if result is None:
            raise OperationalError(self._libpq.get_error_message(self._encoding))
        return result

    def _error(self, result: PGresult) -> Exception:
        if self._libpq.status != ConnStatus.OK:
            raise OperationalError(result.get_error_message(self._encoding), info=result)
        return error_from_result(result, encoding=self._encoding)

    def _learn(self, sql: str, name: bytes) -> Callable[[PGresult], None]:
        def prepared(_: PGresult) -> None:
            self._prepared[sql] = name

        return prepared

    def rows_of(self, result: PGresult) -> list[tuple[Any, ...]]:
        self._read.set_pgresult(result)
        return self._read.load_rows(0, result.ntuples, tuple)


class Cursor:
    """As of the DB-API: what of it `Statement` and its users use. For one statement at a time."""

    def __init__(self, session: Session) -> None:
        self.connection = session
        self.rowcount = -1
        """How many rows the statement found or changed, in all its executions; -1 before its answer."""
        self._rows: list[tuple[Any, ...]] = []
        self._read = 0

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        self.executemany(sql, (values,))

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self.rowcount, self._rows, self._read = -1, [], 0
        self.connection.run(self, sql, rows)

    def answered(self, result: PGresult) -> None:
        self.rowcount = max(0, self.rowcount) + (result.command_tuples or 0)
        if result.status == ExecStatus.TUPLES_OK:
            self._rows = self.connection.rows_of(result)

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows[self._read :], []
        self._read = 0
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        if self._read >= len(self._rows):
            return None
        self._read += 1
        return self._rows[self._read - 1]

    def close(self) -> None:
        self._rows = []


def as_text(value: Any) -> bytes | None:
    """As the server reads a value of a type that it knows. Raises `DataError` for text that it cannot hold, and
    `TypeError` for what statements here have no use for."""
    match value:
        case None:
            return None
        case str():
            if "\0" in value:
                raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
            return value.encode()
        case bool():
            return b"t" if value else b"f"
        case int() | float():
            return repr(value).encode()
        case bytes():
            return b"\\x" + value.hex().encode()
        case list():
            return b"{" + b",".join(_element(as_text(one)) for one in value) + b"}"
    raise TypeError(f"{type(value).__name__} is no value of a statement")


def _element(text: bytes | None) -> bytes:
    if text is None:
        return b"NULL"
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
