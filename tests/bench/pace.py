"""How long the journal takes to acknowledge an attempt at a call centre's pace, against an fsync of the same disk.

Attempts are offered at their own pace, whether the writer keeps up or not (open loop): `RATE` a second, at moments
drawn beforehand, and each counts from the moment it was due until the event loop is told. Each is closed `TALKING`
attempts later with its lead's next place; as many leads are fetched as are dialed, by portions as the engine asks
for them; every second agents' time is saved. In the same
run a process of its own writes 4 KiB to a file on the same disk and times the fdatasync, the call that SQLite and
PostgreSQL make, `PROBE_EVERY_S` apart. The collector and the interpreter's switching are set as in the service.
Right after it the same rows come due at the same pace and are inserted and committed by one thread, with no check,
closing, fetch or event loop beside: the floor.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path

import uvloop
from sqlalchemy import URL, Engine, make_url

from campaigns.permission.permit import to_json
from campaigns.record import AgentTime
from dialer.app.serve import SWITCH_S
from dialer.engine.hopper import PORTION as LEASED_AT_ONCE
from dialer.operations.collection import rare_collections
from dialer.operations.place_leads import place_leads
from dialer.ports.store import (
    Answer,
    AttemptAccepted,
    CloseAttempt,
    FetchLeads,
    NewLead,
    SaveAgentTime,
    SaveAttempt,
    SaveCampaign,
    SaveLeads,
    Write,
)
from dialer.storage import postgresql, sqlite
from dialer.storage.attempts import AttemptStatements, intent_row
from dialer.storage.database import Database, open_database
from dialer.storage.statement import in_one_go, open_cursor
from tests.bench.journal import writes
from tests.bench.lists import CAMPAIGN, NOON, londoners
from tests.bench.measure import Result, Stopwatch
from tests.postgres import running_server
from tests.programs import path_of

RATE = 500.0
SECONDS = 60.0
TALKING = 50
PROBE_EVERY_S = 0.02
FLOOR_S = 20.0
WAL_SEGMENTS = 16
"""What a server that has been at work writes over again: to make one takes 20 to 60 ms, inside some commit."""
PORTION = 500
PAUSE_S = 0.05
TIMES_FSYNC = 10.0
"""The target: p99 of the acknowledgements, in medians of the fsync."""

_PROBE = """
import json, os, sys, time
file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
os.write(file, bytes(1 << 24))
os.fsync(file)
print("ready", flush=True)
taken, place, ends = [], 0, sys.argv[2]
while not os.path.exists(ends):
    time.sleep(float(sys.argv[3]))
    os.pwrite(file, os.urandom(4096), place % 4096 * 4096)
    place += 1
    start = time.perf_counter()
    os.fdatasync(file)
    taken.append(time.perf_counter() - start)
print(json.dumps(taken))
"""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Of latencies, in milliseconds."""

    p50: float
    p90: float
    p99: float
    longest: float

    def __str__(self) -> str:
        return f"p50 {self.p50:.2f}, p90 {self.p90:.2f}, p99 {self.p99:.2f}, longest {self.longest:.0f} ms"


def quantiles(seconds: Sequence[float]) -> Quantiles:
    ordered = sorted(seconds)
    return Quantiles(*(ordered[min(len(ordered) - 1, int(len(ordered) * q))] * 1e3 for q in (0.5, 0.9, 0.99, 1.0)))


def bench(seconds: float = SECONDS, kinds: Sequence[str] = ("sqlite", "postgresql")) -> list[Result]:
    results = []
    for kind in kinds:
        if kind == "postgresql" and path_of("postgres") is None:
            print("pace postgresql: left out, for there is no PostgreSQL server here", file=sys.stderr)
            continue
        for importing in (False, True):
            with _address(kind) as (where, disk):
                results.append(_measure(kind, where, disk, seconds, importing=importing))
    return results


