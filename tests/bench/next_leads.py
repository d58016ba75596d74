"""The next hundred leads of a list of up to five million, on each database, while calls move them.

The lists are in 24 zone groups, of which those are asked for whose window is open in the afternoon in London; the
order is a random one, so that the leads of a fetch lie anywhere. A fifth of a list is done, a tenth waits to be
tried again in the course of a day, a tenth has come due again. Two seconds pass between two fetches (not by the
clock, but what the writer does between commits is over by the next): as many attempts are saved and closed as
leads were fetched, a quarter of them for good, the rest to be tried again between a minute and an hour later.
Of a fetch: from the moment it is asked until it is answered and on the disk, by the clock. A database of five
million takes minutes and gigabytes to be made: only run by name.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, make_url, text

from campaigns.record import AttemptRecord
from dialer.operations.collection import rare_collections
from dialer.ports.store import (
    FINAL,
    READY,
    Answer,
    AttemptDenied,
    AttemptIntent,
    Candidate,
    CloseAttempt,
    FetchLeads,
    LeadsLeased,
    LeadUpdate,
    ReturnLeads,
    SaveAttempt,
    SaveCampaign,
    SaveLeads,
)
from dialer.storage.database import Database, open_database
from dialer.storage.postgresql import DRIVER
from dialer.storage.tables import attempts, campaign_leads, leads, numbers
from tests.bench.journal import writes
from tests.bench.lists import CAMPAIGN, NOON, londoners
from tests.bench.measure import Result, Stopwatch
from tests.bench.pace import quantiles
from tests.postgres import running_server
from tests.programs import path_of

SIZES = (100_000, 500_000, 1_000_000, 5_000_000)
FETCHES = 400
WARM = 20
"""Fetches that are not counted: statements are prepared, and the first pages read."""
AT_ONCE = 100
PACE_S = 2.0
PORTION = 500_000
TARGET_MS = 10.0

_START = NOON + 3 * 3_600.0
_ZONES = (
    ("GB", "+44207", "Europe/London", True),
    ("IE", "+3531", "Europe/Dublin", True),
    ("PT", "+35121", "Europe/Lisbon", True),
    ("DE", "+49302", "Europe/Berlin", True),
    ("FR", "+33142", "Europe/Paris", True),
    ("ES", "+34912", "Europe/Madrid", True),
    ("IT", "+3902", "Europe/Rome", True),
    ("PL", "+4822", "Europe/Warsaw", True),
    ("RO", "+4021", "Europe/Bucharest", True),
    ("UA", "+38044", "Europe/Kyiv", True),
    ("RU", "+7401", "Europe/Kaliningrad", True),
    ("RU", "+7495", "Europe/Moscow", True),
    ("RU", "+7846", "Europe/Samara", True),
    ("RU", "+7343", "Asia/Yekaterinburg", False),
    ("RU", "+7383", "Asia/Novosibirsk", False),
    ("KZ", "+7727", "Asia/Almaty", False),
    ("US", "+1212", "America/New_York", True),
    ("US", "+1312", "America/Chicago", True),
    ("US", "+1303", "America/Denver", False),
    ("US", "+1310", "America/Los_Angeles", False),
    ("BR", "+5511", "America/Sao_Paulo", True),
    ("MX", "+5255", "America/Mexico_City", True),
    ("AU", "+6129", "Australia/Sydney", False),
    ("ID", "+6221", "Asia/Jakarta", False),
)
"""Region, first digits, zone, and whether its window is open."""
_SCRAMBLE = 2_654_435_761
_KEYS = 2**32


def bench(sizes: Sequence[int] = SIZES, fetches: int = FETCHES) -> list[Result]:
    results = []
    for count in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-next-") as folder:
            results.append(_measured("SQLite", str(Path(folder) / "dialer.db"), count, fetches))
        if path_of("postgres"):
            with running_server({"max_wal_size": "4GB"}) as server, server.database() as url:
                results.append(_measured("PostgreSQL", url, count, fetches))
    return results


def _measured(name: str, where: str, count: int, fetches: int) -> Result:
    with open_database(where) as database:
        _fill(database, where, count)
    with open_database(where) as database, rare_collections():
        campaign = _Campaign(database, count)
        for _ in range(WARM):
            campaign.fetch()
        watch = Stopwatch()
        taken = [campaign.fetch() for _ in range(fetches)]
        watch.stop()
    found = quantiles(taken)
    note = f"{found}; {campaign.retried:,} of {campaign.fetched:,} leads fetched had been called before"
    return Result(
        f"next {AT_ONCE} leads of {count:,}, {name}",
        found.p99,
        "ms p99",
        TARGET_MS,
        None,
        "",
        watch.calibration_us,
        fetches,
        note,
    )


class _Campaign:
    """Fetches the next leads, and calls them."""

    def __init__(self, database: Database, count: int) -> None:
        self._database = database
        self._now = _START
        self._attempt_id = count
        self._open = {f"{region}:{zone}" for region, _, zone, is_open in _ZONES if is_open}
        (save,), (close,) = writes(londoners(1))
        self._intent, self._record = save.intent, close.record
        self.fetched = self.retried = 0

    def fetch(self) -> float:
        """Seconds that the next leads took."""
        self._now += PACE_S
        self._database.writer.write(ReturnLeads(()))  # the writer is at rest
        asked = FetchLeads("bench", AT_ONCE, self._now, tuple(sorted(self._open)))
        start = time.perf_counter()
        answer = self._database.writer.write(asked)
        took = time.perf_counter() - start
        if not isinstance(answer, LeadsLeased):
            raise TypeError(f"a fetch was answered with {answer!r}")
        self._check(answer.candidates)
        self._call(answer.candidates)
        return took

    def _check(self, found: Sequence[Candidate]) -> None:
        keys = [order_key(one.lead.lead_id) for one in found]
        if len(found) != AT_ONCE or keys != sorted(keys):
            raise RuntimeError(f"{len(found)} leads, or out of order")
        if any(one.lead.phones[0].zone_group not in self._open or one.due_at > self._now for one in found):
            raise RuntimeError("a lead that is not due, or outside its window")
        self.fetched += len(found)
        self.retried += sum(bool(one.attempts) for one in found)
        if any(len(one.history) != one.attempts for one in found):
            raise RuntimeError("a lead without its history")

    def _call(self, found: Sequence[Candidate]) -> None:
        intents = [self._intent_of(one) for one in found]
        self._submit([SaveAttempt(one) for one in intents])
        self._submit([self._closing_of(intent, one) for intent, one in zip(intents, found, strict=True)])

    def _intent_of(self, one: Candidate) -> AttemptIntent:
        self._attempt_id += 1
        return replace(
            self._intent,
            attempt_id=self._attempt_id,
            lead_id=one.lead.lead_id,
            number=one.lead.phones[0].e164,
            call_id=f"call-{self._attempt_id}",
            attempt_no=one.attempts + 1,
            created_at=self._now,
            person=one.lead.person,
            debt=one.lead.debt,
        )

    def _closing_of(self, intent: AttemptIntent, one: Candidate) -> CloseAttempt:
        done = intent.attempt_id % 4 == 0
        again = self._now + 60.0 * (1 + intent.attempt_id % 60)
        record: AttemptRecord = replace(
            self._record,
            attempt_id=intent.attempt_id,
            lead_id=intent.lead_id,
            number=intent.number,
            call_id=intent.call_id,
            attempt_no=intent.attempt_no,
            created_at=intent.created_at,
            ended_at=self._now + 1.0,
            closed_at=self._now + 1.0,
            person=intent.person,
            debt=intent.debt,
        )
        return CloseAttempt(
            record,
            LeadUpdate(
                "bench",
                intent.lead_id,
                FINAL if done else READY,
                self._now if done else again,
                0,
                one.lead.phones[0].zone_group,
                intent.attempt_no,
                (("no_answer", intent.attempt_no),),
                "no_answer",
            ),
        )

    def _submit(self, wanted: Sequence[SaveAttempt] | Sequence[CloseAttempt]) -> None:
        """All at once; then wait for the last answer."""
        answered = threading.Event()
        answers: list[Answer | Exception] = []

        def done(answer: Answer | Exception) -> None:
            answers.append(answer)
            if len(answers) == len(wanted):
                answered.set()

        for write in wanted:
            self._database.writer.submit(write, done)
        if not answered.wait(60.0):
            raise RuntimeError("the writer does not answer")
        failed = [one for one in answers if isinstance(one, Exception | AttemptDenied)]
        if failed:
            raise RuntimeError(f"{len(failed)} writes failed, such as {failed[0]!r}")


def order_key(lead_id: int) -> int:
    return lead_id * _SCRAMBLE % _KEYS


def _fill(database: Database, where: str, count: int) -> None:
    """By the database itself, straight into its tables: through the writer five million would take hours."""
    database.writer.write(SaveLeads("people", (), "invented", "", NOON))
    database.writer.write(SaveCampaign("bench", CAMPAIGN, ("people",), "random", NOON))
    url = make_url(where).set(drivername=DRIVER) if "://" in where else make_url(f"sqlite:///{where}")
    engine = create_engine(url)
    try:
        with _without_indexes(engine):
            for first in range(1, count + 1, PORTION):
                with engine.begin() as connection:
                    _insert(connection, first, min(first + PORTION - 1, count))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("UPDATE campaigns SET leads = :count"), {"count": count})
            connection.execute(text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))
    finally:
        engine.dispose()


@contextmanager
def _without_indexes(engine: Engine) -> Iterator[None]:
    """They are made in one go at the end: rows that come in another order than an index has take it longest."""
    indexes = [index for table in (leads, numbers, campaign_leads, attempts) for index in table.indexes]
    for index in indexes:
        index.drop(engine)
    yield
    for index in indexes:
        index.create(engine)


_OF = """
WITH RECURSIVE
  zone(k, region, digits, name) AS (VALUES {zones}),
  series(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM series WHERE n < {last}),
  lead(n, place, region, digits, name, part, called) AS (
    SELECT n, n / {many}, region, digits, name, n / {many} % 10, CASE WHEN n / {many} % 10 < 4 THEN 1 ELSE 0 END
    FROM series JOIN zone ON zone.k = n % {many})
