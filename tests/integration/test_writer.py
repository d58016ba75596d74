"""The writer under groups, failures, a full disk, and a loop."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import create_engine, event

from campaigns.life import CampaignState
from campaigns.permission.caps import CapCheck
from dialer.ports.store import (
    FINAL,
    Answer,
    AttemptAccepted,
    AttemptDenied,
    Done,
    FetchLeads,
    LeadCounts,
    LeadsLeased,
    LeadsStored,
    ReturnLeads,
    SaveAgentTime,
    SetCampaignState,
)
from dialer.storage import writer as writer_module
from dialer.storage.database import Database, open_database, open_reader
from dialer.storage.errors import DiskFailed, DiskFull, WriterClosed
from dialer.storage.recovery import Recovered
from dialer.storage.writer import Writer
from tests.contract.storage_values import (
    LONDON,
    NOW,
    close_attempt,
    idle,
    new_leads,
    phone,
    place_leads,
    save_attempt,
    save_campaign,
    save_leads,
    update_for,
)

LEADS = 40


@pytest.fixture
def database(store_address: str) -> Iterator[Database]:
    with open_database(store_address) as opened:
        fill(opened)
        yield opened


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "small.db") as opened:
        fill(opened)
        yield opened


def fill(database: Database) -> None:
    database.writer.write(save_leads(new_leads(LEADS)))
    database.writer.write(save_campaign())
    database.writer.write(place_leads())


@contextmanager
def patient(tmp_path: Path) -> Iterator[Writer]:
    """A writer that would hold unhurried writes back for an hour."""
    with open_database(tmp_path / "patient.db") as opened:
        opened.writer.write(save_leads(new_leads(LEADS)))
        opened.writer.write(save_campaign())
        opened.writer.write(place_leads())
        writer = Writer(create_engine(opened.writer.engine.url), linger_s=3_600.0)
        try:
            yield writer
        finally:
            writer.close()


def commits_of(database: Database) -> list[int]:
    """Grows by one at each commit of the writer."""
    seen: list[int] = []
    event.listen(database.writer.engine, "commit", lambda _connection: seen.append(1))
    return seen


async def test_answers_come_in_the_loops_thread_in_order_after_a_common_commit(database: Database) -> None:
    loop = asyncio.get_running_loop()
    wakes: list[int] = []

    def deliver(call: Any) -> None:
        wakes.append(1)
        loop.call_soon_threadsafe(call)

    database.writer.deliver_through(deliver)
    commits = commits_of(database)
    answers: list[Answer | Exception] = []
    threads: set[int] = set()
    finished = asyncio.Event()

    def take(answer: Answer | Exception) -> None:
        answers.append(answer)
        threads.add(threading.get_ident())
        if len(answers) == LEADS:
            finished.set()

    for attempt_id in range(1, LEADS + 1):
        database.writer.submit(save_attempt(attempt_id, attempt_id, phone(attempt_id - 1).e164), take)
    await finished.wait()
    assert answers == [AttemptAccepted(attempt_id) for attempt_id in range(1, LEADS + 1)]
    assert threads == {threading.get_ident()}
    assert len(wakes) == len(commits) < LEADS


def test_what_nobody_waits_for_shares_a_commit_with_what_comes_next(tmp_path: Path) -> None:
    with patient(tmp_path) as writer:
        commits: list[int] = []
        event.listen(writer.engine, "commit", lambda _connection: commits.append(1))
        answers: list[Answer | Exception] = []
        for second in range(3):
            writer.submit(SaveAgentTime((idle("a", NOW + second, NOW + second + 1),)), answers.append)
        assert writer.write(SaveAgentTime((idle("a", NOW + 3, NOW + 4),))) == Done()
        assert answers == [Done()] * 3
        assert len(commits) == 1


def test_an_urgent_write_ends_the_wait(tmp_path: Path) -> None:
    with patient(tmp_path) as writer:
        answered = threading.Event()
        writer.submit(SaveAgentTime((idle("a", NOW, NOW + 1),)), lambda _answer: None)
        writer.submit(save_attempt(1, 1, phone(0).e164), lambda _answer: answered.set())
        assert answered.wait(10)


def test_the_end_does_not_wait_for_company(tmp_path: Path) -> None:
    answers: list[Answer | Exception] = []
    with patient(tmp_path) as writer:
        writer.submit(SaveAgentTime((idle("a", NOW, NOW + 1),)), answers.append)
        assert answers == []
    assert answers == [Done()]


def test_writes_without_company_are_committed_all_the_same(database: Database) -> None:
    answered = threading.Event()
    database.writer.submit(SaveAgentTime((idle("a", NOW, NOW + 1),)), lambda _answer: answered.set())
    assert answered.wait(10)
    assert len(list(database.reader.agent_times("c", 0, NOW * 2))) == 1


def test_what_is_answered_is_committed(database: Database) -> None:
    seen: list[int] = []
    answered = threading.Event()

    def look(_answer: Answer | Exception) -> None:
        seen.extend(one.attempt_id for one in database.reader.attempts("c"))
        answered.set()

    database.writer.submit(save_attempt(1, 1, phone(0).e164), look)
    assert answered.wait(10)
    assert seen == [1]


def test_closing_answers_everything_queued_first(store_address: str) -> None:
    database = open_database(store_address)
    fill(database)
    answers: list[Answer | Exception] = []
    for attempt_id in range(1, LEADS + 1):
        database.writer.submit(save_attempt(attempt_id, attempt_id, phone(attempt_id - 1).e164), answers.append)
    database.close()
    database.close()
    assert len(answers) == LEADS
    with pytest.raises(WriterClosed):
        database.writer.submit(SaveAgentTime(()), answers.append)
    reader = open_reader(store_address)
    assert reader.next_attempt_id() == LEADS + 1
    reader.close()


def test_a_callback_that_fails_stops_neither_the_others_nor_the_writer(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_answer: Answer | Exception) -> None:
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR, logger="dialer.storage"):
        database.writer.submit(SaveAgentTime((idle("a", NOW, NOW + 1),)), fail)
        assert database.writer.write(SaveAgentTime((idle("a", NOW + 1, NOW + 2),))) == Done()
    assert "the callback of a write failed" in caplog.text
    assert len(list(database.reader.agent_times("c", 0, NOW * 2))) == 2


def test_a_loop_that_is_closed_does_not_stop_the_writer(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    database.writer.deliver_through(loop.call_soon_threadsafe)
    with caplog.at_level(logging.ERROR, logger="dialer.storage"):
        database.writer.submit(SaveAgentTime((idle("a", NOW, NOW + 1),)), lambda _answer: None)
        assert database.writer.write(SaveAgentTime((idle("a", NOW + 1, NOW + 2),))) == Done()
    assert "nobody is left to take 1 answers" in caplog.text
    assert len(list(database.reader.agent_times("c", 0, NOW * 2))) == 2


@pytest.mark.parametrize("failure", [RuntimeError, OSError, ZeroDivisionError])
def test_whatever_delivering_raises_does_not_stop_the_writer(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture, failure: type[Exception]
) -> None:
    def deliver(_call: object) -> None:
        raise failure

    writer = sqlite_database.writer
    writer.deliver_through(deliver)
    with caplog.at_level(logging.ERROR, logger="dialer.storage"):
        writer.submit(SaveAgentTime((idle("a", NOW, NOW + 1),)), lambda _answer: None)
        assert writer.write(SaveAgentTime((idle("a", NOW + 1, NOW + 2),))) == Done()
    assert "nobody is left to take 1 answers" in caplog.text


def test_a_full_disk_stores_nothing_says_so_and_is_got_over(sqlite_database: Database) -> None:
    database = sqlite_database
    pages = database.reader.engine.connect()
    used = int(pages.exec_driver_sql("PRAGMA page_count").scalar_one())
    pages.close()
    limit = {"pages": used}

    def limit_pages(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={limit['pages']}")

    event.listen(database.writer.engine, "begin", limit_pages)
    answers: list[Answer | Exception] = []
    finished = threading.Event()

    def take(answer: Answer | Exception) -> None:
        answers.append(answer)
        if len(answers) == 30:
            finished.set()

    for attempt_id in range(1, 31):
        database.writer.submit(save_attempt(attempt_id, attempt_id, phone(attempt_id - 1).e164), take)
    assert finished.wait(20)
    accepted = [answer.attempt_id for answer in answers if isinstance(answer, AttemptAccepted)]
    refused = [answer for answer in answers if isinstance(answer, DiskFull)]
    assert refused
    assert len(accepted) + len(refused) == 30
    assert [one.attempt_id for one in database.reader.attempts("c")] == accepted
    with pytest.raises(DiskFull, match="free some space"):
        database.writer.write(save_leads(new_leads(500, first=100)))
    assert next(iter(database.reader.lists())).leads == LEADS
    limit["pages"] = 1_000_000
    assert database.writer.write(save_attempt(99, 40, phone(39).e164)) == AttemptAccepted(99)
    assert database.writer.write(save_leads(new_leads(500, first=100))) == LeadsStored((("c", (LONDON,)),))


def test_a_new_owner_gives_leases_back_and_never_redials_what_nobody_saw_end(store_address: str) -> None:
    with open_database(store_address) as database:
        database.writer.write(save_leads(new_leads(4)))
        database.writer.write(save_campaign())
        database.writer.write(place_leads())
        database.writer.write(ReturnLeads((update_for(4, state=FINAL),)))
        database.writer.write(FetchLeads("c", 2, NOW, (LONDON,)))
        seen = save_attempt(1, 1, phone(0).e164)
        database.writer.write(seen)
        database.writer.write(close_attempt(seen, update=update_for(1, due_at=NOW + 900, attempts=1)))
        database.writer.write(FetchLeads("c", 1, NOW + 900, (LONDON,)))
        database.writer.write(save_attempt(2, 1, phone(0).e164, at=NOW + 900))
    with open_database(store_address) as database:
        assert database.recover(NOW + 1000) == Recovered(leases=2, unknown_attempts=(2,))
        assert database.recover(NOW + 1001) == Recovered(leases=0, unknown_attempts=())
        _, unseen = database.reader.records("c", 0, NOW * 2)
        assert (unseen.outcome, unseen.ended_by, unseen.counted, unseen.final) == ("unknown", "nobody", True, True)
        assert (unseen.closed_at, unseen.dialed_at, unseen.list_name) == (NOW + 1000, None, "people")
        assert (unseen.region, unseen.zones, unseen.local_hour) == ("GB", "Europe/London", 14)
        assert (unseen.rule_set, unseen.created_at) == ("demo", NOW + 900)
        assert database.reader.lead_counts("c") == LeadCounts(total=4, attempted=2, final=2)
        held = next(iter(database.reader.places("c")))
        assert (held.state, held.reason, held.attempts) == (FINAL, "unknown", 2)
        assert held.tries == (("busy", 1), ("unknown", 1))
        answer = database.writer.write(FetchLeads("c", 9, NOW + 1e6, (LONDON,)))
        assert isinstance(answer, LeadsLeased)
        assert [candidate.lead.lead_id for candidate in answer.candidates] == [2, 3]


def test_a_permit_that_cannot_be_read_does_not_stop_recovery(database: Database) -> None:
    database.writer.write(save_attempt(1, 1, phone(0).e164))
    with database.writer.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET permit = '{'")
    assert database.recover(NOW).unknown_attempts == (1,)
    (record,) = database.reader.records("c", 0, NOW * 2)
    assert (record.local_hour, record.zones, record.counted) == (-1, "", True)
    assert "its permit cannot be read" in record.note


# --- what is committed without waiting for the disk ---------------------------------------------------------


def stored_records(database: Database) -> list[int]:
    return [record.attempt_id for record in database.reader.records("c", 0.0, 1e12)]


def close_unawaited(database: Database, answers: SimpleQueue[Answer | Exception]) -> None:
    """A record of attempt 1, until others can read it."""
    database.writer.write(save_attempt(1, 1, phone(0).e164))
    database.writer.submit(close_attempt(save_attempt(1, 1, phone(0).e164)), answers.put)
    give_up_at = monotonic() + 20.0
    while not stored_records(database):
        assert monotonic() < give_up_at
        time.sleep(0.001)


def refuse(connection: Any, code: int) -> None:
    """As SQLite does when a commit fails."""
    connection.connection.driver_connection.rollback()
    error = sqlite3.OperationalError("the disk")
    error.sqlite_errorcode = code
    raise error


@pytest.fixture
def unflushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is synced but for who waits for it."""
    monkeypatch.setattr(writer_module, "UNFLUSHED_S", 3_600.0)


