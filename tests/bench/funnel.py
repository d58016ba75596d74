"""The funnel of a campaign of a million leads, against a bare scan of the table that its leads stand in, on each
database: every row read by the same driver, nothing done with it. By the clock, the best of three: the server's
part of the work is not ours to measure otherwise.

A tenth of the leads is closed, one in a hundred was called and waits, one in a hundred is on a register, one in
twenty has a second number; the rest nobody has called. Two thirds of them are outside their window."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, make_url, select, text

from dialer.operations.funnel import Funnel, funnel
from dialer.operations.place_leads import place_leads
from dialer.ports.store import SaveCampaign, SaveLeads
from dialer.storage.bulk import insert_rows
from dialer.storage.database import Database, open_database
from dialer.storage.postgresql import DRIVER
from dialer.storage.rows import streamed
from dialer.storage.tables import attempts, campaign_leads, campaigns, dnc, leads, numbers
from tests.bench.lists import CAMPAIGN, NOON
from tests.bench.measure import Result, calibrate
from tests.postgres import running_server
from tests.programs import path_of
from tests.walls import SIMULATED

LEADS = 1_000_000
PORTION = 20_000
TIMES = 3
TIMES_SCAN = 10.0
"""The target: so many bare scans."""

_ZONES = (
    ("GB", "+44207", "Europe/London"),
    ("DE", "+49302", "Europe/Berlin"),
    ("US", "+1212", "America/New_York"),
    ("US", "+1312", "America/Chicago"),
    ("US", "+1310", "America/Los_Angeles"),
    ("AU", "+6129", "Australia/Sydney"),
)
_FIRST, _FIRST_OF_SECOND = 2_200_000, 5_200_000
"""Of the last seven digits: so that each is in use in its plan, a million leads long."""


def bench(count: int = LEADS) -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="bench-funnel-") as folder:
        results = [_measured("SQLite", str(Path(folder) / "dialer.db"), count)]
    if path_of("postgres"):
        with running_server() as server, server.database() as url:
            results.append(_measured("PostgreSQL", url, count))
    return results


def _measured(name: str, where: str, count: int) -> Result:
    with open_database(where) as database:
        _fill(database, where, count)
        calibration_us = calibrate()
        scan_s = _best(lambda: _scan(database))
        aggregate_s = _best(lambda: _aggregate(database))
        found: list[Funnel] = []
        took_s = _best(lambda: found.append(_funnel(database)))
    total = found[-1].dialable + found[-1].lost.total()
    if total != count:
        raise RuntimeError(f"the funnel has {total:,} leads of {count:,}")
    note = (
        f"{found[-1].dialable:,} of {count:,} may be dialed; a scan that the database sums up by itself:"
        f" {aggregate_s:.2f} s (×{took_s / aggregate_s:.1f})"
    )
    return Result(
        f"funnel, {name}", took_s, "s", scan_s * TIMES_SCAN, scan_s, "bare scan", calibration_us, TIMES, note
    )


def _funnel(database: Database) -> Funnel:
    return funnel(database.reader, "bench", NOON, NOON, walls=SIMULATED, trunks=())


def _scan(database: Database) -> None:
    with database.reader.engine.connect() as connection, streamed(connection, select(campaign_leads)) as rows:
        for _ in rows:
            pass


def _aggregate(database: Database) -> None:
    """Every row is looked at; none leaves the database."""
    query = text("SELECT count(*), sum(due_at), sum(length(reason)), sum(length(zone_group)) FROM campaign_leads")
    with database.reader.engine.connect() as connection:
        connection.execute(query).one()


def _best(work: Callable[[], object]) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def _fill(database: Database, where: str, count: int) -> None:
    """Straight into the tables: by the writer it would take a quarter of an hour."""
    database.writer.write(SaveLeads("people", (), "invented", "", NOON))
    database.writer.write(SaveCampaign("bench", CAMPAIGN, ("people",), "oldest", NOON))
    place_leads("bench", write=database.writer.write)
    url = make_url(where).set(drivername=DRIVER) if "://" in where else make_url(f"sqlite:///{where}")
    engine = create_engine(url)
    try:
        for start in range(0, count, PORTION):
            rows = [_lead(n) for n in range(start + 1, min(start + PORTION, count) + 1)]
            with engine.begin() as connection:
                for table in (leads, numbers, campaign_leads, dnc, attempts):
                    insert_rows(connection, table, [row for of in rows for row in of.get(table.name, ())])
        _ready(engine, count)
    finally:
        engine.dispose()


def _ready(engine: Engine, count: int) -> None:
    with engine.begin() as connection:
        connection.execute(campaigns.update().values(leads=count))
        connection.execute(text("ANALYZE"))


def _lead(n: int) -> dict[str, list[dict[str, Any]]]:
    """One lead's rows, by table. Numbers may be somebody's: none is dialed."""
    region, prefix, zone = _ZONES[n % len(_ZONES)]
    place = n // len(_ZONES)
    firsts = (_FIRST, _FIRST_OF_SECOND) if n % 20 == 0 else (_FIRST,)
    e164s = [f"{prefix}{first + place}" for first in firsts]
    called, closed = n % 100 == 1, n % 10 == 3
    found: dict[str, list[dict[str, Any]]] = {
        "leads": [
            {
                "lead_id": n, "list_id": 1, "first_name": "Person", "last_name": str(n), "external_id": "",
                "fields": "[]", "source": "", "as_of": "", "added_at": NOON,
            }
        ],
        "numbers": [
            {
                "lead_id": n, "position": position, "e164": e164, "region": region, "kind": "fixed_or_mobile",
                "zones": zone, "zone_source": "number",
            }
            for position, e164 in enumerate(e164s)
        ],
        "campaign_leads": [
            {
                "campaign_id": 1, "lead_id": n, "state": "final" if closed else "waiting" if called else "ready",
                "due_at": NOON + n % 90_000 if called else 0.0, "zone_group": f"{region}:{zone}", "order_key": n,
                "phone_position": 0, "attempts": int(called or closed), "tries": "[]",
                "reason": "sale" if closed else "no_answer" if called else "",
            }
        ],
    }  # fmt: skip
    if called:
        found["attempts"] = [
            {
                "attempt_id": n, "campaign": "bench", "lead_id": n, "number": e164s[0], "trunk": "sim",
                "caller_id": "+442079460999", "call_id": f"call-{n}", "attempt_no": 1, "created_at": NOON - 60.0,
                "permit": "{}", "counted": True,
            }
        ]  # fmt: skip
    if n % 100 == 2:
        found["dnc"] = [
            {
                "number": e164s[0],
                "client": "",
                "purpose": "",
                "source": "a register",
                "blocked_at": NOON - 86_400.0,
            }
        ]
    return found
