"""The writer on a PostgreSQL server that goes away, comes back, fills up, or belongs to somebody else."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from psycopg.errors import QueryCanceled
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from dialer.ports.store import Answer, AttemptAccepted, Done, ErasePerson, LeadsStored, SaveAgentTime
from dialer.storage import migrations, postgresql
from dialer.storage import writer as writer_module
from dialer.storage.database import Database, open_database, open_reader
from dialer.storage.errors import (
    AttemptNotOpen,
    DatabaseTaken,
    DiskFull,
    OwnershipLost,
    StoreUnreachable,
    UnsupportedStore,
)
from dialer.storage.ownership import Ownership
from tests.contract.storage_values import (
    NOW,
    close_attempt,
    idle,
    new_leads,
    phone,
    place_leads,
    save_attempt,
    save_campaign,
    save_leads,
)
from tests.postgres import ROLE, Server, running_server

pytestmark = pytest.mark.needs("postgres")

T = TypeVar("T")
LEADS = 10
LIMIT_S = 20.0


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    with open_database(postgres_url, owner="dialer run [1@here] /srv/one") as opened:
        fill(opened)
        yield opened


@pytest.fixture
def admin(postgres_server: Server, postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    with postgres_server.connect(name_of(postgres_url)) as connection:
        yield connection


def name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def fill(database: Database) -> None:
    assert database.writer.write(save_leads(new_leads(LEADS))) == LeadsStored()
    database.writer.write(save_campaign())
    database.writer.write(place_leads())


def attempt(number: int) -> Any:
    return save_attempt(number, number, phone(number - 1).e164)


def stored(database: Database) -> list[int]:
    return [one.attempt_id for one in database.reader.attempts("c")]


def writers_backend(admin: psycopg.Connection[Any]) -> int:
    """The server's process that holds the writer's lock."""
    row = admin.execute(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    ).fetchone()
    assert row is not None
    return int(row[0])


def eventually(what: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + LIMIT_S
    while not what():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


class Answered:
    """Takes the answers of writes that are submitted."""

    def __init__(self) -> None:
        self.answers: list[Answer | Exception] = []
        self._told = threading.Condition()

    def __call__(self, answer: Answer | Exception) -> None:
        with self._told:
            self.answers.append(answer)
            self._told.notify()

    def wait(self, count: int = 1) -> list[Answer | Exception]:
        with self._told:
            assert self._told.wait_for(lambda: len(self.answers) >= count, LIMIT_S)
        return self.answers


# --- a connection that is lost -----------------------------------------------------------------------------


def test_a_connection_lost_between_writes_costs_nobody_anything(
    database: Database, admin: psycopg.Connection[Any]
) -> None:
    assert database.writer.write(attempt(1)) == AttemptAccepted(1)
    before = writers_backend(admin)
    admin.execute("SELECT pg_terminate_backend(%s)", (before,))
    assert database.writer.write(attempt(2)) == AttemptAccepted(2)
    assert stored(database) == [1, 2]
    assert writers_backend(admin) != before


def test_a_commit_whose_answer_was_lost_is_found_stored_and_not_written_twice(
    database: Database, admin: psycopg.Connection[Any]
) -> None:
    """The transaction is on disk and waits for a standby that does not exist when its session is ended."""
    answer_is_lost_of_a_commit(database, admin)
    assert stored(database) == [1]
    assert database.writer.write(attempt(2)) == AttemptAccepted(2)


def test_a_question_after_a_commit_that_is_not_answered_is_asked_again(
    database: Database, admin: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it is nothing else may be written, under a number that may have been given to the one asked about."""
    ask, cancelled = Ownership.last_stored, iter([True, True])

    def last_stored(connection: Connection) -> int:
        if next(cancelled, False):
            raise QueryCanceled("canceling statement due to user request")
        return ask(connection)

    monkeypatch.setattr(Ownership, "last_stored", staticmethod(last_stored))
    answer_is_lost_of_a_commit(database, admin)
    assert database.writer.write(attempt(2)) == AttemptAccepted(2)
    assert stored(database) == [1, 2]


def answer_is_lost_of_a_commit(database: Database, admin: psycopg.Connection[Any]) -> None:
    """Of the first attempt; it is answered in the end."""
    commits_wait_for_ever(admin)
    try:
        answered = Answered()
        backend = writers_backend(admin)
        database.writer.submit(attempt(1), answered)
        waiting = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'SyncRep'"
        eventually(lambda: admin.execute(waiting, (backend,)).fetchone() is not None)
        assert answered.answers == []
        admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
        admin.execute("SELECT pg_terminate_backend(%s)", (backend,))
        admin.execute("SELECT pg_reload_conf()")
        assert answered.wait() == [AttemptAccepted(1)]
    finally:
        admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
        admin.execute("SELECT pg_reload_conf()")