@pytest.mark.usefixtures("unflushed")
@pytest.mark.parametrize("stores", ["an attempt", "nothing", "what is there"])
def test_what_was_not_waited_for_is_answered_with_the_next_that_waits_even_if_that_stores_nothing(
    sqlite_database: Database, tmp_path: Path, stores: str
) -> None:
    """Twice each: SQLite writes nothing for a row that is given the values it has, but may tidy it once."""
    database, log = sqlite_database, tmp_path / "small.db-wal"
    answers: SimpleQueue[Answer | Exception] = SimpleQueue()
    cap = CapCheck("law", 1, 0.0, number=phone(0).e164)
    synced: list[int] = []

    def look(connection: Any) -> None:
        synced.append(connection.connection.driver_connection.execute("PRAGMA synchronous").fetchone()[0])

    close_unawaited(database, answers)
    assert answers.empty()
    event.listen(database.writer.engine, "commit", look)
    for attempt_id in (2, 3):
        before = log.read_bytes()
        if stores == "what is there":
            database.writer.submit(SetCampaignState("c", CampaignState.PAUSED, NOW), answers.put)
        else:
            caps = (cap,) if stores == "nothing" else ()
            database.writer.submit(save_attempt(attempt_id, 1, phone(0).e164, caps=caps), answers.put)
        if attempt_id == 2:
            assert answers.get(timeout=20) == Done()
        answer = answers.get(timeout=20)
        assert (
            answer == Done() if stores == "what is there" else isinstance(answer, AttemptAccepted | AttemptDenied)
        )
        assert log.read_bytes() != before, "a commit of nothing syncs nothing"
    assert synced == [2, 2], "FULL"


