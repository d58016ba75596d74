"""The whole program under load, to SIPp. `load`: 200 calls bridged, with audio both ways, while 100 attempts a
second are placed beside them. `stress`: as many attempts a second as it can place, 1,000 being asked for. By the
clock, and only by name: `load` takes five minutes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from math import ceil
from pathlib import Path

import uvloop

from dialer.live.runner import LiveRunner
from dialer.operations.collection import rare_collections
from dialer.ports.media import ReservedLeg
from dialer.telephony.errors import NoSuchLeg
from tests.bench import sipp
from tests.bench.attempt import media_pid
from tests.bench.beside_service import Samples, time_deadlines
from tests.bench.centre import BENCH, HOST, Centre, Desks, Dialed, centre
from tests.bench.measure import Result, Stopwatch, cpu_s
from tests.bench.media import far_ends
from tests.bench.pace import quantiles

BRIDGED = 200
PER_S = 100
SECONDS = 300.0
DECIDED_PER_S = 4
"""Progressive pacing places one call for each idle agent, so often."""
LATE_MS = 20.0
STRESS_PER_S = 1_000
STRESS_S = 30.0
CAMPAIGNS = 4
SPARE = 1.1
"""More agents than the pace takes at least, for no campaign gets more calls than it has agents, each time."""
MOST = 0.95
"""Of the leads of `stress`: its pace is measured until so many are over."""
UP_WITHIN_S = 30.0


def bench(bridged: int = BRIDGED, per_s: int = PER_S, seconds: float = SECONDS) -> list[Result]:
    with ExitStack() as stack:
        talking, busy = stack.enter_context(sipp.uas()), stack.enter_context(sipp.uas("busy"))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        late = stack.enter_context(_lateness())
        stack.enter_context(rare_collections())
        trunks = {"talk": talking, "busy": busy}
        campaigns = [Dialed("talk", "talk", bridged), Dialed("busy", "busy", int(per_s * (seconds + 5)))]

        async def run() -> list[Result]:
            lines, cps = max(bridged, 4 * per_s) + 50, 1.2 * per_s
            async with centre(Path(folder), trunks, campaigns, lines=lines, cps=cps) as it:
                return await _load(it, bridged, per_s, seconds, late)

        return uvloop.run(run())


def stress(per_s: int = STRESS_PER_S, seconds: float = STRESS_S) -> list[Result]:
    """Over several campaigns, whose decisions fall at different moments; for `seconds` or longer."""
    each = int(SPARE / MOST * per_s * seconds) // CAMPAIGNS
    count = each * CAMPAIGNS
    agents = ceil(SPARE * per_s / DECIDED_PER_S / CAMPAIGNS)
    campaigns = [Dialed(f"bench{n}", "sim", each) for n in range(CAMPAIGNS)]
    with ExitStack() as stack:
        callee, folder = stack.enter_context(sipp.uas()), stack.enter_context(tempfile.TemporaryDirectory())
        late = stack.enter_context(_lateness())
        stack.enter_context(rare_collections())

        async def run() -> Result:
            async with centre(Path(folder), {"sim": callee}, campaigns, lines=2_000) as it:
                for campaign in campaigns:
                    await Desks(it.service, campaign.name, agents).log_in()
                watch, began = Stopwatch(), it.clock.now()
                for campaign in campaigns:
                    await it.start(campaign.name)
                    await asyncio.sleep(1.0 / DECIDED_PER_S / CAMPAIGNS)
                # A call that finds no leg in stock is a fault, and its lead waits for a minute: not for these.
                while (
                    over := sum(row.figures.attempts for row in it.service.overview().campaigns)
                ) < MOST * count:
                    await asyncio.sleep(0.25)
                took_s = it.clock.now() - began
                service_s = watch.stop()
                for campaign in campaigns:
                    await it.done(campaign.name)
                records = [record for campaign in campaigns for record in it.records(campaign.name)]
            connected = sum(record.outcome == "connected" for record in records)
            note = (
                f"{took_s:.0f} s; {connected:,} of {count:,} connected, {len(records) - connected} tried again;"
                f" {service_s / over * 1e3:.3f} ms CPU of the service each;"
                f" engine after its deadlines {quantiles([seconds for _, seconds in late])}"
            )
            us, rate = watch.calibration_us, over / took_s
            return Result(
                "stress", rate, "attempts/s", float(per_s), None, "", us, count, note, higher_is_better=True
            )

        return [uvloop.run(run())]


async def _load(
    it: Centre, bridged: int, per_s: int, seconds: float, late: list[tuple[float, float]]
) -> list[Result]:
    ports = _ports_of(it)
    talkers = Desks(it.service, "talk", bridged, talks=True)
    await talkers.log_in()
    await Desks(it.service, "busy", per_s // DECIDED_PER_S).log_in()
    await it.start("talk")
    async with asyncio.timeout(UP_WITHIN_S):
        while len(talkers.contacts) < bridged:
            await asyncio.sleep(0.05)
    audio = it.service.carrier.audio
    ends = [port for _, port in talkers.lines.values()]
    ends += [ports[audio.leg_of_contact(attempt_id)] for attempt_id in talkers.contacts.values()]
    run, _ = await far_ends(seconds, [ReservedLeg(0, port, HOST) for port in ends])
    late.clear()
    pid, watch, began = media_pid(it), Stopwatch(), it.clock.now()
    media_before_s = cpu_s(pid)
    await it.start("busy")
    counted = await run(UP_WITHIN_S)
    took_s = it.clock.now() - began
    service_s, media_s = watch.stop(), cpu_s(pid) - media_before_s
    late_s = [seconds for _, seconds in late]
    await it.service.pause_campaign("busy", BENCH)
    placed = sum(row.figures.attempts for row in it.service.overview().campaigns if row.name == "busy")
    up = sum(_is_up(audio.leg_of_contact, attempt_id) for attempt_id in talkers.contacts.values())
    lost = counted["sent"] - counted["received"]
    note = (
        f"{quantiles(late_s)} after {len(late_s):,} deadlines; {placed:,} attempts, {placed / took_s:.0f} a"
        f" second; {up} of {bridged} calls still up; {lost:,} of {counted['sent']:,} packets not passed on (the"
        " first of a contact go where its agent's phone was said to be), the load generator"
        f" at most {counted['worst_s'] * 1e3:.0f} ms late; of a core: service {service_s / took_s:.2f},"
        f" media {media_s / took_s:.2f}"
    )
    p99_ms = sorted(late_s)[int(0.99 * len(late_s))] * 1e3 if late_s else 0.0
    return [Result("load", p99_ms, "ms late (p99)", LATE_MS, None, "", watch.calibration_us, placed, note)]


def _is_up(leg_of: Callable[[int], int], attempt_id: int) -> bool:
    try:
        leg_of(attempt_id)
    except NoSuchLeg:
        return False
    return True


def _ports_of(it: Centre) -> dict[int, int]:
    """Of each leg that is reserved from now on, its port."""
    ports: dict[int, int] = {}
    media = it.service.carrier.audio.media
    reserve = media.reserve

    def noted(port: int | None = None, *, host: str = "") -> ReservedLeg:
        reserved = reserve(port, host=host)
        ports[reserved.leg] = reserved.port
        return reserved

    media.reserve = noted  # type: ignore[method-assign]
    return ports


@contextmanager
def _lateness() -> Iterator[list[tuple[float, float]]]:
    """(moment, how late) of each of the engine's deadlines while the block lasts."""
    samples: Samples = {"lateness": []}
    wake = LiveRunner._wake
    time_deadlines(samples)
    try:
        yield samples["lateness"]
    finally:
        LiveRunner._wake = wake  # type: ignore[method-assign]
