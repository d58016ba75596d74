"""A dialer's telephony and a simulated carrier on loopback, with what tests ask of both."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import json
import math
import os
import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from campaigns.record import AudioFigures
from dialer.clock import SystemClock
from dialer.engine.commands import Originate
from dialer.engine.events import CallEnded, MediaRoomChanged
from dialer.media.errors import MalformedPacket
from dialer.media.rtp import RtpPacket, RtpSender
from dialer.ports.media import Media, MediaEvent
from dialer.sip.identity import Identity
from dialer.sip.timers import SipTimers
from dialer.telephony.carrier import SipCarrier
from dialer.telephony.carrier_opening import OpenMedia, open_carrier
from dialer.telephony.placed_calls import CallEvent, CarrierEvent
from dialer.telephony.sip_side import SipSide
from dialer.trunks.trunk import Trunk
from sim_trunk.call_log import CallLog
from sim_trunk.callee import CallPlan, Persona, Quirk
from sim_trunk.server import SimulatedCarrier
from sim_trunk.voices import agent_frame, recognise
from tests.near_media import NearMedia

HOST = "127.0.0.1"
KEY = bytes(range(32))
QUICK = SipTimers(t1_s=0.02, t2_s=0.08, t4_s=0.1)
PATIENCE_S = 5.0
"""How long a condition may take before the test fails; nothing waits for it when things go well."""

FIRST_PORT = 10_000 + 500 * (int(os.environ.get("PYTEST_XDIST_WORKER", f"gw{os.getpid()}")[2:]) % 12)
"""Below the ports that anything else here has, and another range of 500 for each process that runs tests: some of
them take all of it."""

E = TypeVar("E", bound=CallEvent)

ANSWERED = CallPlan(
    pdd_s=0.01, ring_s=0.03, final=200, q850=None, persona=Persona.RIGHT_PARTY, talk_s=0.1, patience_s=3.0
)


def plan(**changes: Any) -> CallPlan:
    """An answered call of a few hundredths of a second, changed as told."""
    return replace(ANSWERED, **changes)


FOREVER = plan(ring_s=math.inf)


class Script:
    """Plans by number; every other number answers at once."""

    def __init__(self) -> None:
        self.plans: dict[str, CallPlan] = {}
        self.asked: list[tuple[str, int]] = []

    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        assert at > 1_700_000_000  # seconds UTC
        self.asked.append((number, nth_call))
        return self.plans.get(number, ANSWERED)


class Headset:
    """A simulated agent's phone: one socket, who was heard, and a voice of its own."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.bind((HOST, 0))
        self.address: tuple[str, int] = self.sock.getsockname()
        self.packets: list[RtpPacket] = []
        self.heard: list[Persona | None] = []
        self._sender = RtpSender(77, 1, 1)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.sock.fileno(), self._read)
        self._woken = asyncio.Event()

    def say(self, line: tuple[str, int], frames: int = 1) -> None:
        for _ in range(frames):
            self.sock.sendto(self._sender.packet(agent_frame()), line)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    packet = RtpPacket.parse(self.sock.recv(2_048))
                except MalformedPacket:
                    continue
                self.packets.append(packet)
                self.heard.append(recognise(packet.payload))
                self._woken.set()

    async def hears(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.packets) < count:
                self._woken.clear()
                await self._woken.wait()

    def close(self) -> None:
        self._loop.remove_reader(self.sock.fileno())
        self.sock.close()


class WatchedLog(io.StringIO):
    """Wakes whoever waits for a line."""

    def __init__(self) -> None:
        super().__init__()
        self.news = asyncio.Event()

    def write(self, text: str) -> int:
        self.news.set()
        return super().write(text)


@dataclass
class Floor:
    """One side each of a trunk. Events of the dialer's carrier gather in `events`, figures of audio by attempt in
    `measured`."""

    carrier: SipCarrier
    media: Media
    network: SimulatedCarrier | None
    script: Script
    events: list[CallEvent]
    log: WatchedLog
    identity: Identity = field(default_factory=lambda: Identity(KEY))
    news: asyncio.Event = field(default_factory=asyncio.Event)
    rooms: list[int] = field(default_factory=list)
    measured: dict[int, AudioFigures] = field(default_factory=dict)
    react: Callable[[CallEvent], None] | None = None

    def post(self, event: CarrierEvent) -> None:
        if isinstance(event, MediaRoomChanged):
            self.rooms.append(event.calls)
            return
        if isinstance(event, CallEnded) and event.audio is not None:
            self.measured[event.attempt_id] = event.audio  # differs from run to run: asked for apart
            event = replace(event, audio=None)
        assert isinstance(event, CallEvent), "no agent of this floor has a phone"
        self.events.append(event)
        self.news.set()
        if self.react is not None:
            self.react(event)

    def call(self, attempt_id: int, number: str = "+4930231250", caller_id: str = "+4930231259") -> str:
        """Place a call; its Call-ID."""
        call_id = self.identity.call_id(attempt_id)
        self.carrier.carry_out(Originate(attempt_id, call_id, number, "sim", caller_id))
        return call_id

    def of(self, attempt_id: int) -> list[CallEvent]:
        return [event for event in self.events if event.attempt_id == attempt_id]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for events until the condition holds; fails after `PATIENCE_S`."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self.news.clear()
                await self.news.wait()

    async def event(self, kind: type[E], attempt_id: int) -> E:
        """The first event of a kind for an attempt."""
        await self.until(lambda: any(isinstance(event, kind) for event in self.of(attempt_id)))
        return next(event for event in self.of(attempt_id) if isinstance(event, kind))

    def entries(self) -> dict[str, dict[str, Any]]:
        """The network's log by Call-ID, each call once."""
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        by_call = {line["call_id"]: line for line in lines}
        assert len(by_call) == len(lines)
        return by_call

    async def until_logged(self, lines: int) -> None:
        """Wait until the network's log has so many lines."""
        async with asyncio.timeout(PATIENCE_S):
            while self.log.getvalue().count("\n") < lines:
                self.log.news.clear()
                await self.log.news.wait()

    async def entry(self, call_id: str) -> dict[str, Any]:
        """The network's line about a call, once it is there."""
        async with asyncio.timeout(PATIENCE_S):
            while call_id not in self.entries():
                self.log.news.clear()
                await self.log.news.wait()
        return self.entries()[call_id]