@pytest.mark.usefixtures("unflushed")
def test_a_record_waits_for_no_disk(sqlite_database: Database) -> None:
    seen: list[int] = []

    def look(connection: Any) -> None:
        seen.append(connection.connection.driver_connection.execute("PRAGMA synchronous").fetchone()[0])

    event.listen(sqlite_database.writer.engine, "commit", look)
    close_unawaited(sqlite_database, SimpleQueue())
    assert seen == [2, 1], "FULL for the attempt, NORMAL for its record"


def test_a_record_that_nothing_follows_is_answered_soon(sqlite_database: Database) -> None:
    answers: SimpleQueue[Answer | Exception] = SimpleQueue()
    close_unawaited(sqlite_database, answers)
    assert answers.get(timeout=20) == Done()


@pytest.mark.usefixtures("unflushed")
def test_an_import_does_not_wait_for_the_next_attempt(sqlite_database: Database) -> None:
    answers: SimpleQueue[Answer | Exception] = SimpleQueue()
    close_unawaited(sqlite_database, answers)
    sqlite_database.writer.submit(save_leads(new_leads(1, first=100)), answers.put)
    assert answers.get(timeout=20) == Done(), "it is on the disk with what came after it"
    assert isinstance(answers.get(timeout=20), LeadsStored)


