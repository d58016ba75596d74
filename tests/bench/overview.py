"""An overview over the control API: 100 agents, 300 calls, a million attempts on record. Made anew for each
request, asked for over the home's socket, in one process on one loop. By the clock: it takes a quiet machine."""

from __future__ import annotations

import asyncio
import copy
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import quantiles

from dialer.api import requests
from dialer.api.schemas import Overview
from dialer.clock import monotonic
from dialer.engine import events as ev
from dialer.live.alarms import Alarms
from dialer.live.figures import DayFigures
from dialer.live.overview import Overviews
from dialer.operations.collection import rare_collections
from tests.bench.measure import Result, calibrate
from tests.integration.api_world import FakeService, api_world
from tests.unit.campaigns.samples import RECORD
from tests.unit.engine.world import NOON, World, campaign, candidate
from tests.unit.live.test_overview import Floor, standing

ATTEMPTS = 1_000_000
AGENTS = 100
CALLS = 300
REQUESTS = 300
TARGET_MS = 50.0


class Floors(FakeService):
    """Shows the engine's floor, without the half second for which the service keeps a picture."""

    def __init__(self, overviews: Overviews, now: float) -> None:
        super().__init__()
        self.shown = overviews
        self.moment = now

    def overview(self, client: str | None = None) -> Overview:
        self.shown.forget()
        return self.shown.look(client or "", self.moment)


def bench(attempts: int = ATTEMPTS, asked: int = REQUESTS) -> list[Result]:
    service = _floor(attempts)
    calibration_us = calibrate()
    with rare_collections():  # as the service runs
        took = asyncio.run(_ask(service, asked))
    cuts = quantiles(took, n=100)
    note = f"p50 {cuts[49] * 1e3:.1f} ms; {AGENTS} agents, {CALLS} calls, {attempts:,} attempts on record"
    return [Result("overview, p99", cuts[98] * 1e3, "ms", TARGET_MS, None, "", calibration_us, asked, note)]


def _floor(attempts: int) -> Floors:
    world = World(campaign(name="spring"))
    attempt_id = world.dial(candidate(1))
    for n in range(1, AGENTS):  # and the one who is there already
        world.tell(ev.AgentLoggedIn(f"agent-{n}", "spring"))
        world.tell(ev.AgentReady(f"agent-{n}"))
    calls = world.engine.state.calls
    call = calls[attempt_id]
    for n in range(1, CALLS):
        another = copy.copy(call)
        another.intent = replace(call.intent, attempt_id=attempt_id + n)
        calls[attempt_id + n] = another
    figures = DayFigures("UTC", NOON)
    record = replace(RECORD, campaign="spring", created_at=NOON, closed_at=NOON + 60.0)
    for _ in range(attempts):
        figures.add_record(record)
    assert figures.of("spring").summary.attempts == attempts
    return Floors(Overviews(Floor(world.engine), {"spring": standing("spring")}, figures, Alarms()), world.now)


async def _ask(service: Floors, asked: int) -> list[float]:
    took = []
    with tempfile.TemporaryDirectory() as home:
        async with api_world(Path(home), service) as world, world.client() as client:
            overview = await client.call(requests.overview())
            assert (len(overview.calls), sum(agent.state != "logged_out" for agent in overview.agents)) == (
                CALLS,
                AGENTS,
            )
            for _ in range(asked):
                began = monotonic()
                await client.call(requests.overview())
                took.append(monotonic() - began)
    return took