def commits_wait_for_ever(admin: psycopg.Connection[Any]) -> None:
    """They are on disk, and wait for a standby that does not exist."""
    admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    admin.execute("SELECT pg_reload_conf()")
    eventually(lambda: a_commit_waits(admin))


def a_commit_waits(admin: psycopg.Connection[Any]) -> bool:
    """Shown by one, which is let go: the checkpointer has all sessions wait, once it has read the setting;
    what a session has read itself says nothing of that."""
    waiting = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = %s AND wait_event = 'SyncRep'"
    with psycopg.connect(admin.info.dsn, autocommit=True) as other:
        backend, write = other.info.backend_pid, "SELECT pg_logical_emit_message(true, '', '')"
        committing = threading.Thread(target=other.execute, args=(write,))
        committing.start()
        waited = False
        while committing.is_alive():
            waited = waited or admin.execute(waiting, (backend,)).fetchone() is not None
            committing.join(0.01)
        return waited


SLOW_COMMIT = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON attempts DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION slow();
"""


def stop_while_committing(server: Server, url: str, write: Callable[[], T]) -> T:
    """The server is killed while what `write` writes is being committed; SLOW_COMMIT is in place."""
    answer = write()
    with server.connect(name_of(url)) as admin:
        committing = "SELECT 1 FROM pg_stat_activity WHERE query = 'COMMIT' AND wait_event = 'PgSleep'"
        eventually(lambda: admin.execute(committing).fetchone() is not None)
    server.stop(signal.SIGQUIT)
    return answer


@pytest.mark.long
def test_a_server_that_stops_in_the_middle_of_a_commit_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was being committed is not stored: who waits for it is told that this is not known, the others once it
    is, and the writer goes on by itself."""
    monkeypatch.setattr(writer_module, "SETTLE_S", 0.2)
    with running_server() as server, server.database() as url, open_database(url) as database:
        fill(database)
        assert database.writer.write(attempt(1)) == AttemptAccepted(1)
        with server.connect(name_of(url)) as admin:
            admin.execute(SLOW_COMMIT)
        answered = Answered()
        stop_while_committing(server, url, lambda: database.writer.submit(attempt(2), answered))
        with pytest.raises(StoreUnreachable, match="goes on by itself"):
            database.writer.write(attempt(3))
        assert answered.answers == [], "nobody knows"
        server.start()
        (failed,) = answered.wait()
        assert isinstance(failed, StoreUnreachable)
        assert not failed.undecided
        with ThreadPoolExecutor(1) as thread:
            waiting = stop_while_committing(server, url, lambda: thread.submit(database.writer.write, attempt(2)))
            undecided = waiting.exception(LIMIT_S)
        assert isinstance(undecided, StoreUnreachable)
        assert undecided.undecided
        server.start()
        with server.connect(name_of(url)) as admin:
            admin.execute("DROP TRIGGER slow ON attempts")
        assert stored(database) == [1]
        assert database.writer.write(attempt(3)) == AttemptAccepted(3)
        assert stored(database) == [1, 3]


