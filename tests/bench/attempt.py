"""A whole attempt, live: permit, journal on SQLite, call over SIP to SIPp, agent, record.

`attempt` is answered and joined with an agent, without audio; `attempt, busy` gets no further than the network.
CPU of both processes counts: service and writer, and the media process, which is told of each call.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import uvloop

from dialer.operations.collection import rare_collections
from dialer.telephony.udp import Address
from tests.bench import sipp
from tests.bench.centre import Centre, Desks, Dialed, centre
from tests.bench.measure import Result, Stopwatch, cpu_s

TARGET_MS = 0.8
LIMIT_S = 180.0


def bench(count: int = 4_000, agents: int = 60) -> list[Result]:
    """Progressive pacing decides four times a second, so `agents` limit the pace: 60 make 240 calls a second."""
    found: list[Result] = []
    for name, scenario in (("attempt", ""), ("attempt, busy", "busy")):
        with sipp.uas(scenario) as callee, tempfile.TemporaryDirectory() as folder, rare_collections():
            found.append(uvloop.run(_campaign(name, scenario, Path(folder), callee, count, agents)))
    return found


async def _campaign(name: str, scenario: str, folder: Path, callee: Address, count: int, agents: int) -> Result:
    dialed = Dialed("bench", "sim", count)
    async with centre(folder, {"sim": callee}, [dialed], lines=10 * agents) as it, asyncio.timeout(LIMIT_S):
        await Desks(it.service, "bench", agents).log_in()
        pid = media_pid(it)
        watch, media_before_s, started = Stopwatch(), cpu_s(pid), it.clock.now()
        await it.start("bench")
        if scenario:
            await tried(it, count)
        else:
            await it.done("bench")
        took_s = it.clock.now() - started
        service_s, media_s = watch.stop(), cpu_s(pid) - media_before_s
        records = it.records("bench")
    wanted = "busy" if scenario else "connected"
    if len(records) != count or any(record.outcome != wanted for record in records):
        raise RuntimeError(f"{count} leads: {len(records)} records, not all of them {wanted}")
    note = (
        f"service {service_s / count * 1e3:.3f}, media process {media_s / count * 1e3:.3f}; "
        f"{count / took_s:.0f} attempts/s, {agents} agents"
    )
    whole_ms = (service_s + media_s) / count * 1e3
    return Result(name, whole_ms, "ms CPU", TARGET_MS, None, "", watch.calibration_us, count, note)


def media_pid(it: Centre) -> int:
    """Of the media process."""
    pid: int = it.service.carrier.audio.media.pid  # type: ignore[attr-defined]
    return pid


async def tried(it: Centre, count: int) -> None:
    """Until so many attempts of the campaign are over, or what is left is tried later."""
    while it.service.overview().campaigns[0].figures.attempts < count:
        await asyncio.sleep(0.05)