@contextmanager
def _address(kind: str) -> Iterator[tuple[str, Path]]:
    """Of a new database, with a folder on the disk it is on."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield str(Path(folder) / "dialer.db"), Path(folder)
            return
        with running_server({"min_wal_size": f"{16 * WAL_SEGMENTS}MB"}) as server, server.database() as url:
            with server.connect("postgres") as admin:
                for _ in range(WAL_SEGMENTS):
                    admin.execute("SELECT pg_logical_emit_message(false, 'bench', ''), pg_switch_wal()")
                admin.execute("CHECKPOINT")
            yield url, server.folder


def _measure(kind: str, where: str, disk: Path, seconds: float, *, importing: bool) -> Result:
    people = _people(int(RATE * seconds), 447_400_000_000)
    saves, closes = writes(people)
    with _loop() as loop, open_database(where, loop.call_soon_threadsafe) as database:
        _fill(database, people)
        database.recover(NOON)  # as at the start of the service
        os.sync()  # a campaign's list was stored long before
        watch = Stopwatch()
        with (
            _probe(disk) as fsyncs,
            _import(database, importing=importing) as imported,
            rare_collections(),
            _switching(),
        ):
            taken = _offer(database, saves, closes, seconds)
        cpu_s = watch.stop()
        stored = sum(1 for _ in database.reader.records("bench", 0.0, 1e12))
    if stored != len(saves):
        raise RuntimeError(f"{stored} records of {len(saves)} attempts")
    with _probe(disk), rare_collections():
        floor = quantiles(_floor(where, saves, min(seconds, FLOOR_S)))
    ours, fsync = quantiles(taken), quantiles(fsyncs)
    note = (
        f"acknowledged {ours}; fsync {fsync}, {len(fsyncs)} times: p99 to p99 ×{ours.p99 / fsync.p99:.1f};"
        f" {cpu_s / len(saves) * 1e3:.2f} ms CPU/attempt; floor: the rows and their commit alone {floor}"
    )
    if importing:
        pace = len(imported) * PORTION / seconds
        note += f"; import of {pace:,.0f} leads/s, portions stored in {quantiles(imported)}"
    return Result(
        f"pace {kind}" + (" beside an import" if importing else ""),
        ours.p99,
        "ms p99",
        None if importing else TIMES_FSYNC * fsync.p50,
        fsync.p50,
        "fsync p50",
        watch.calibration_us,
        len(saves),
        note,
    )


def _people(count: int, first: int) -> tuple[NewLead, ...]:
    """Londoners with mobile numbers from `first` on. They are stored, and nothing else."""
    (one,) = londoners(1)
    return tuple(
        replace(one, phones=(replace(one.phones[0], e164=f"+{first + n}"),), last_name=str(n))
        for n in range(count)
    )


def _fill(database: Database, people: tuple[NewLead, ...]) -> None:
    for first in range(0, len(people), PORTION):
        database.writer.write(SaveLeads("people", people[first : first + PORTION], "invented", "", NOON))
    database.writer.write(SaveCampaign("bench", CAMPAIGN, ("people",), "newest", NOON))
    place_leads("bench", write=database.writer.write)


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread of its own, as the service's."""
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def _switching() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