def test_what_was_stored_when_the_server_stopped_is_answered_once_it_is_back_and_stored_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server goes between COMMIT and its answer, and comes back long after we waited for it in vain."""
    monkeypatch.setattr(writer_module, "SETTLE_S", 0.2)
    with running_server() as server, server.database() as url, open_database(url, linger_s=60.0) as database:
        fill(database)
        first = attempt(1)
        assert database.writer.write(first) == AttemptAccepted(1)
        stretch = idle("a", NOW, NOW + 60.0)
        answered = Answered()
        with server.connect(name_of(url)) as admin:
            commits_wait_for_ever(admin)
            again = save_attempt(2, first.intent.lead_id, first.intent.number)  # so that it is behind the record
            for write in (close_attempt(first), SaveAgentTime((stretch,)), again):
                database.writer.submit(write, answered)
            waiting = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'SyncRep'"
            backend = writers_backend(admin)
            eventually(lambda: admin.execute(waiting, (backend,)).fetchone() is not None)
            admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
        server.stop(signal.SIGQUIT)
        with pytest.raises(StoreUnreachable):
            database.writer.write(attempt(3))
        assert answered.answers == []
        server.start()
        assert answered.wait(3) == [Done(), Done(), AttemptAccepted(2)]
        assert stored(database) == [1, 2]
        assert [record.attempt_id for record in database.reader.records("c", 0.0, 1e12)] == [1]
        assert list(database.reader.agent_times("c", 0.0, 1e12)) == [stretch]


def test_closed_while_the_server_is_away_it_says_what_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "SETTLE_S", 0.2)
    with running_server() as server, server.database() as url:
        answered = Answered()
        with open_database(url) as database:
            fill(database)
            with server.connect(name_of(url)) as admin:
                admin.execute(SLOW_COMMIT)
            stop_while_committing(server, url, lambda: database.writer.submit(attempt(1), answered))
        (told,) = answered.answers
        assert isinstance(told, StoreUnreachable)
        assert told.undecided


def test_a_server_that_is_away_fails_a_crowd_at_once_and_none_of_it_is_stored() -> None:
    with running_server() as server, server.database() as url, open_database(url) as database:
        fill(database)
        server.stop()
        answered = Answered()
        for number in range(1, LEADS + 1):
            database.writer.submit(attempt(number), answered)
        answers = answered.wait(LEADS)
        assert all(isinstance(answer, StoreUnreachable) and not answer.undecided for answer in answers)
        server.start()
        assert stored(database) == []
        assert database.recover(NOW).unknown_attempts == ()


# --- what is committed without waiting for the disk ---------------------------------------------------------


def test_a_record_is_answered_once_it_is_on_the_disk_though_its_commit_does_not_wait_for_it(
    database: Database, admin: psycopg.Connection[Any]
) -> None:
    database.writer.write(attempt(1))
    commits_wait_for_ever(admin)
    answered = Answered()
    try:
        database.writer.submit(close_attempt(attempt(1)), answered)
        eventually(lambda: bool(list(database.reader.records("c", 0.0, 1e12))))
        waiting = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'SyncRep'"
        backend = writers_backend(admin)
        eventually(lambda: admin.execute(waiting, (backend,)).fetchone() is not None)
        assert answered.answers == []
    finally:
        admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
        admin.execute("SELECT pg_reload_conf()")
    assert answered.wait() == [Done()]


def test_the_commit_of_an_attempt_answers_what_was_not_waited_for_before_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "UNFLUSHED_S", 3_600.0)
    database.writer.write(attempt(1))
    answered = Answered()
    database.writer.submit(close_attempt(attempt(1)), answered)
    eventually(lambda: bool(list(database.reader.records("c", 0.0, 1e12))))
    assert answered.answers == []
    database.writer.submit(attempt(2), answered)
    assert answered.wait(2) == [Done(), AttemptAccepted(2)]


def test_a_connection_lost_before_the_disk_was_waited_for_loses_nothing(
    database: Database, admin: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "UNFLUSHED_S", 3_600.0)
    database.writer.write(attempt(1))
    answered = Answered()
    database.writer.submit(close_attempt(attempt(1)), answered)
    eventually(lambda: bool(list(database.reader.records("c", 0.0, 1e12))))
    admin.execute("SELECT pg_terminate_backend(%s)", (writers_backend(admin),))
    database.writer.submit(attempt(2), answered)
    assert answered.wait(2) == [Done(), AttemptAccepted(2)]
    assert [record.attempt_id for record in database.reader.records("c", 0.0, 1e12)] == [1]


@pytest.mark.long
def test_what_a_server_lost_that_was_not_waited_for_is_said_to_be_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was committed, read by others even, and not yet on the disk when the server was killed."""
    monkeypatch.setattr(writer_module, "UNFLUSHED_S", 3_600.0)
    with (
        running_server({"wal_writer_delay": "10s"}) as server,
        server.database() as url,
        open_database(url) as database,
    ):
        fill(database)
        database.writer.write(attempt(1))
        answered = Answered()
        database.writer.submit(close_attempt(attempt(1)), answered)
        eventually(lambda: bool(list(database.reader.records("c", 0.0, 1e12))))
        server.stop(signal.SIGQUIT)
        server.start()
        assert answered.answers == []
        assert database.writer.write(attempt(2)) == AttemptAccepted(2)
        (lost,) = answered.wait()
        assert isinstance(lost, StoreUnreachable)
        assert not lost.undecided
        assert list(database.reader.records("c", 0.0, 1e12)) == []
        assert database.writer.write(close_attempt(attempt(1))) == Done()


