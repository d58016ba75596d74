"""A whole attempt, live: permit, journal on SQLite, call over SIP to `sipp -sn uas`, agent, record."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import uvloop

from campaigns.life import CampaignState
from campaigns.loader import parse_campaign
from dialer.agents.agent import AgentState
from dialer.app.collection import rare_collections
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import AgentHungUp, AgentLoggedIn, AgentReady, Dispositioned
from dialer.live.service import LiveService
from dialer.operations.place_leads import place_leads
from dialer.ports.access import Actor
from dialer.ports.store import SaveCampaign, SaveLeads
from dialer.settings import Settings, TrunkSettings
from dialer.storage.database import Database, open_database
from dialer.telephony.udp import Address
from tests.bench import sipp
from tests.bench.lists import CAMPAIGN, NoonClock, londoners
from tests.bench.measure import Result, Stopwatch
from tests.walls import SIMULATED

HOST = "127.0.0.1"
TARGET_MS = 1.2
LIMIT_S = 120.0


def bench(count: int = 4_000, agents: int = 60) -> list[Result]:
    """Progressive pacing decides four times a second, so `agents` limit the pace: 60 make 240 calls a second."""
    with sipp.uas() as callee, tempfile.TemporaryDirectory() as folder, rare_collections():
        return [uvloop.run(_campaign(Path(folder), callee, count, agents))]


class _Desks:
    """Agents who hang up as soon as they are joined, and say at once what it came to."""

    def __init__(self, service: LiveService, count: int) -> None:
        self._service = service
        self._ids = [f"agent-{n}" for n in range(count)]
        self._contacts: dict[str, int] = {}

    def log_in(self) -> None:
        for port, agent_id in enumerate(self._ids, 1):
            # Nobody listens there: SIPp sends no audio.
            self._service.open_line(agent_id, (HOST, port))
            self._service.post(AgentLoggedIn(agent_id, "bench"))
            self._service.post(AgentReady(agent_id))

    def changed(self, change: NotifyAgent) -> None:
        if change.state == AgentState.TALKING and change.attempt_id is not None:
            self._contacts[change.agent_id] = change.attempt_id
            self._service.post(AgentHungUp(change.agent_id))
        elif change.state == AgentState.WRAP_UP:
            self._service.post(Dispositioned(change.agent_id, self._contacts[change.agent_id], "sale", None))


async def _campaign(folder: Path, callee: Address, count: int, agents: int) -> Result:
    clock = NoonClock()
    with open_database(folder / "dialer.db") as database:
        _fill(database, count, clock.now())
        database.writer.deliver_through(asyncio.get_running_loop().call_soon_threadsafe)
        settings = Settings(
            media_ports=(20_000, 20_000 + 40 * agents),
            trunks=(TrunkSettings("sim", *callee, channels=10 * agents, cps=100.0 * agents, simulated=True),),
            walls=SIMULATED,
        )
        service = LiveService(folder, settings, database, clock, load=lambda: settings, seed=1)
        try:
            await service.start()
            desks = _Desks(service, agents)
            service.listen(desks.changed)
            desks.log_in()
            watch, started = Stopwatch(), clock.now()
            await service.start_campaign("bench", Actor("bench", "admin", "", "command"))
            async with asyncio.timeout(LIMIT_S):
                while service.campaign_state("bench") is not CampaignState.DONE:
                    await asyncio.sleep(0.05)
            cpu_s, took_s = watch.stop(), clock.now() - started
        finally:
            await service.close()
            database.writer.deliver_through(None)
        records = list(database.reader.records("bench", 0.0, 1e12))
    connected = sum(record.outcome == "connected" and record.disposition == "sale" for record in records)
    if len(records) != count or connected != count:
        raise RuntimeError(f"{count} leads: {len(records)} records, {connected} of them sales")
    note = f"{count / took_s:.0f} attempts/s, {agents} agents"
    return Result("attempt", cpu_s / count * 1e3, "ms CPU", TARGET_MS, None, "", watch.calibration_us, count, note)


def _fill(database: Database, count: int, now: float) -> None:
    database.writer.write(SaveLeads("people", londoners(count), "invented", "", now))
    database.writer.write(SaveCampaign("bench", CAMPAIGN, parse_campaign(CAMPAIGN).lists, "oldest", now))
    place_leads("bench", write=database.writer.write)
