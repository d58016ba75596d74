"""Whatever is ordered and whatever comes: no port is lost, and everybody hears whom the matrix says."""

from __future__ import annotations

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.media import orders as do
from dialer.media.events import Event, LegFigures, Notice, Ready
from dialer.media.leg import Feed
from dialer.media.rtp import RtpPacket
from dialer.media.tap import Verdict
from dialer.telephony.media_server.server import MediaServer
from dialer.telephony.port_pool import PortPool
from tests.integration.floor import FIRST_PORT, open_sockets

HOST = "127.0.0.1"
STOCK = 2
PORTS = 7


class Talker:
    """An analyser that speaks at every tenth frame."""

    def __init__(self) -> None:
        self.frames = 0

    def hear(self, frame: bytes) -> list[Verdict]:
        assert len(frame) == 160
        self.frames += 1
        return [] if self.frames % 10 else [Verdict("ten", self.frames / 50, last=self.frames == 30)]


class World:
    """A server in a time of its own. Packets are handed to the switchboard as from the far end of each leg."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.told: list[Event | Notice] = []
        self.pool = PortPool(FIRST_PORT, FIRST_PORT + 2 * PORTS - 1)
        self.server = MediaServer(
            {HOST: self.pool},
            random.Random(1),
            self.told.append,
            self.now,
            wall_offset=1e9,
            stock=STOCK,
            analysers={"talker": lambda settings: Talker()},
        )
        self.board = self.server._board
        self.legs: list[int] = []
        self.reserved = 0
        self.sequence = 0
        for _ in range(3):
            self.reserve()
            self.wait(0.005)

    def order(self, order: do.Order | do.StockOrder) -> None:
        self.server.order(order, self.now)

    def reserve(self) -> None:
        ready = [event.leg for event in self.told if isinstance(event, Ready)]
        if self.reserved < len(ready):
            self.legs.append(ready[self.reserved])
            self.order(do.Take(ready[self.reserved]))
            self.reserved += 1

    def leg(self, nth: int) -> int:
        return self.legs[nth % len(self.legs)] if self.legs else 999

    def say(self, nth: int, codec: int, source: int) -> None:
        leg = self.board.legs.get(self.leg(nth))
        if leg is not None:
            self.sequence += 1
            payload = b"\x05\x0a\x03\x20" if codec == 101 else bytes([self.sequence % 256]) * 160
            packet = RtpPacket(codec, self.sequence & 0xFFFF, 160 * self.sequence, source, payload)
            self.board.receive(leg, packet.pack(), (HOST, 9), self.now)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.server.tick(self.now)

    def check(self) -> None:
        assert self.pool.taken == self.server.open_legs + len(self.server._stock[HOST])
        assert self.pool.taken + self.pool.free == PORTS
        board = self.board
        for leg in board.legs.values():
            for source in leg.sources:
                assert source.listeners[leg.leg] is leg
                assert source.leg in board.legs
                assert (leg in source.direct) == (leg.feed is Feed.DIRECT)
                if leg.feed is Feed.MADE and leg.hears_others:
                    assert source.jitter is not None
            for listener in leg.listeners.values():
                assert leg in listener.sources
            assert leg not in leg.sources
            assert (leg.leg in board._fed) == (leg.feed is Feed.MADE)
            assert (leg.leg in board._taps._tapped) == bool(leg.taps)


NTH = st.integers(0, 4)
Step = Callable[[World], None]
MATRIX = st.lists(st.tuples(NTH, st.lists(NTH, max_size=3)), max_size=4)


def bridge(number: int, rows: list[tuple[int, list[int]]]) -> Step:
    def step(w: World) -> None:
        w.order(do.Bridge(number, tuple((w.leg(who), tuple(w.leg(one) for one in whom)) for who, whom in rows)))

    return step


def of_leg(make: Callable[[int], do.Order]) -> st.SearchStrategy[Step]:
    return NTH.map(lambda nth: lambda w: w.order(make(w.leg(nth))))


STEPS: st.SearchStrategy[Step] = st.one_of(
    st.just(World.reserve),
    st.just(World.reserve),
    of_leg(lambda leg: do.Connect(leg, HOST, 9, 0, 101, rtcp_port=9, silent_after_s=0.5)),
    of_leg(lambda leg: do.Connect(leg, HOST, 9, 8, None, held=True, answered=False)),
    st.builds(bridge, st.integers(1, 2), MATRIX),
    st.builds(bridge, st.just(1), st.just([(0, [1, 2]), (1, [0]), (2, [0, 1])])),
    of_leg(lambda leg: do.Play(leg, 1, "tone")),
    of_leg(lambda leg: do.Play(leg, 2, "tone", loop=True, over=True, barge_in=True)),
    of_leg(do.StopPlaying),
    of_leg(lambda leg: do.Collect(leg, 1, most=2, finish="#", first_s=0.3, between_s=0.2)),
    of_leg(do.StopCollecting),
    of_leg(lambda leg: do.SendDigits(leg, "1")),
    of_leg(lambda leg: do.Listen(leg, 1, "talker")),
    of_leg(lambda leg: do.StopListening(leg, 1)),
    of_leg(do.Close),
    st.builds(
        lambda nth, codec, source: lambda w: w.say(nth, codec, source),
        NTH,
        st.sampled_from([0, 8, 13, 101]),
        st.integers(1, 2),
    ),
    st.sampled_from([0.005, 0.02, 0.2, 1.0, 7.0]).map(lambda seconds: lambda w: w.wait(seconds)),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_no_port_is_lost_and_the_matrix_holds(steps: list[Step]) -> None:
    before = open_sockets()
    w = World()
    w.board.load("tone", b"\x11" * 800)
    for step in steps:
        step(w)
        w.check()
    w.server.close(w.now)
    assert (w.pool.taken, w.pool.free) == (0, PORTS)
    assert open_sockets() == before
    ended = [event.leg for event in w.told if isinstance(event, LegFigures)]
    assert sorted(ended) == sorted(w.legs)  # each once
