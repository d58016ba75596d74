"""The media process with bridged and recorded calls; the far ends are in another process."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from dialer.media.events import LegFigures, Recorded
from dialer.media.orders import Bridge, Close, Connect, Record
from dialer.ports.media import MediaEvent, ReservedLeg
from dialer.telephony.errors import MediaFull
from dialer.telephony.media_process import MediaProcess, start_media_process
from tests.bench.measure import Result, calibrate, cpu_s, resident_mb

HOST = "127.0.0.1"
PORTS = (20_000, 23_998)
TARGET_SHARE = 0.7
TARGET_MB = 60.0
LIMIT_S = 20.0
SETTLE_S = 1.0
PACKETS_PER_S = 50


def bench(calls: int = 250, seconds: float = 20.0) -> list[Result]:
    """`calls`: two legs each, 50 packets a second both ways."""
    return asyncio.run(_bench(calls, seconds))


async def _bench(calls: int, seconds: float) -> list[Result]:
    async def measure(media: MediaProcess, events: list[MediaEvent]) -> list[Result]:
        with tempfile.TemporaryDirectory() as folder:
            return await _measure(media, events, Path(folder), calls, seconds)

    return await beside_media(measure)


async def beside_media(
    measure: Callable[[MediaProcess, list[MediaEvent]], Awaitable[list[Result]]],
) -> list[Result]:
    """Of a media process that has nothing else to do; what it says gathers in the list."""
    events: list[MediaEvent] = []
    rng = random.Random(1)
    media = start_media_process((HOST,), events.append, ports=PORTS, rng=rng, monotonic=time.monotonic)
    try:
        await media.ready()
        await asyncio.sleep(SETTLE_S)  # what makes sound is loaded after the first legs are ready
        return await measure(media, events)
    finally:
        await media.close()


async def _measure(
    media: MediaProcess, events: list[MediaEvent], folder: Path, calls: int, seconds: float
) -> list[Result]:
    assert media.pid is not None
    empty_mb = resident_mb(media.pid)
    legs: list[ReservedLeg] = []
    while len(legs) < 2 * calls:
        try:
            legs.append(media.reserve())
        except MediaFull:
            await asyncio.sleep(0.05)  # until the stock is filled up again
    await asyncio.sleep(SETTLE_S)
    ringing_mb = resident_mb(media.pid)
    load, far = await far_ends(seconds, legs)
    for leg, port in zip(legs, far, strict=True):
        media.tell(Connect(leg.leg, HOST, port))
    for n in range(calls):
        contact, agent = legs[2 * n].leg, legs[2 * n + 1].leg
        media.tell(Bridge(contact, ((contact, (agent,)), (agent, (contact,)))))
        media.tell(Record(contact, n + 1, str(folder / f"{n}.wav")))
    await asyncio.sleep(SETTLE_S)
    before_us = calibrate()
    cpu_before = cpu_s(media.pid)
    counted = await load(LIMIT_S)
    spent_s = cpu_s(media.pid) - cpu_before
    # By the audio that was carried, not by the clock: a load generator that is late sends as much in more time.
    share = spent_s / (counted["sent"] / (2 * calls * PACKETS_PER_S))
    calibration_us = (before_us + calibrate()) / 2
    bridged_mb = resident_mb(media.pid)
    for leg in legs:
        media.tell(Close(leg.leg))
    async with asyncio.timeout(LIMIT_S):
        while sum(isinstance(event, LegFigures | Recorded) for event in events) < 3 * calls:
            await asyncio.sleep(0.05)
    recorded = [event for event in events if isinstance(event, Recorded)]
    complete = sum(not event.failed and event.seconds >= seconds for event in recorded)
    lost = counted["sent"] - counted["received"]
    note = (
        f"{counted['sent']} packets, {lost} not passed on, {spent_s / counted['sent'] * 1e6:.1f} µs each; "
        f"{complete} of {calls} recordings complete; load "
        f"generator {counted['refused']} refused, at most {counted['worst_s'] * 1e3:.0f} ms late"
    )
    name = f"media, {calls} calls"
    return [
        Result(name, share, "of a core", TARGET_SHARE, None, "", calibration_us, calls, note),
        Result(
            f"{name}, passed on",
            counted["received"] / counted["sent"],
            "of the packets",
            1.0,
            None,
            "",
            calibration_us,
            calls,
            higher_is_better=True,
        ),
        Result(
            f"{name}, memory",
            (bridged_mb - empty_mb) / calls * 1_000,
            "MB/1,000 bridged and recorded",
            TARGET_MB,
            None,
            "",
            calibration_us,
            calls,
            f"{empty_mb:.0f} MB empty; {(ringing_mb - empty_mb) / calls / 2 * 1_000:.1f} MB/1,000 legs reserved",
        ),
    ]


async def far_ends(
    seconds: float, legs: Sequence[ReservedLeg]
) -> tuple[Callable[[float], Awaitable[dict[str, float]]], list[int]]:
    """A process with a far end for each leg: their ports, and what has them send for so many seconds and answers
    what they counted, at most so many seconds late."""
    load = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.media_load",
        str(seconds),
        *(str(leg.port) for leg in legs),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    assert load.stdin is not None
    assert load.stdout is not None
    start, said = load.stdin, load.stdout

    async def run(late_s: float) -> dict[str, float]:
        start.write(b"go\n")
        counted: dict[str, float] = json.loads(await asyncio.wait_for(said.readline(), seconds + late_s))
        await load.wait()
        return counted

    return run, json.loads(await said.readline())
