"""The service as a process, over a carrier that is one as well; agents at desks that speak its control API."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from campaigns.loader import load_campaign
from campaigns.record import AttemptRecord
from dialer.api import requests as ask
from dialer.api.client import AsyncControlClient
from dialer.api.desks import AgentDisposition, AgentLogin
from dialer.api.endpoint import Endpoint
from dialer.api.errors import Conflict, ServiceLost
from dialer.api.schemas import CampaignRow, Overview
from dialer.app.installation import read_home
from dialer.cli import main
from dialer.clock import SystemClock
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import AgentHungUp, AgentLoggedIn, AgentLoggedOut, AgentReady, Dispositioned, Event
from dialer.errors import ServiceNotRunning
from lists.sample import csv_text, generate
from sim_trunk.agent_phones import AgentPhones
from sim_trunk.population import load_population
from sim_trunk.sim_agents import SimAgents
from tests.brisk import BRISK_CAMPAIGN, BRISK_POPULATION

T = TypeVar("T", bound=BaseModel)
CAMPAIGN = "demo"
PATIENCE_S = 60.0


def write_home(
    home: Path, *, trunk_port: int, media: str, leads: int = 300, drain: str = "20s", more: str = ""
) -> None:
    """A home as a user makes one: its files, an imported list, a campaign that may be started. People all over the
    world, so that somebody may be called at any hour."""
    (home / "campaigns").mkdir(parents=True)
    (home / "dialer.toml").write_text(settings_text(trunk_port=trunk_port, media=media, drain=drain, more=more))
    (home / "people.csv").write_text(csv_text(generate(leads, 1)))
    (home / "campaigns" / "demo.toml").write_text(BRISK_CAMPAIGN.read_text())
    assert main(["list", "import", str(home / "people.csv"), "--list", "demo", "--home", str(home)]) == 0
    assert main(["campaign", "add", str(home / "campaigns" / "demo.toml"), "--home", str(home)]) == 0


def settings_text(*, trunk_port: int, media: str, drain: str = "20s", channels: int = 60, more: str = "") -> str:
    agents = "\n".join(f'[[agent]]\nid = "agent-{n:02d}"' for n in range(1, 5))
    return f"""
[media]
ports = "{media}"
[service]
drain = "{drain}"
[[trunk]]
name = "sim"
host = "127.0.0.1"
port = {trunk_port}
channels = {channels}
simulated = true
cps = 20
{agents}
{more}
"""


@contextlib.asynccontextmanager
async def carrier_process(log: Path) -> AsyncIterator[int]:
    """`python -m sim_trunk`; yields its SIP port."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sim_trunk", "--listen", "127.0.0.1:0", "--json", "--seed", "1"),
        *("--population", str(BRISK_POPULATION), "--log", str(log)),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            ready = json.loads(await process.stdout.readline())
        yield int(ready["port"])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@dataclass
