"""What the writer sends a server past the driver's cursors: values, errors and plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.errors import DivisionByZero, InFailedSqlTransaction, UndefinedTable
from sqlalchemy import make_url

from dialer.storage.session import Cursor, Session, as_text
from dialer.storage.statement import Asked

pytestmark = pytest.mark.needs("postgres")


@pytest.fixture
def driver(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    address = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, prepare_threshold=None) as connection:
        yield connection


@pytest.fixture
def session(driver: psycopg.Connection[Any]) -> Session:
    return Session(driver, keeps=True)


def in_one_go(session: Session, *sent: Asked, cursors: list[Cursor] | None = None) -> None:
    with session.pipeline():
        for asked in sent:
            cursor = session.cursor()
            cursor.execute(*asked)
            if cursors is not None:
                cursors.append(cursor)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", ["", "ü\n'\"\\", None, "NULL"]),
        ("bigint", [0, -1, 2**40, None]),
        ("float8", [0.1, 1795421100.123456, 1e300, float("inf"), None, 5]),
        ("boolean", [True, False, None]),
        ("bytea", [b"", bytes(range(256)), None]),
        ("text[]", [[], ["", 'a"b', "c\\d", "e,f", "{g}", "NULL"], None]),
        ("bigint[]", [[], [1, -(2**40)]]),
        ("float8[]", [[0.5, 1e-9]]),
    ],
)
def test_what_is_sent_comes_back(session: Session, kind: str, values: list[Any]) -> None:
    cursor = session.cursor()
    for value in values:
        cursor.execute(f"SELECT $1::{kind}", (value,))
        assert cursor.fetchall() == [(value,)]
    assert cursor.fetchone() is None


def test_text_that_a_server_cannot_hold_is_refused_before_anything_is_sent(session: Session) -> None:
    with pytest.raises(psycopg.DataError, match="NUL"):
        in_one_go(session, ("CREATE TABLE never (one text)", ()), ("SELECT $1::text", ("a\0b",)))
    with pytest.raises(UndefinedTable):
        session.cursor().execute("SELECT FROM never")
    with pytest.raises(TypeError, match="set is no value"):
        as_text({1})


def test_statements_of_one_go_are_answered_in_order_and_rows_add_up(session: Session) -> None:
    with session.pipeline():
        made, put, found = session.cursor(), session.cursor(), session.cursor()
        made.execute("CREATE TEMPORARY TABLE notes (one bigint)")
        put.executemany("INSERT INTO notes VALUES ($1)", [(number,) for number in range(3)])
        found.execute("SELECT one FROM notes ORDER BY one")
        assert put.rowcount == -1, "nothing is sent yet"
    assert put.rowcount == 3
    assert (found.fetchone(), found.fetchall(), found.fetchone()) == ((0,), [(1,), (2,)], None)


def test_behind_an_error_nothing_is_done_and_the_next_go_is_as_any(session: Session) -> None:
    asked: list[Asked] = [("SELECT 1", ()), ("SELECT 1 / $1::integer", (0,)), ("SELECT 2", ())]
    cursors: list[Cursor] = []
    with pytest.raises(DivisionByZero):
        in_one_go(session, *asked, cursors=cursors)
    assert [cursor.rowcount for cursor in cursors] == [1, -1, -1]
    assert [cursor.fetchall() for cursor in cursors] == [[(1,)], [], []]
    cursors[-1].execute("SELECT 2")  # what was not prepared then is prepared now
    assert cursors[-1].fetchall() == [(2,)]


def test_a_transaction_that_failed_is_not_committed_with_what_was_sent_behind(
    session: Session, driver: psycopg.Connection[Any]
) -> None:
    session.cursor().execute("CREATE TEMPORARY TABLE notes (one bigint)")
    sent = ("BEGIN", "INSERT INTO notes VALUES (1)", "SELECT 1 / 0", "COMMIT")
    with pytest.raises(DivisionByZero):
        in_one_go(session, *((sql, ()) for sql in sent))
    with pytest.raises(InFailedSqlTransaction):
        session.cursor().execute("SELECT 1")
    driver.rollback()
    cursor = session.cursor()
    cursor.execute("SELECT count(*) FROM notes")
    assert cursor.fetchall() == [(0,)]


def test_a_statement_is_prepared_once_whatever_its_values_are(session: Session) -> None:
    for value in (1, 2**40, None):
        for _ in range(3):
            session.cursor().execute("SELECT $1::bigint", (value,))
    cursor = session.cursor()
    cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::bigint'")
    assert cursor.fetchall() == [(1,)]


def test_where_the_driver_prepares_statements_none_is_kept(driver: psycopg.Connection[Any]) -> None:
    session = Session(driver, keeps=False)
    cursor = session.cursor()
    cursor.execute("SELECT $1::bigint", (7,))
    assert cursor.fetchall() == [(7,)]
    cursor.execute("SELECT count(*) FROM pg_prepared_statements")
    assert cursor.fetchall() == [(0,)]


def test_more_than_a_socket_holds_is_sent_and_read_at_once(session: Session) -> None:
    text = "x" * 100_000
    cursor = session.cursor()
    cursors = [session.cursor() for _ in range(100)]
    with session.pipeline():
        for one in cursors:
            one.execute("SELECT $1::text", (text,))
    assert all(one.fetchall() == [(text,)] for one in cursors)
    cursor.execute("SELECT 1")
    assert cursor.fetchall() == [(1,)]


def test_a_connection_that_the_server_ends_is_lost(session: Session, driver: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.OperationalError):
        session.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert driver.closed
    with pytest.raises(psycopg.OperationalError):
        session.cursor().execute("SELECT 1")


def test_a_connection_on_which_not_all_was_answered_is_lost_even_if_libpq_does_not_know_it_yet(
    session: Session, driver: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the server has said that it ends the session, and has not done so yet."""

    def lost(_: Session) -> None:
        raise psycopg.OperationalError("terminating connection due to administrator command")

    monkeypatch.setattr(Session, "_next_result", lost)
    with pytest.raises(psycopg.OperationalError):
        session.cursor().execute("SELECT 1")
    assert driver.closed
