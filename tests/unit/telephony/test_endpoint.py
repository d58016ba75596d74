from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from dialer.sip.call_notes import CallNote, CallOver
from dialer.sip.events import Dropped, DropReason, Progress, SipEvent
from dialer.sip.hop import Hop, StreamHop
from dialer.telephony.endpoint import SipEndpoint
from dialer.telephony.errors import AddressUnavailable
from dialer.telephony.udp import bind_udp

HOST = "127.0.0.1"


class Core:
    """Records what it is told; says what the test puts in."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, Hop, float]] = []
        self.woken_at: list[float] = []
        self.deadline: float | None = None
        self.outbox: list[tuple[bytes, Hop]] = []
        self.events: list[SipEvent] = []
        self.notes: list[CallNote] = []
        self.not_sent: list[bytes] = []
        self.failed: list[Hop] = []
        self.back: list[bytes] = []
        self.echo = False
        self.arrived = asyncio.Event()

    def receive_datagram(self, data: bytes, source: Hop, now: float) -> None:
        self.received.append((data, source, now))
        self.arrived.set()
        if self.echo:
            self.outbox.append((b"re: " + data, source))

    def handle_timer(self, now: float) -> None:
        self.woken_at.append(now)
        self.deadline = None
        self.arrived.set()

    def next_deadline(self) -> float | None:
        return self.deadline

    def datagrams_to_send(self) -> list[tuple[bytes, Hop]]:
        outbox, self.outbox = self.outbox, []
        return outbox

    def notes_to_keep(self) -> list[CallNote]:
        notes, self.notes = self.notes, []
        return notes

    def unsent(self, data: bytes, now: float) -> None:
        self.not_sent.append(data)

    def came_back(self, sent: bytes, now: float) -> None:
        self.back.append(sent)
        self.arrived.set()

    def connection_failed(self, hop: Hop, now: float) -> None:
        self.failed.append(hop)
        self.arrived.set()

    def next_events(self) -> list[SipEvent]:
        events, self.events = self.events, []
        return events

    async def something(self) -> None:
        async with asyncio.timeout(5.0):
            await self.arrived.wait()
        self.arrived.clear()


class World:
    def __init__(self, endpoint: SipEndpoint[Core], told: list[SipEvent], peer: socket.socket) -> None:
        self.endpoint = endpoint
        self.core = endpoint.core
        self.told = told
        self.peer = peer

    async def peer_gets(self) -> bytes:
        async with asyncio.timeout(5.0):
            return await asyncio.get_running_loop().sock_recv(self.peer, 2_000)


@contextmanager
def world() -> Iterator[World]:
    told: list[SipEvent] = []
    loop = asyncio.get_running_loop()
    endpoint = SipEndpoint(HOST, 0, lambda _: Core(), lambda event, _: told.append(event), loop.time)
    with bind_udp(HOST, 0) as peer:
        try:
            yield World(endpoint, told, peer)
        finally:
            endpoint.close()


async def test_what_is_wanted_in_one_turn_leaves_with_its_end_under_one_write_of_notes() -> None:
    loop = asyncio.get_running_loop()
    kept: list[list[CallNote]] = []
    endpoint = SipEndpoint(HOST, 0, lambda _: Core(), lambda *_: None, loop.time, keep=kept.append)
    with bind_udp(HOST, 0) as peer, contextlib.closing(endpoint):
        for n in range(3):
            endpoint.core.notes.append(CallOver(b"%d" % n))
            endpoint.core.outbox.append((b"%d" % n, peer.getsockname()))
            endpoint.flush_soon()
        assert not kept
        came = [await loop.sock_recv(peer, 100) for _ in range(3)]
    assert came == [b"0", b"1", b"2"]
    assert kept == [[CallOver(b"0"), CallOver(b"1"), CallOver(b"2")]]


async def test_datagrams_go_in_and_answers_out() -> None:
    with world() as w:
        w.core.echo = True
        w.peer.sendto(b"one", w.endpoint.address)
        assert await w.peer_gets() == b"re: one"
        [(data, source, _)] = w.core.received
        assert (data, source) == (b"one", w.peer.getsockname())


async def test_one_wake_up_takes_many_datagrams_at_one_moment() -> None:
    with world() as w:
        for n in range(10):
            w.peer.sendto(b"%d" % n, w.endpoint.address)
        await w.core.something()
        assert [data for data, _, _ in w.core.received] == [b"%d" % n for n in range(10)]
        assert len({now for _, _, now in w.core.received}) == 1


async def test_the_core_is_woken_at_its_deadline_and_not_before() -> None:
    with world() as w:
        due = w.core.deadline = w.endpoint.now() + 0.03
        w.endpoint.flush()
        await w.core.something()
        [woken_at] = w.core.woken_at
        assert woken_at >= due


async def test_an_earlier_deadline_overrules_a_later_one() -> None:
    with world() as w:
        w.core.deadline = w.endpoint.now() + 60.0
        w.endpoint.flush()
        w.core.deadline = w.endpoint.now() + 0.01
        w.endpoint.flush()
        await w.core.something()
        assert len(w.core.woken_at) == 1


async def test_a_deadline_put_off_is_not_fired_early() -> None:
    with world() as w:
        w.core.deadline = w.endpoint.now() + 0.01
        w.endpoint.flush()
        due = w.core.deadline = w.endpoint.now() + 0.05
        w.endpoint.flush()
        await w.core.something()
        assert w.core.woken_at[0] >= due
        assert len(w.core.woken_at) == 1


async def test_events_of_commands_given_from_within_an_event_come_too_in_order() -> None:
    with world() as w:

        def on_event(event: SipEvent, now: float) -> None:
            w.told.append(event)
            if event == Progress(1, 180):
                w.core.events.append(Progress(1, 183))
                w.core.outbox.append((b"from within", w.peer.getsockname()))
                w.endpoint.flush()
                w.told.append(Progress(0, 199))  # the nested flush tells nothing by itself

        w.endpoint._on_event = on_event
        w.core.events = [Progress(1, 180), Progress(2, 180)]
        w.endpoint.flush()
        assert w.told == [Progress(1, 180), Progress(0, 199), Progress(2, 180), Progress(1, 183)]
        assert await w.peer_gets() == b"from within"


async def test_drops_are_logged_and_not_told() -> None:
    with world() as w, capture_logs() as logs:
        w.core.events = [Dropped(("192.0.2.7", 4444), DropReason.NOT_SIP)]
        w.endpoint.flush()
        assert w.told == []
    assert logs == [
        {
            "event": "dropping datagrams",
            "source": "192.0.2.7:4444",
            "reason": "not_sip",
            "log_level": "warning",
        }
    ]


async def test_what_the_kernel_does_not_take_is_counted_named_once_and_told_to_the_core() -> None:
    with world() as w, capture_logs() as logs:
        too_long = b"x" * 70_000
        w.core.outbox = [(too_long, (HOST, 9)), (too_long, (HOST, 9)), (b"x", w.peer.getsockname())]
        w.endpoint.flush()
        assert w.endpoint.unsent == 2
        assert w.core.not_sent == [too_long, too_long]
        assert await w.peer_gets() == b"x"
    [line] = logs
    assert (line["event"], line["to"], line["log_level"]) == ("cannot send", f"{HOST}:9", "warning")
    assert "too long" in line["cause"]


async def test_notes_are_kept_before_any_datagram_leaves() -> None:
    kept: list[tuple[list[CallNote], int]] = []
    with bind_udp(HOST, 0) as peer:

        def keep(notes: list[CallNote]) -> None:
            with contextlib.suppress(BlockingIOError):
                peer.recv(2_000)
                raise AssertionError("the datagram was sent first")
            kept.append((notes, len(endpoint.core.outbox)))

        loop = asyncio.get_running_loop()
        endpoint = SipEndpoint(HOST, 0, lambda _: Core(), lambda *_: None, loop.time, keep=keep)
        try:
            endpoint.core.notes = [CallOver(b"c")]
            endpoint.core.outbox = [(b"x", peer.getsockname())]
            endpoint.flush()
            assert kept == [([CallOver(b"c")], 1)]
            assert await loop.sock_recv(peer, 2_000) == b"x"
            endpoint.flush()  # nothing new, nothing written
            endpoint.core.notes = [CallOver(b"d")]
        finally:
            endpoint.close()
    assert [notes for notes, _ in kept] == [[CallOver(b"c")], [CallOver(b"d")]]


async def test_intercepted_datagrams_do_not_reach_the_core() -> None:
    seen: list[bytes] = []

    def intercept(data: bytes, source: tuple[str, int], now: float) -> bool:
        seen.append(data)
        return data != b"lost"

    endpoint = SipEndpoint(
        HOST, 0, lambda _: Core(), lambda *_: None, asyncio.get_running_loop().time, intercept=intercept
    )
    try:
        with bind_udp(HOST, 0) as peer:
            for data in (b"lost", b"found"):
                peer.sendto(data, endpoint.address)
            await endpoint.core.something()
        assert seen == [b"lost", b"found"]
        assert [data for data, _, _ in endpoint.core.received] == [b"found"]
    finally:
        endpoint.close()


async def test_close_sends_what_is_left_and_forgets_the_timer() -> None:
    with world() as w:
        w.core.deadline = w.endpoint.now() + 0.01
        w.endpoint.flush()
        w.core.outbox = [(b"BYE", w.peer.getsockname())]
        w.endpoint.close()
        w.endpoint.close()
        w.endpoint.flush()
        assert w.endpoint.is_closed
        assert await w.peer_gets() == b"BYE"
        bind_udp(*w.endpoint.address).close()  # the port is free again
        assert w.endpoint._timer is None


async def test_a_port_already_taken() -> None:
    with bind_udp(HOST, 0) as other, pytest.raises(AddressUnavailable, match="already taken"):
        SipEndpoint(HOST, other.getsockname()[1], lambda _: Core(), lambda *_: None, lambda: 0.0)


async def test_a_number_free_in_one_ip_version_and_taken_in_the_other_is_not_insisted_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[socket.socket] = []

    def bind(host: str, port: int, *, receive_buffer: int | None = None) -> socket.socket:
        if port and not taken:  # somebody was faster
            taken.append(bind_udp(host, port))
        return bind_udp(host, port, receive_buffer=receive_buffer)

    monkeypatch.setattr("dialer.telephony.endpoint.bind_udp", bind)
    endpoint = SipEndpoint(
        "::1", 0, lambda *_: Core(), lambda *_: None, asyncio.get_running_loop().time, also=(HOST, 0)
    )
    with contextlib.closing(endpoint), contextlib.closing(taken[0]):
        first, second = endpoint.addresses
        assert first[1] == second[1] != taken[0].getsockname()[1]


async def test_without_streams_nothing_goes_by_connection() -> None:
    with world() as w:
        hop = StreamHop("127.0.0.1", 5060, "tcp")
        w.core.outbox.append((b"OPTIONS", hop))
        w.endpoint.flush()
        await w.core.something()
        assert w.core.failed == [hop]


async def test_what_nobody_takes_comes_back_and_the_rest_is_sent_and_taken_all_the_same() -> None:
    with world() as w, capture_logs() as logs:
        nobody = bind_udp(HOST, 0)
        closed = nobody.getsockname()
        nobody.close()
        for n in range(3):
            w.core.outbox = [(b"lost %d" % n, closed)]
            w.endpoint.flush()
            # The error of the one before stands at the socket now: it is no fault of this one.
            w.core.outbox = [(b"fine %d" % n, w.peer.getsockname())]
            w.endpoint.flush()
            assert await w.peer_gets() == b"fine %d" % n
        while len(w.core.back) < 3:
            await w.core.something()
        assert w.core.back == [b"lost 0", b"lost 1", b"lost 2"]
        assert (w.core.not_sent, w.endpoint.unsent) == ([], 0)
        w.peer.sendto(b"still here", w.endpoint.address)
        while not w.core.received:
            await w.core.something()
    assert [(line["event"], line["to"]) for line in logs] == [("cannot send", f"{HOST}:{closed[1]}")]
