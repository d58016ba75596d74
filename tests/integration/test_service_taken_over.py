"""A service whose database another home has taken while it was cut off from the server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dialer.api import requests as ask
from dialer.errors import TAKEN_OVER
from dialer.storage.database import open_database
from tests.integration.books import carrier_log
from tests.integration.service_world import carrier_process, desks, service_process, write_home
from tests.postgres import Server

pytestmark = pytest.mark.needs("postgres")

MEDIA = "18000-18499"
_LOCKS = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted = %s"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


async def test_it_hangs_up_says_so_and_ends(tmp_path: Path, postgres_server: Server, postgres_url: str) -> None:
    home, log = tmp_path / "home", tmp_path / "carrier.jsonl"
    name = postgres_url.partition("@/")[2].partition("?")[0]
    async with carrier_process(log) as port:
        write_home(home, trunk_port=port, media=MEDIA, more=f'[database]\nurl = "{postgres_url}"\n')
        async with service_process(home) as service:
            await service.ask(ask.start_campaign("demo"))
            async with desks(service, 4):
                await service.until(lambda o: any(call.state == "talking" for call in o.calls))
                with postgres_server.connect(name) as admin:
                    taken = asyncio.create_task(asyncio.to_thread(_take_over, postgres_url))
                    await _until_somebody_waits(admin)
                    admin.execute("SELECT pg_terminate_backend(pid) FROM (" + _LOCKS + ") AS held", (True,))
                next_id = await taken
                status = await service.ended()
    assert status == TAKEN_OVER
    told = [line for line in service.logs if "srv/two" in line]
    events = [json.loads(line)["event"] for line in told if line.startswith("{")]
    assert events[-1] == "another home has taken the database: hanging up and ending"
    assert all("what became of the last transactions" in event for event in events[:-1])
    assert [line for line in told if line.startswith("dialer: ")], "standard error says it in words too"
    assert not [line for line in service.logs if "Traceback" in line]
    calls = carrier_log(log)
    assert len(calls) < next_id, "nothing was placed that the other home does not know of"
    assert all(call["ended_at"] is not None for call in calls.values())
    assert [call for call in calls.values() if call["ended_by"] == "caller"], "somebody was hung up"


def _take_over(url: str) -> int:
    """Another home comes, and ends again: what it knows is the truth by then."""
    with open_database(url, owner="dialer run [2@there] /srv/two") as database:
        return database.reader.next_attempt_id()


async def _until_somebody_waits(admin: psycopg.Connection[Any]) -> None:
    async with asyncio.timeout(10.0):
        while admin.execute(_LOCKS, (False,)).fetchone() is None:
            await asyncio.sleep(0.01)
