"""Memory of the whole program, service and media process: with calls that ring, with calls that are bridged and
recorded, and as calls go by."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import uvloop

from dialer.media.orders import Record
from dialer.operations.collection import rare_collections
from tests.bench import sipp
from tests.bench.attempt import media_pid
from tests.bench.centre import Centre, Desks, Dialed, centre
from tests.bench.measure import Result, calibrate, resident_mb

RINGING_MB, BRIDGED_MB = 8.0, 60.0
"""Targets, for a thousand calls."""
RATIO = 10
CPS = 100.0
"""As many at once as there are legs in stock."""
SETTLE_S = 1.0
UP_WITHIN_S = 60.0
GROWN_CALLS = 100_000
GROWTH_MB = 5.0
"""Over the last quarter of the calls: before, caches of a fixed size fill up (SQLite's pages, 65,536 numbers
judged)."""
LOOKS = (0.1, 0.25, 0.5, 0.75, 1.0)
_CONTAINERS = (dict, list, set, deque)


@dataclass(frozen=True, slots=True)
class Look:
    """Memory in MB. `objects`: that the collector knows. `elements`: of all their dicts, lists, sets and deques,
    each counted once."""

    calls: int
    service_mb: float
    media_mb: float
    objects: int
    elements: int
    tasks: int
    descriptors: int

    def __str__(self) -> str:
        return (
            f"{self.calls:,} calls: {self.service_mb:.0f} + {self.media_mb:.0f} MB, {self.objects:,} objects,"
            f" {self.elements:,} elements, {self.tasks} tasks, {self.descriptors} descriptors"
        )


def bench(ringing: int = 1_000, bridged: int = 500) -> list[Result]:
    def rings(it: Centre, folder: Path) -> Awaitable[tuple[float, int]]:
        return _ringing(it, ringing)

    def talks(it: Centre, folder: Path) -> Awaitable[tuple[float, int]]:
        return _bridged(it, bridged, folder)

    pacing = f'mode = "power"\nratio = {RATIO}.0'
    ringing_mb, count = _measured("ringing", Dialed("bench", "sim", ringing, pacing), 2 * ringing, rings)
    bridged_mb, up = _measured("", Dialed("bench", "sim", bridged), 2 * bridged, talks)
    us = calibrate()
    with_calls = "memory, bridged and recorded"
    return [
        Result("memory, ringing", ringing_mb, "MB/1,000", RINGING_MB, None, "", us, count),
        Result(with_calls, bridged_mb, "MB/1,000", BRIDGED_MB, None, "", us, up, "no audio in them"),
    ]


def growth(calls: int = GROWN_CALLS, agents: int = 100) -> list[Result]:
    """Over calls that are answered, joined and over at once."""

    async def dialed(it: Centre, folder: Path) -> tuple[float, int]:
        await Desks(it.service, "bench", agents).log_in()
        await it.start("bench")
        for share in LOOKS:
            while (placed := it.service.overview().campaigns[0].figures.attempts) < share * calls:
                await asyncio.sleep(0.1)
            looks.append(_look(it, placed))
            print(looks[-1], file=sys.stderr, flush=True)  # it takes a quarter of an hour
        before, last = looks[-2:]
        return last.service_mb + last.media_mb - before.service_mb - before.media_mb, calls

    looks: list[Look] = []
    grown_mb, _ = _measured("", Dialed("bench", "sim", calls), 10 * agents, dialed)
    note = "service + media process:\n    " + "\n    ".join(map(str, looks))
    return [Result("growth", grown_mb, "MB", GROWTH_MB, None, "", calibrate(), calls, note)]


def _look(it: Centre, calls: int) -> Look:
    gc.collect()
    objects = gc.get_objects()
    referents = (held for known in objects for held in gc.get_referents(known))
    containers = {id(held): held for held in referents if type(held) in _CONTAINERS}
    elements = sum(map(len, containers.values()))
    descriptors = sum(1 for _ in Path("/proc/self/fd").iterdir())
    return Look(calls, *_resident(it), len(objects), elements, len(asyncio.all_tasks()), descriptors)


def _measured(
    scenario: str, dialed: Dialed, lines: int, play: Callable[[Centre, Path], Awaitable[tuple[float, int]]]
) -> tuple[float, int]:
    with sipp.uas(scenario) as callee, tempfile.TemporaryDirectory() as name, rare_collections():

        async def run() -> tuple[float, int]:
            folder = Path(name)
            async with centre(folder, {"sim": callee}, [dialed], lines=lines, cps=CPS) as it:
                await asyncio.sleep(SETTLE_S)
                return await play(it, folder)

        return uvloop.run(run())


async def _ringing(it: Centre, count: int) -> tuple[float, int]:
    await Desks(it.service, "bench", count // RATIO).log_in()
    before_mb = sum(_resident(it))
    await it.start("bench")
    calls = await _up(it, count, "alerting")
    return (sum(_resident(it)) - before_mb) / calls * 1_000, calls


async def _bridged(it: Centre, count: int, folder: Path) -> tuple[float, int]:
    desks = Desks(it.service, "bench", count, talks=True)
    await desks.log_in()
    before_mb = sum(_resident(it))
    await it.start("bench")
    calls = await _up(it, count, "talking")
    audio = it.service.carrier.audio
    for number, attempt_id in enumerate(desks.contacts.values(), 1):
        audio.media.tell(Record(audio.leg_of_contact(attempt_id), number, str(folder / f"{number}.wav")))
    await asyncio.sleep(SETTLE_S)
    return (sum(_resident(it)) - before_mb) / calls * 1_000, calls


async def _up(it: Centre, count: int, state: str) -> int:
    """How many calls are in a state, once all are."""
    async with asyncio.timeout(UP_WITHIN_S):
        while (found := sum(call.state == state for call in it.service.engine.calls.values())) < count:
            await asyncio.sleep(0.2)
    await asyncio.sleep(SETTLE_S)
    return found


def _resident(it: Centre) -> tuple[float, float]:
    """MB of the service, which is this process, and of the media process."""
    return resident_mb(os.getpid()), resident_mb(media_pid(it))
