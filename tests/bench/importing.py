"""Importing a list of people all over the world, against the plain loop over phonenumbers that does the same.

The loop reads each row, parses, checks and formats its numbers, asks for their kind, region and zones, looks them
up among those seen and in the register, one by one, and inserts by thousands. It does the same to fewer rows, in
the same run. Both are timed by the clock on the wall, as whoever waits for an import does; so the figure counts on
a machine with two cores to spare.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import phonenumbers as pn
from phonenumbers.timezone import time_zones_for_number
from sqlalchemy import URL, create_engine, make_url

from dialer.clock import monotonic
from dialer.storage.bulk import insert_rows
from dialer.storage.database import open_database
from dialer.storage.postgresql import DRIVER
from dialer.storage.tables import dnc
from tests.bench.callees import HEADER, rows
from tests.bench.lists import NOON
from tests.bench.measure import Result, calibrate
from tests.postgres import running_server
from tests.programs import path_of

ROWS_PER_S = 50_000.0
PEAK_MB = 500.0
RATIO = 4.5
NAIVE_ROWS = 40_000
"""More would only take longer."""
_ON_REGISTER = 50
"""One row in so many has a number that is on the register."""
_PORTION = 100_000
_FREE_TO_FILL = 440_000_000_000


def bench(count: int = 100_000, register: int = 500_000) -> list[Result]:
    return _bench(count, register)


def full() -> list[Result]:
    """What the target is for; minutes."""
    return _bench(1_000_000, 5_000_000)


def _bench(count: int, register: int) -> list[Result]:
    results = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.csv"
        blocked = _write_list(file, count)
        naive = _naive(file, Path(folder), register, blocked)
        for kind in ("sqlite", "postgresql"):
            if kind == "postgresql" and path_of("postgres") is None:
                print("import postgresql: left out, for there is no PostgreSQL server here", file=sys.stderr)
                continue
            with _store(kind, Path(folder)) as where:
                with open_database(where):
                    pass
                _fill_register(where, register, blocked)
                results += _once(kind, file, where, count, naive)
    return results


def _once(kind: str, file: Path, where: str, count: int, naive: float) -> list[Result]:
    before_us = calibrate()
    command = (sys.executable, "-m", "tests.bench.import_once", str(file), where)
    took = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    us = (before_us + calibrate()) / 2
    summary = took["summary"]
    if summary["rejected"] or summary["duplicates"] or summary["suppressed"] != count // _ON_REGISTER:
        raise RuntimeError(f"not what was put in: {summary | {'zones': len(summary['zones'])}}")
    cpu, children = took["cpu_s"], took["cpu_children_s"]
    rate, peak = count / took["elapsed_s"], took["peak_mb"] + took["peak_children_mb"]
    note = (
        f"{file.stat().st_size / 1e6:.0f} MB; CPU {cpu:.1f} s + {children:.1f} s of the second process; "
        f"target ×{RATIO} of the loop"
    )
    name = f"import {kind}"
    return [
        Result(name, rate, "rows/s", ROWS_PER_S, naive, "plain loop", us, count, note, higher_is_better=True),
        Result(f"{name}, memory", peak, "MB", PEAK_MB, None, "", us, count, "both processes at their peaks"),
    ]


def _write_list(file: Path, count: int) -> list[str]:
    """Every so many-th first number goes on the register; answers those."""
    blocked = []
    with file.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(HEADER)
        for place, row in enumerate(rows(count), 1):
            out.writerow(row)
            if place % _ON_REGISTER == 0:
                blocked.append(row[3])
    return blocked


def _registered(size: int, blocked: Sequence[str]) -> Iterator[str]:
    """The register, in order: numbers that nobody in the list has, and those that somebody does."""
    others = (f"+{_FREE_TO_FILL + place}" for place in range(size - len(blocked)))
    yield from sorted([*blocked, *others])


@contextmanager
def _store(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield str(folder / "dialer.db")
        return
    with running_server() as server, server.database() as url:
        yield url


def _fill_register(where: str, size: int, blocked: Sequence[str]) -> None:
    url = make_url(where).set(drivername=DRIVER) if "://" in where else URL.create("sqlite", database=where)
    engine = create_engine(url)
    numbers = _registered(size, blocked)
    with engine.begin() as connection:
        while portion := list(islice(numbers, _PORTION)):
            lines = [
                {"number": one, "client": "", "purpose": "", "source": "national", "blocked_at": NOON}
                for one in portion
            ]
            insert_rows(connection, dnc, lines)
    engine.dispose()


def _naive(file: Path, folder: Path, register: int, blocked: Sequence[str]) -> float:
    """Rows a second of the plain loop."""
    store = sqlite3.connect(folder / "plain.db")
    store.execute("CREATE TABLE dnc (number TEXT PRIMARY KEY) WITHOUT ROWID")
    store.executemany("INSERT INTO dnc VALUES (?)", ((one,) for one in _registered(register, blocked)))
    store.execute("CREATE TABLE people (id TEXT, first TEXT, last TEXT, rest TEXT)")
    store.execute("CREATE TABLE numbers (number TEXT UNIQUE, id TEXT, region TEXT, kind INTEGER, zones TEXT)")
    store.commit()
    seen, people, numbers, done = set[str](), list[tuple[str, ...]](), list[tuple[object, ...]](), 0
    began = monotonic()
    with file.open(encoding="utf-8", newline="") as stream:
        for row in islice(csv.DictReader(stream), NAIVE_ROWS):
            found = []
            for column in ("phone", "phone2"):
                if not row[column]:
                    continue
                number = pn.parse(row[column], None)
                if not pn.is_valid_number(number):
                    continue
                e164 = pn.format_number(number, pn.PhoneNumberFormat.E164)
                region, kind = pn.region_code_for_number(number), pn.number_type(number)
                zones = "|".join(time_zones_for_number(number))
                if e164 not in seen:
                    seen.add(e164)
                    found.append((e164, row["external_id"], region, kind, zones))
            done += 1
            if any(store.execute("SELECT 1 FROM dnc WHERE number = ?", one[:1]).fetchone() for one in found):
                continue
            people.append((row["external_id"], row["first_name"], row["last_name"], json.dumps(row)))
            numbers += found
            if len(people) >= 1_000:
                _insert(store, people, numbers)
        _insert(store, people, numbers)
    rate = done / (monotonic() - began)
    store.close()
    return rate


def _insert(store: sqlite3.Connection, people: list[tuple[str, ...]], numbers: list[tuple[object, ...]]) -> None:
    store.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", people)
    store.executemany("INSERT INTO numbers VALUES (?, ?, ?, ?, ?)", numbers)
    store.commit()
    people.clear()
    numbers.clear()