@pytest.mark.usefixtures("unflushed")
def test_at_the_end_what_was_not_waited_for_is_synced_and_answered(tmp_path: Path) -> None:
    answers: SimpleQueue[Answer | Exception] = SimpleQueue()
    with open_database(tmp_path / "small.db") as database:
        fill(database)
        close_unawaited(database, answers)
    assert answers.get(timeout=20) == Done()


@pytest.mark.usefixtures("unflushed")
def test_a_disk_that_fails_leaves_it_open_what_became_of_what_was_not_on_it(sqlite_database: Database) -> None:
    """Linux may call a page written that it could not write, when asked for the second time."""
    database = sqlite_database
    answers: SimpleQueue[Answer | Exception] = SimpleQueue()
    close_unawaited(database, answers)
    failures = [1, 1]  # of the group, and of its write alone

    def fail(connection: Any) -> None:
        if failures:
            failures.pop()
            refuse(connection, sqlite3.SQLITE_IOERR_FSYNC)

    event.listen(database.writer.engine, "commit", fail)
    database.writer.submit(save_attempt(2, 2, phone(1).e164), answers.put)
    assert isinstance(answers.get(timeout=20), DiskFailed)
    assert isinstance(answers.get(timeout=20), DiskFailed)
    failures.clear()
    assert database.writer.write(save_attempt(2, 2, phone(1).e164)) == AttemptAccepted(2)


def test_a_full_disk_keeps_the_answer_back_until_there_is_room(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = sqlite_database
    monkeypatch.setattr(writer_module, "HELD_STEP_S", 0.05)
    answers: SimpleQueue[Answer | Exception] = SimpleQueue()
    tried = SimpleQueue[int]()
    full = [True]

    def fail(connection: Any) -> None:
        driver = connection.connection.driver_connection
        if driver.execute("PRAGMA synchronous").fetchone()[0] == 2 and full[0] and stored_records(database):
            tried.put(1)
            refuse(connection, sqlite3.SQLITE_FULL)

    event.listen(database.writer.engine, "commit", fail)
    close_unawaited(database, answers)
    for _ in range(2):
        assert tried.get(timeout=20)
    assert answers.empty()
    full[0] = False
    assert answers.get(timeout=20) == Done()