class ServiceProcess:
    """A `dialer run`. `ready`: the line that it says when it is at work; `logs`: what it said beside it."""

    home: Path
    process: asyncio.subprocess.Process
    client: AsyncControlClient
    ready: str
    logs: list[str] = field(default_factory=list)

    async def ask(self, request: ask.Request[T]) -> T:
        return await self.client.call(request)

    async def overview(self) -> Overview:
        return await self.ask(ask.overview())

    async def row(self) -> CampaignRow:
        return next(row for row in (await self.overview()).campaigns if row.name == CAMPAIGN)

    async def until(self, holds: Callable[[Overview], bool]) -> Overview:
        """Until the overview is so."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds(overview := await self.overview()):
                await asyncio.sleep(0.1)
        return overview

    async def until_logged(self, text: str, times: int = 1) -> str:
        """The line of the log with this text, once it is there so often."""
        async with asyncio.timeout(PATIENCE_S):
            while len(found := [line for line in self.logs if text in line]) < times:
                await asyncio.sleep(0.05)
        return found[times - 1]

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ended(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()

    def records(self) -> list[AttemptRecord]:
        with read_home(self.home) as view:
            return list(view.reader.records(CAMPAIGN, 0.0, 1e12))


@contextlib.asynccontextmanager
async def service_process(home: Path, *options: str) -> AsyncIterator[ServiceProcess]:
    """`dialer run` on a home, from its ready line on; killed at the end if it has not ended by then."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dialer", "run", "--json-logs", *options, "--home", str(home)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    logs: list[str] = []

    async def read_logs(stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            logs.append(line.decode().rstrip())

    reading = asyncio.create_task(read_logs(process.stderr))
    client = AsyncControlClient(Endpoint.of_home(home, token=""))
    try:
        async with asyncio.timeout(PATIENCE_S):
            ready = (await process.stdout.readline()).decode()
        assert ready, "\n".join(logs)
        yield ServiceProcess(home, process, client, ready, logs)
    finally:
        await client.close()
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


@contextlib.asynccontextmanager
async def desks(service: ServiceProcess, count: int, habits_seed: int = 1) -> AsyncIterator[AgentPhones]:
    """Simulated agents at desks of their own: with real audio, over the control API."""
    client = AsyncControlClient(Endpoint.of_home(service.home, token=""))
    ids = tuple(f"agent-{n:02d}" for n in range(1, count + 1))
    spec = load_population(BRISK_POPULATION, 1).spec
    habits = SimAgents(spec, load_campaign(service.home / "campaigns" / "demo.toml"), habits_seed)
    said: asyncio.Queue[Event] = asyncio.Queue()
    phones_of: dict[str, tuple[str, int]] = {}

    def open_line(agent_id: str, phone: tuple[str, int]) -> tuple[str, int]:
        phones_of[agent_id] = phone
        return ("127.0.0.1", 9)  # nobody listens to what the agents say

    phones = AgentPhones(ids, CAMPAIGN, habits, open_line, said.put_nowait, SystemClock())

    async def tell() -> None:
        while True:
            event = await said.get()
            try:
                await _tell(client, event, phones_of)
            except Conflict:
                if not isinstance(event, AgentHungUp | Dispositioned):
                    raise
                # The contact, or the service, ended while the desk said so: the other end was faster.

    opened = asyncio.Event()

    async def hear() -> None:
        async for change in client.read(ask.agent_stream(ids), opened.set):
            phones.agent_changed(NotifyAgent(change.agent_id, change.state, change.campaign, change.attempt_id))

    tasks = [asyncio.create_task(hear()), asyncio.create_task(tell())]
    try:
        async with asyncio.timeout(PATIENCE_S):
            await opened.wait()
        phones.start()
        yield phones
    finally:
        for task in tasks:
            task.cancel()
        done, _ = await asyncio.wait(tasks)
        phones.close()
        await client.close()
        for task in done:
            if not task.cancelled() and not isinstance(task.exception(), ServiceLost | ServiceNotRunning | None):
                task.result()


async def _tell(client: AsyncControlClient, event: Event, phones_of: dict[str, tuple[str, int]]) -> None:
    match event:
        case AgentLoggedIn():
            host, port = phones_of[event.agent_id]
            login = AgentLogin(campaign=event.campaign, phone=f"{host}:{port}")
            await client.call(ask.agent_login(event.agent_id, login))
        case AgentReady():
            await client.call(ask.agent_ready(event.agent_id))
        case AgentHungUp():
            await client.call(ask.agent_hangup(event.agent_id))
        case AgentLoggedOut():
            await client.call(ask.agent_logout(event.agent_id))
        case Dispositioned():
            at = None if event.promise is None else event.promise.at
            said = AgentDisposition(attempt_id=event.attempt_id, code=event.code, callback_at=at)
            await client.call(ask.dispose(event.agent_id, said))
        case _:
            raise TypeError(f"a desk does not say {event!r}")