@contextmanager
def _probe(disk: Path) -> Iterator[list[float]]:
    """How long each fsync took, in seconds: there when the block has ended."""
    taken: list[float] = []
    ends = disk / "probe.ends"
    command = [sys.executable, "-c", _PROBE, str(disk / "probe"), str(ends), str(PROBE_EVERY_S)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError("the fsync probe does not start")
        try:
            yield taken
        finally:
            ends.touch()
            taken += json.loads(process.stdout.read())


def _floor(where: str, saves: Sequence[SaveAttempt], seconds: float) -> list[float]:
    """How long it takes until an attempt is stored that nobody checks, from the moment it is due: its row and the
    commit, together with those that have come due meanwhile, and nothing beside. One thread, which waits for the
    database; the rows are those of `saves` with other ids."""
    rows = [
        intent_row(
            replace(save.intent, attempt_id=len(saves) + n, call_id=f"{save.intent.call_id}-floor"),
            to_json(save.intent.permitted.evidence),
            (len(saves) + n, bytes(16), bytes(32), bytes(32)),
        )
        for n, save in enumerate(saves[: int(RATE * seconds)], 1)
    ]
    moments = _moments(len(rows), seconds)
    engine = _engine(where)
    taken: list[float] = []
    with engine.connect() as connection:
        save = AttemptStatements(connection.dialect).save
        cursor = open_cursor(connection, keeps=True)
        start = time.perf_counter()
        while len(taken) < len(rows):
            first = len(taken)
            if (wait := start + moments[first] - time.perf_counter()) > 0.0:
                time.sleep(wait)
            due = bisect_right(moments, time.perf_counter() - start, first + 1)
            with in_one_go(cursor) as another:
                another().execute("BEGIN")
                save.run_many(another(), rows[first:due])
                another().execute("COMMIT")
            told = time.perf_counter() - start
            taken += (told - moment for moment in moments[first:due])
    engine.dispose()
    return taken


def _engine(where: str) -> Engine:
    """As the writer's, owned by nobody."""
    if "://" in where:
        return postgresql.writing_engine(make_url(where).set(drivername=postgresql.DRIVER), "floor")
    return sqlite.writing_engine(URL.create("sqlite", database=where))


def _moments(count: int, seconds: float) -> list[float]:
    """When attempts are due, in order."""
    drawn = random.Random(1)
    return sorted(drawn.uniform(0.0, seconds) for _ in range(count))


@contextmanager
def _import(database: Database, *, importing: bool) -> Iterator[list[float]]:
    """Leads of another list stored beside, by portions with pauses; how long each portion took, in seconds."""
    taken: list[float] = []
    over = threading.Event()

    def run() -> None:
        while not over.wait(PAUSE_S):
            people = _people(PORTION, 447_500_000_000 + PORTION * len(taken))
            start = time.perf_counter()
            database.writer.write(SaveLeads("more", people, "invented", "", NOON))
            taken.append(time.perf_counter() - start)

    thread = threading.Thread(target=run)
    if importing:
        thread.start()
    try:
        yield taken
    finally:
        over.set()
        if importing:
            thread.join()


@dataclass
class _Answers:
    """What the event loop is told."""

    left: int
    taken: list[float] = field(default_factory=list)
    failures: list[object] = field(default_factory=list)
    all_told: threading.Event = field(default_factory=threading.Event)

    def attempt(self, due: float) -> Callable[[Answer | Exception], None]:
        def done(answer: Answer | Exception) -> None:
            self.taken.append(time.perf_counter() - due)
            self.told(answer, isinstance(answer, AttemptAccepted))

        return done

    def other(self, answer: Answer | Exception) -> None:
        self.told(answer, not isinstance(answer, Exception))

    def told(self, answer: object, good: bool) -> None:
        if not good:
            self.failures.append(answer)
        self.left -= 1
        if self.left == 0:
            self.all_told.set()


def _offer(
    database: Database, saves: Sequence[SaveAttempt], closes: Sequence[CloseAttempt], seconds: float
) -> list[float]:
    """How long each attempt's acknowledgement took, in seconds from the moment it was due."""
    moments = _moments(len(saves), seconds)
    beside = deque(_beside(seconds))
    answers = _Answers(len(saves) + len(closes) + len(beside))
    submit = database.writer.submit
    start = time.perf_counter()
    for n, (moment, save) in enumerate(zip(moments, saves, strict=True)):
        due = start + moment
        if (wait := due - time.perf_counter()) > 0.0:
            time.sleep(wait)
        submit(save, answers.attempt(due))
        if n >= TALKING:
            submit(closes[n - TALKING], answers.other)
        while beside and beside[0][0] < moment:
            submit(beside.popleft()[1], answers.other)
    for write in (*closes[-TALKING:], *(write for _, write in beside)):
        submit(write, answers.other)
    if not answers.all_told.wait(60.0):
        raise RuntimeError("the writer does not answer")
    if answers.failures:
        raise RuntimeError(f"{len(answers.failures)} writes failed, such as {answers.failures[0]!r}")
    return answers.taken


def _beside(seconds: float) -> list[tuple[float, Write]]:
    """What else is written, in order of its moments."""
    fetches = (
        (n * LEASED_AT_ONCE / RATE, FetchLeads("bench", LEASED_AT_ONCE, NOON, ("GB:Europe/London",)))
        for n in range(int(seconds * RATE / LEASED_AT_ONCE))
    )
    stretches = ((float(n), SaveAgentTime(_stretches(NOON + n))) for n in range(1, int(seconds)))
    return sorted((*fetches, *stretches), key=itemgetter(0))


def _stretches(at: float) -> tuple[AgentTime, ...]:
    return tuple(
        AgentTime(agent_id=f"a{n}", campaign="bench", activity="idle", since=at - 1.0, until=at) for n in range(20)
    )