"""
_INSERTS = (
    """INSERT INTO leads (lead_id, list_id, first_name, last_name, external_id, fields, source, as_of, added_at)
    {of} SELECT n, 1, 'Person', 'Number ' || n, 'x' || n, '[]', '', '', {noon} FROM lead""",
    """INSERT INTO numbers (lead_id, position, e164, region, kind, zones, zone_source)
    {of} SELECT n, 0, digits || (2200000 + place), region, 'fixed_or_mobile', name, 'number' FROM lead
    UNION ALL
    SELECT n, 1, digits || (5200000 + place), region, 'fixed_or_mobile', name, 'number'
    FROM lead WHERE part = 5""",
    """INSERT INTO campaign_leads
      (campaign_id, lead_id, state, due_at, zone_group, order_key, phone_position, attempts, tries, reason)
    {of} SELECT 1, n, CASE WHEN part < 2 THEN 'final' WHEN part = 2 THEN 'waiting' ELSE 'ready' END,
      CASE WHEN part = 2 THEN {start} + place % 86400 WHEN called = 1 THEN {noon} ELSE 0 END,
      region || ':' || name, n * {scramble} % {keys}, 0, called, '[]',
      CASE WHEN called = 1 THEN 'no_answer' ELSE '' END FROM lead""",
    """INSERT INTO attempts (attempt_id, campaign, lead_id, number, trunk, caller_id, call_id, attempt_no,
      created_at, permit, counted, closed_at, ended_at, outcome)
    {of} SELECT n, 'bench', n, digits || (2200000 + place), 'sim', '+442079460999', 'earlier-' || n, 1,
      {noon} - 86400, '{{}}', TRUE, {noon} - 86360, {noon} - 86365, 'no_answer' FROM lead WHERE called = 1""",
)


def _insert(connection: Connection, first: int, last: int) -> None:
    many = len(_ZONES)
    zones = ", ".join(
        f"({k}, '{region}', '{digits}', '{name}')" for k, (region, digits, name, _) in enumerate(_ZONES)
    )
    of = _OF.format(zones=zones, first=first, last=last, many=many)
    for insert in _INSERTS:
        whole = insert.format(of=of, noon=NOON, start=_START, scramble=_SCRAMBLE, keys=_KEYS)
        connection.execute(text(whole.replace(":", r"\:")))  # no parameters, but colons