def test_what_is_found_stored_after_a_lost_connection_is_on_the_disk_when_it_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was committed without waiting for that, and the server has lived on."""
    monkeypatch.setattr(writer_module, "UNFLUSHED_S", 3_600.0)
    with (
        running_server({"wal_writer_delay": "10s"}) as server,
        server.database() as url,
        open_database(url) as database,
        server.connect(name_of(url)) as admin,
    ):
        fill(database)
        database.writer.write(attempt(1))
        answers: list[tuple[Answer | Exception, bool]] = []

        def answered(answer: Answer | Exception) -> None:
            row = admin.execute("SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn", (committed,)).fetchone()
            answers.append((answer, row == (True,)))

        database.writer.submit(close_attempt(attempt(1)), answered)
        eventually(lambda: bool(list(database.reader.records("c", 0.0, 1e12))))
        places = "SELECT pg_current_wal_insert_lsn(), pg_current_wal_flush_lsn()"
        committed, flushed = admin.execute(places).fetchone() or ("", "")
        assert flushed != committed, "or nothing is tested"
        admin.execute("SELECT pg_terminate_backend(%s)", (writers_backend(admin),))
        assert database.writer.write(attempt(2)) == AttemptAccepted(2)
        assert answers == [(Done(), True)]


# --- who may write -----------------------------------------------------------------------------------------


def test_a_second_home_is_refused_and_told_who_writes(database: Database, postgres_url: str) -> None:
    with pytest.raises(DatabaseTaken, match=r"'dialer run \[1@here\] /srv/one'.*One home owns a database"):
        open_database(postgres_url)
    reader = open_reader(postgres_url)
    assert [one.name for one in reader.lists()] == ["people"]
    reader.close()


def test_a_home_that_lost_the_database_to_another_never_writes_again(
    database: Database, postgres_url: str, admin: psycopg.Connection[Any]
) -> None:
    admin.execute("SELECT pg_terminate_backend(%s)", (writers_backend(admin),))
    with open_database(postgres_url, owner="dialer run [2@there] /srv/two") as other:
        assert other.writer.write(attempt(1)) == AttemptAccepted(1)
        with pytest.raises(OwnershipLost, match="srv/two"):
            database.writer.write(attempt(2))
    for _ in range(2):  # though nobody holds it any more: what this home knows is out of date
        with pytest.raises(OwnershipLost, match="srv/two"):
            database.writer.write(attempt(2))
    assert stored(database) == [1]


HOLDER = """
import sys
from dialer.storage.database import open_database
database = open_database(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_a_killed_home_is_followed_by_the_next_without_waiting(postgres_url: str) -> None:
    command = [sys.executable, "-c", HOLDER, postgres_url]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseTaken):
            open_database(postgres_url)
        holder.kill()
        holder.wait()
        open_database(postgres_url).close()


def test_an_empty_database_is_prepared_once_by_two_homes_that_come_together(postgres_server: Server) -> None:
    with postgres_server.database(empty=True) as url:
        opened: list[Database | Exception] = []

        def run() -> None:
            try:
                opened.append(open_database(url))
            except DatabaseTaken as error:
                opened.append(error)

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT_S)
        (database,) = (one for one in opened if isinstance(one, Database))
        assert sum(isinstance(one, DatabaseTaken) for one in opened) == 1
        with database, database.reader.engine.connect() as connection:
            assert migrations.current(connection) == migrations.HEAD


# --- what is set, and what is refused ----------------------------------------------------------------------


def test_commits_are_durable_and_readers_cannot_write(database: Database) -> None:
    with database.writer.engine.connect() as connection:
        values = [
            connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("synchronous_commit", "idle_session_timeout", "statement_timeout")
        ]
    assert values == ["on", "0", "0"]
    with database.reader.engine.connect() as reading, pytest.raises(DBAPIError, match="read-only"):
        reading.execute(text("DELETE FROM lists"))


def test_a_full_disk_stores_nothing_says_so_and_is_got_over(
    database: Database, admin: psycopg.Connection[Any]
) -> None:
    """The server's own error for it, raised where the disk would be written."""
    admin.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;"
        "CREATE TRIGGER full_disk BEFORE INSERT ON attempts FOR EACH ROW WHEN (NEW.attempt_id > 1)"
        " EXECUTE FUNCTION full_disk()"
    )
    answered = Answered()
    for number in (1, 2, 3):
        database.writer.submit(attempt(number), answered)
    first, *rest = answered.wait(3)
    assert first == AttemptAccepted(1)
    assert all(isinstance(one, DiskFull) and "free some space" in str(one) for one in rest)
    assert stored(database) == [1]
    admin.execute("DROP TRIGGER full_disk ON attempts")
    assert database.writer.write(attempt(2)) == AttemptAccepted(2)


