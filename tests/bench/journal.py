"""The journal: an attempt saved before its call and closed after it, on SQLite with `synchronous=FULL` in WAL.

The floor is the driver alone with the same statements and rows, a commit for as many attempts.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.dialects import sqlite

from campaigns.eligibility import Permitted, decide
from campaigns.loader import parse_campaign
from campaigns.permission.permit import to_json
from campaigns.permission.proposed import Proposed
from campaigns.preset_files import load_rule_set
from campaigns.record import AttemptRecord
from dialer.operations.place_leads import place_leads
from dialer.ports.store import (
    FINAL,
    Answer,
    AttemptIntent,
    CloseAttempt,
    LeadUpdate,
    NewLead,
    SaveAttempt,
    SaveCampaign,
    SaveLeads,
)
from dialer.sip.identity import Identity
from dialer.storage.attempts import AttemptStatements, closing_row, intent_row
from dialer.storage.database import Database, open_database
from lists.lead import Lead
from tests.bench.lists import CAMPAIGN, NOON, londoners
from tests.bench.measure import Result, Stopwatch
from tests.walls import SIMULATED

GROUP = 50
_MOVE = (
    "UPDATE campaign_leads SET state=?, due_at=?, attempts=?, tries=?, reason=? WHERE campaign_id=1 AND lead_id=?"
)


def bench(count: int = 4_000) -> list[Result]:
    saves, closes = writes(londoners(count))
    with tempfile.TemporaryDirectory() as folder:
        with _database(Path(folder) / "ours.db", count) as database:
            watch = Stopwatch()
            for start in range(0, count, GROUP):
                _submit(database, saves[start : start + GROUP])
                _submit(database, closes[start : start + GROUP])
            cpu_s = watch.stop()
            stored = sum(1 for _ in database.reader.records("bench", 0.0, 1e12))
        if stored != count:
            raise RuntimeError(f"{stored} records of {count} attempts")
        floor_s = _floor(Path(folder) / "floor.db", saves, closes)
    note = f"{GROUP} attempts a commit, two commits an attempt; ours checks caps and the do-not-call register too"
    figures = cpu_s / count * 1e3, floor_s / count * 1e3
    return [
        Result(
            "journal",
            figures[0],
            "ms CPU/attempt",
            None,
            figures[1],
            "bare sqlite3",
            watch.calibration_us,
            count,
            note,
        )
    ]


def _database(path: Path, leads: int) -> Database:
    database = open_database(path)
    database.writer.write(SaveLeads("people", londoners(leads), "invented", "", NOON))
    database.writer.write(SaveCampaign("bench", CAMPAIGN, ("people",), "oldest", NOON))
    place_leads("bench", write=database.writer.write)
    return database


def _submit(database: Database, writes: list[SaveAttempt] | list[CloseAttempt]) -> None:
    """All at once, as they gather while the writer commits; then wait for the last answer."""
    answered = threading.Event()
    left = len(writes)

    def done(answer: Answer | Exception) -> None:
        nonlocal left
        if isinstance(answer, Exception):
            raise answer
        left -= 1
        if left == 0:
            answered.set()

    for write in writes:
        database.writer.submit(write, done)
    if not answered.wait(30.0):
        raise RuntimeError("the writer does not answer")


def _floor(path: Path, saves: list[SaveAttempt], closes: list[CloseAttempt]) -> float:
    statements = AttemptStatements(sqlite.dialect())
    sealed = (bytes(16), bytes(32), bytes(32))  # what it costs to make them is not the floor
    save_rows: list[tuple[Any, ...]] = [
        intent_row(write.intent, to_json(write.intent.permitted.evidence), (n, *sealed))
        for n, write in enumerate(saves, 1)
    ]
    close_rows: list[tuple[Any, ...]] = [closing_row(write.record) for write in closes]
    _database(path, len(saves)).close()
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        watch = Stopwatch()
        for start in range(0, len(saves), GROUP):
            rows = slice(start, start + GROUP)
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statements.save.sql, save_rows[rows])
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statements.close.sql, close_rows[rows])
            moves = [("final", NOON, 1, "[]", "sale", write.update.lead_id) for write in closes[rows]]
            connection.executemany(_MOVE, moves)
            connection.execute("COMMIT")
        return watch.stop()
    finally:
        connection.close()


def writes(people: Sequence[NewLead]) -> tuple[list[SaveAttempt], list[CloseAttempt]]:
    """An attempt on each of these people, who are leads 1, 2, 3…, and what closes it."""
    campaign, identity = parse_campaign(CAMPAIGN), Identity(b"benchmark's key!")
    rule_set = load_rule_set("fictional")
    saves, closes = [], []
    for n, new in enumerate(people, 1):
        phone = new.phones[0]
        at = NOON + n * 0.01
        permitted = decide(
            Proposed(
                campaign=campaign,
                rule_set=rule_set,
                lead=Lead(n, "people", new.phones),
                number=phone,
                trunk="sim",
                caller_id=campaign.caller_ids[0],
                walls=SIMULATED,
            ),
            at,
            dnc_version=1,
        )
        if not isinstance(permitted, Permitted):
            raise TypeError(f"refused: {permitted.detail}")
        intent = AttemptIntent(
            attempt_id=n,
            campaign="bench",
            lead_id=n,
            number=phone.e164,
            trunk="sim",
            caller_id=campaign.caller_ids[0],
            call_id=identity.call_id(n),
            attempt_no=1,
            created_at=at,
            permitted=permitted,
        )
        saves.append(SaveAttempt(intent))
        update = LeadUpdate("bench", n, FINAL, at, 0, phone.zone_group, 1, (("sale", 1),), "sale")
        closes.append(CloseAttempt(_record(intent, rule_set.name), update))
    return saves, closes


def _record(intent: AttemptIntent, rules: str) -> AttemptRecord:
    at = intent.created_at
    return AttemptRecord(
        attempt_id=intent.attempt_id,
        campaign=intent.campaign,
        list_name="people",
        lead_id=intent.lead_id,
        number=intent.number,
        region="GB",
        zones="Europe/London",
        local_hour=12,
        attempt_no=1,
        mode="progressive",
        trunk=intent.trunk,
        caller_id=intent.caller_id,
        call_id=intent.call_id,
        created_at=at,
        dialed_at=at + 0.01,
        progress_at=at + 1.0,
        answered_at=at + 9.0,
        assigned_at=at + 9.0,
        connected_at=at + 9.0,
        ended_at=at + 99.0,
        closed_at=at + 120.0,
        outcome="connected",
        sip_status=None,
        q850=None,
        ended_by="agent",
        agent_id="agent-01",
        disposition="sale",
        live=True,
        machine=False,
        rpc=True,
        abandoned=False,
        hung_up_waiting=False,
        queued=False,
        counted=True,
        talk_s=90.0,
        hold_s=0.0,
        wrapup_s=21.0,
        answer_to_agent_s=0.012,
        final=True,
        next_attempt_at=None,
        rule_set=rules,
    )
