"""The media process with calls that are listened to for answering machines, and for the network's tones."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from dialer.media.events import LegFigures
from dialer.media.orders import Close, Connect, Listen
from dialer.ports.media import MediaEvent, ReservedLeg
from dialer.telephony.media_process import MediaProcess
from tests.bench.measure import Result, calibrate, cpu_s
from tests.bench.media import HOST, LIMIT_S, PACKETS_PER_S, SETTLE_S, beside_media, far_ends

TARGET_SHARE = 0.01
"""Of a core, for each call."""

ANALYSERS = {"": (), "machine": (("until_s", 3_600.0),), "network": ()}
"""The first: nobody listens."""


def bench(calls: int = 20, seconds: float = 10.0) -> list[Result]:
    """`calls` at once, 50 packets a second from each."""
    return asyncio.run(_bench(calls, seconds))


async def _bench(calls: int, seconds: float) -> list[Result]:
    async def measure(media: MediaProcess, events: list[MediaEvent]) -> list[Result]:
        before_us = calibrate()
        shares = {name: await _share(media, events, name, calls, seconds) for name in ANALYSERS}
        return _results(calls, shares, (before_us + calibrate()) / 2)

    return await beside_media(measure)


def _results(calls: int, shares: Mapping[str, float], calibration_us: float) -> list[Result]:
    return [
        Result(
            f"listening to {calls} calls: {name}",
            (share - shares[""]) / calls,
            "of a core each",
            TARGET_SHARE,
            None,
            "",
            calibration_us,
            calls,
            f"{share:.3f} of a core for all, {shares['']:.3f} when nobody listens",
        )
        for name, share in shares.items()
        if name
    ]


async def _share(
    media: MediaProcess, events: list[MediaEvent], analyser: str, calls: int, seconds: float
) -> float:
    """Of a core, by the audio that was carried."""
    assert media.pid is not None
    legs: list[ReservedLeg] = [media.reserve() for _ in range(calls)]
    load, ports = await far_ends(seconds, legs)
    for leg, port in zip(legs, ports, strict=True):
        media.tell(Connect(leg.leg, HOST, port))
        if analyser:
            media.tell(Listen(leg.leg, 1, analyser, ANALYSERS[analyser]))
    await asyncio.sleep(SETTLE_S)
    before_s = cpu_s(media.pid)
    counted = await load(LIMIT_S)
    share = (cpu_s(media.pid) - before_s) / (counted["sent"] / (calls * PACKETS_PER_S))
    events.clear()
    for leg in legs:
        media.tell(Close(leg.leg))
    async with asyncio.timeout(LIMIT_S):
        while sum(isinstance(event, LegFigures) for event in events) < calls:
            await asyncio.sleep(0.02)
    return share