@contextlib.asynccontextmanager
async def floor(
    *,
    port: int | None = None,
    first: int = FIRST_PORT,
    last: int = FIRST_PORT + 398,
    timers: SipTimers = QUICK,
    network_timers: SipTimers = QUICK,
    max_calls: int = 100,
    user: str = "",
    media: OpenMedia | None = None,
    host: str = HOST,
    side: SipSide | None = None,
    at: str = "",
) -> AsyncIterator[Floor]:
    """A dialer's carrier and, unless `port` names another network, a simulated one, `at` another address where one
    is given; with the media server in the test's own loop unless `media` opens another. At the end nothing of them
    may be left: no port, no socket, no task."""
    gc.collect()
    sockets_before = open_sockets()
    script, log, events = Script(), WatchedLog(), list[CallEvent]()
    network = None
    if port is None:
        network = SimulatedCarrier(
            at or host,
            0,
            script,
            CallLog(log),
            key=KEY,
            rng=random.Random(1),
            clock=SystemClock(),
            timers=network_timers,
            max_calls=max_calls,
        )
        port = network.address[1]
    box: list[Floor] = []

    def post(event: CarrierEvent) -> None:
        if box:  # before, it was about the media process's start
            box[0].post(event)

    carried_by: list[Media] = []

    def open_media(hosts: tuple[str, ...], tell: Callable[[MediaEvent], None]) -> Media:
        it = NearMedia(hosts, (first, last), tell) if media is None else media(hosts, tell)
        carried_by.append(it)
        return it

    carrier = await open_carrier(
        host=host,
        port=0,
        trunks=[Trunk("sim", at or host, port, username=user, password="secret" if user else "")],
        open_media=open_media,
        key=KEY,
        post=post,
        monotonic=time.monotonic,
        timers=timers,
        side=side,
    )
    await carrier.ready()
    box.append(Floor(carrier, carried_by[0], network, script, events, log))
    try:
        yield box[0]
    finally:
        await carrier.close()
        if network is not None:
            network.close()
    assert carrier.open_calls == 0
    assert carrier.audio.open_legs == 0
    assert carried_by[0].open_legs == 0
    if isinstance(carried_by[0], NearMedia):
        assert [pool.taken for pool in carried_by[0].pools.values() if pool.taken] == []
    assert open_sockets() == sockets_before
    current = asyncio.current_task()
    assert [task for task in asyncio.all_tasks() if task is not current] == []


def open_sockets() -> int:
    """Sockets of this process, as the kernel counts them."""
    count = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            count += str(descriptor.readlink()).startswith("socket:")
    return count


__all__ = [
    "ANSWERED",
    "FIRST_PORT",
    "FOREVER",
    "HOST",
    "QUICK",
    "Floor",
    "Headset",
    "Persona",
    "Quirk",
    "floor",
    "open_sockets",
    "plan",
]


@contextlib.asynccontextmanager
async def calling(trunk: Trunk, side: SipSide | None = None) -> AsyncIterator[tuple[Floor, NearMedia]]:
    """A carrier of ours whose one trunk leads to a program that is not."""
    box: list[Floor] = []
    opened: list[NearMedia] = []

    def post(event: CarrierEvent) -> None:
        box[0].post(event)

    def open_media(hosts: tuple[str, ...], tell: Callable[[MediaEvent], None]) -> NearMedia:
        opened.append(NearMedia(hosts, (FIRST_PORT, FIRST_PORT + 98), tell))
        return opened[0]

    carrier = await open_carrier(
        host=HOST,
        port=0,
        trunks=[trunk],
        open_media=open_media,
        key=KEY,
        post=post,
        monotonic=time.monotonic,
        side=side,
    )
    await carrier.ready()
    box.append(Floor(carrier, opened[0], None, Script(), [], WatchedLog()))
    try:
        yield box[0], opened[0]
    finally:
        await carrier.close()