def test_a_disk_that_is_full_at_the_beginning_of_a_transaction(
    database: Database, admin: psycopg.Connection[Any]
) -> None:
    admin.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;"
        "CREATE TRIGGER full_disk BEFORE INSERT ON transactions FOR EACH ROW EXECUTE FUNCTION full_disk()"
    )
    for _ in range(2):
        with pytest.raises(DiskFull):
            database.writer.write(attempt(1))
    admin.execute("DROP TRIGGER full_disk ON transactions")
    assert database.writer.write(attempt(1)) == AttemptAccepted(1)


def test_numbers_of_transactions_do_not_pile_up(
    database: Database, admin: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    monkeypatch.setattr(postgresql, "KEPT_NUMBERS", 5)
    numbers = "SELECT count(*), max(number) FROM transactions"
    for n in range(40):
        database.writer.write(SaveAgentTime((idle("a", NOW + n, NOW + n + 1),)))
    kept, last = admin.execute(numbers).fetchone() or (0, 0)
    assert 5 <= kept <= 15
    database.close()
    with open_database(postgres_url):
        assert admin.execute(numbers).fetchone() == (1, last)


def test_no_range_of_numbers_is_kept_because_a_transaction_failed(
    database: Database, admin: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "KEPT_NUMBERS", 5)
    (first,) = admin.execute("SELECT max(number) FROM transactions").fetchone() or (0,)
    for n in range(60):
        if (first + n + 1) % 10 == 0:  # of which every second one was to forget a range
            with pytest.raises(AttemptNotOpen):
                database.writer.write(close_attempt(attempt(77)))
        database.writer.write(SaveAgentTime((idle("a", NOW + n, NOW + n + 1),)))
    (kept,) = admin.execute("SELECT count(*) FROM transactions").fetchone() or (0,)
    assert kept <= 15


def test_a_database_that_cannot_hold_every_name_is_refused(postgres_server: Server) -> None:
    with postgres_server.connect("postgres") as admin:
        admin.execute(
            f"CREATE DATABASE latin OWNER {ROLE} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
            " LOCALE_PROVIDER libc"
        )
        for opening in (open_database, open_reader):
            with pytest.raises(UnsupportedStore, match=r"encoded in LATIN1.*createdb --encoding UTF8"):
                opening(postgres_server.url("latin"))
        admin.execute("DROP DATABASE latin WITH (FORCE)")


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    where = "postgresql://ann:secret@127.0.0.1:1/dialer?password=hidden"
    for opening in (open_database, open_reader):
        with pytest.raises(StoreUnreachable, match=r"postgresql://ann@127\.0\.0\.1:1/dialer") as caught:
            opening(where)
        assert "Connection refused" in str(caught.value)
        assert "secret" not in str(caught.value)
        assert "hidden" not in str(caught.value)


def test_an_iterator_left_half_read_holds_no_cursor(database: Database) -> None:
    for number in (1, 2, 3):
        database.writer.write(attempt(number))
    half = iter(database.reader.attempts("c"))
    assert next(half).attempt_id == 1
    del half
    assert database.writer.write(SaveAgentTime((idle("a", NOW, NOW + 1),))) == Done()
    assert stored(database) == [1, 2, 3]


def test_a_record_that_is_there_already_takes_no_attempt_of_its_group_down(database: Database) -> None:
    """Its row was changed in the same transaction, so the server would take it for closed by that."""
    database.writer.write(attempt(1))
    database.writer.write(close_attempt(attempt(1)))
    held, going_on = threading.Event(), threading.Event()
    answers: list[Answer | Exception] = []

    def hold(_: object) -> None:
        held.set()
        going_on.wait(LIMIT_S)

    database.writer.submit(SaveAgentTime((idle("a1", NOW, NOW + 1.0),)), hold)
    assert held.wait(LIMIT_S)
    with ThreadPoolExecutor(1) as other:
        database.writer.submit(ErasePerson((9,), (), (), (), NOW), answers.append)
        database.writer.submit(attempt(2), answers.append)
        closing = other.submit(database.writer.write, close_attempt(attempt(1)))
        while database.writer.queued < 3:
            time.sleep(0.01)
        going_on.set()
        with pytest.raises(AttemptNotOpen):
            closing.result(LIMIT_S)
    assert answers == [Done(), AttemptAccepted(2)]
