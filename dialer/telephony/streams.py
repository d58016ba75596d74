"""SIP over TCP and TLS: connections made, kept, used again and let go (RFC 3261 § 18, RFC 5923, RFC 5626 §
4.4.1)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import structlog

from dialer.sip.framing import Framer
from dialer.sip.hop import TLS, StreamHop, shown
from dialer.telephony.errors import AddressUnavailable
from dialer.telephony.tls import in_words
from dialer.telephony.udp import Address

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

MAX_NAMED = 64
"""Places whose faults get a line of their own in the log; beyond, they are only counted."""

_PING, _PONG = b"\r\n\r\n", b"\r\n"
_Place = tuple[str, int, str, str]
Deliver = Callable[[Sequence[bytes], StreamHop], None]
Failed = Callable[[StreamHop], None]


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Seconds: `connect_s` for a connection and its handshake, `idle_s` without an octet either way until one is
    let go, `ping_s` between our keep-alives on those we made, `backoff_s` after the first failure to connect,
    doubled up to `backoff_most_s`. `incoming`, `incoming_of_one`: connections others may hold, altogether and from
    one address. `waiting`: messages kept while a connection is being made; `unwritten`: octets kept for one who
    does not read."""

    connect_s: float = 5.0
    idle_s: float = 600.0
    ping_s: float = 60.0
    backoff_s: float = 0.5
    backoff_most_s: float = 30.0
    sweep_s: float = 2.5
    incoming: int = 1_024
    incoming_of_one: int = 32
    waiting: int = 256
    unwritten: int = 4 * 1024 * 1024


class Streams:
    """`deliver(messages, source)` gets what came by one connection; `failed(hop)` is told when one could not be
    made or has ended. Both are set by who uses it, before anything is sent. `client_tls`: for connections we make
    over TLS."""

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        client_tls: Callable[[], ssl.SSLContext] | None = None,
        limits: StreamLimits | None = None,
    ) -> None:
        self.limits = limits or StreamLimits()
        self.monotonic = monotonic
        self.deliver: Deliver = lambda messages, source: None
        self.failed: Failed = lambda hop: None
        self.refused = 0
        """Connections turned away for want of room, and those ended for what came over them."""
        self._client_tls = client_tls
        self._client_context: ssl.SSLContext | None = None
        self._loop = asyncio.get_running_loop()
        self._by_flow: dict[int, _Link] = {}
        self._by_place: dict[_Place, _Link] = {}
        self._waiting: dict[_Place, list[bytes]] = {}
        self._backoff: dict[_Place, tuple[int, float]] = {}
        self._incoming: Counter[str] = Counter()
        self._named: set[_Place] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._sweeper: asyncio.TimerHandle | None = None
        self._last_flow = 0
        self._gone: asyncio.Event | None = None
        self._closed = False

    @property
    def open(self) -> int:
        """Connections, either way."""
        return len(self._by_flow)

    async def listen(self, transport: str, host: str, port: int, context: ssl.SSLContext | None = None) -> Address:
        """Take connections; where. `context`: for TLS. Raises `AddressUnavailable`."""
        try:
            server = await self._loop.create_server(
                lambda: _Link(self, transport, None),
                host,
                port,
                ssl=context,
                ssl_handshake_timeout=self.limits.connect_s if context is not None else None,
            )
        except (OSError, OverflowError) as error:
            cause = getattr(error, "strerror", None) or str(error)
            advice = "choose another port, or end the program that has it (`ss -ltnp` shows it)"
            raise AddressUnavailable(host, port, cause, advice, transport=transport.upper()) from error
        self._servers.append(server)
        found = server.sockets[0].getsockname()
        return str(found[0]), int(found[1])

    def send(self, data: bytes, hop: StreamHop) -> None:
        """By the connection that the hop names, another one that leads there, or a new one."""
        link = self._by_flow.get(hop.flow) if hop.flow else None
        link = link or self._by_place.get(_place(hop))
        if link is not None:
            link.write(data)
            return
        place = _place(hop)
        waiting = self._waiting.get(place)
        if waiting is not None:
            if len(waiting) < self.limits.waiting:
                waiting.append(data)
            else:
                self._loop.call_soon(self._tell, hop)
        elif self._closed or self.monotonic() < self._backoff.get(place, (0, 0.0))[1]:
            self._loop.call_soon(self._tell, hop)
        else:
            self._waiting[place] = [data]
            task = self._loop.create_task(self._connect(hop))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Let go of everything, after what was written is on its way."""
        self._closed = True
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        for link in tuple(self._by_flow.values()):
            link.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    async def wait_closed(self, within_s: float = 1.0) -> None:
        """After `close`: until everything is gone, by force at the end."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        deadline = self.monotonic() + within_s
        while self._by_flow and self.monotonic() < deadline:
            self._gone = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, deadline - self.monotonic())):
                    await self._gone.wait()
        for link in tuple(self._by_flow.values()):
            link.abort()
        for server in self._servers:
            await server.wait_closed()
        await asyncio.sleep(0)  # what was aborted is told in the next turn of the loop

    # -- making connections --

    async def _connect(self, hop: StreamHop) -> None:
        place = _place(hop)
        link = _Link(self, hop.transport, hop)
        try:
            async with asyncio.timeout(self.limits.connect_s):
                secure = hop.transport == TLS
                await self._loop.create_connection(
                    lambda: link,
                    hop.host,
                    hop.port,
                    ssl=self._context() if secure else None,
                    server_hostname=(hop.name or hop.host) if secure else None,
                )
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            self._not_connected(hop, error)
        else:
            self._backoff.pop(place, None)
            self._named.discard(place)
            for data in self._waiting.pop(place, ()):
                link.write(data)

    def _context(self) -> ssl.SSLContext:
        if self._client_context is None:
            if self._client_tls is None:
                raise OSError("no TLS is set up here")
            self._client_context = self._client_tls()
        return self._client_context

    def _not_connected(self, hop: StreamHop, error: BaseException) -> None:
        place = _place(hop)
        failures = self._backoff.get(place, (0, 0.0))[0]
        pause_s = min(self.limits.backoff_s * 2**failures, self.limits.backoff_most_s)
        self._backoff[place] = (min(failures + 1, 30), self.monotonic() + pause_s)
        if place not in self._named and len(self._named) < MAX_NAMED:
            self._named.add(place)
            log.warning("cannot connect", to=shown(hop), host=hop.name or hop.host, cause=in_words(error))
        self._waiting.pop(place, None)
        self._tell(hop)

    def _tell(self, hop: StreamHop) -> None:
        if not self._closed:
            self.failed(hop)

    # -- the links' side --

    def admit(self, link: _Link, host: str) -> bool:
        """Number a new connection; False: there is no room for it."""
        limits = self.limits
        if link.target is None:
            if self._incoming.total() >= limits.incoming or self._incoming[host] >= limits.incoming_of_one:
                self.refused += 1
                return False
            self._incoming[host] += 1
        self._last_flow += 1
        link.flow = self._last_flow
        self._by_flow[link.flow] = link
        if link.target is not None:
            self._by_place[_place(link.target)] = link
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(limits.sweep_s, self._sweep)
        return True

    def lost(self, link: _Link, host: str) -> None:
        """It is gone."""
        self._by_flow.pop(link.flow, None)
        if self._gone is not None:
            self._gone.set()
        if link.target is not None:
            if self._by_place.get(_place(link.target)) is link:
                del self._by_place[_place(link.target)]
        else:
            self._incoming[host] -= 1
            if self._incoming[host] <= 0:
                del self._incoming[host]
        self._tell(link.hop)

    def _sweep(self) -> None:
        now = self.monotonic()
        for link in tuple(self._by_flow.values()):
            link.look(now)
        self._sweeper = self._loop.call_later(self.limits.sweep_s, self._sweep) if self._by_flow else None


class _Link(asyncio.Protocol):
    """One connection. `target`: where we made it to, None for one that was made to us."""

    def __init__(self, streams: Streams, transport: str, target: StreamHop | None) -> None:
        self.target = target
        self.flow = 0
        self._streams = streams
        self._kind = transport
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._peer: Address = ("", 0)
        self._active_at = self._pinged_at = streams.monotonic()

    @property
    def hop(self) -> StreamHop:
        """Where to send what shall go by this connection."""
        if self.target is not None:
            return self.target._replace(flow=self.flow)
        return StreamHop(*self._peer, self._kind, "", self.flow)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast(asyncio.Transport, transport)  # uvloop's are of no such class
        peer = transport.get_extra_info("peername") or ("", 0)
        self._peer = (str(peer[0]), int(peer[1]))
        if not self._streams.admit(self, self._peer[0]):
            self._transport = None
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        now = self._active_at = self._streams.monotonic()
        messages = self._framer.feed(data, now)
        if self._framer.pings:
            self._framer.pings = 0
            self._transport.write(_PONG)
        if messages:
            self._streams.deliver(messages, self.hop)
        self._end_if_faulty()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport = None
            if exc is not None:
                log.debug("connection lost", peer=shown(self.hop), cause=in_words(exc))
            self._streams.lost(self, self._peer[0])

    def write(self, data: bytes) -> None:
        """Nothing is told of what is not taken any more: `connection_lost` follows."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > self._streams.limits.unwritten:
            log.warning("ending a connection whose far end does not read", peer=shown(self.hop))
            transport.abort()
            return
        self._active_at = self._streams.monotonic()
        transport.write(data)

    def look(self, now: float) -> None:
        """End it when it is idle or slow; keep it alive when it is ours."""
        limits = self._streams.limits
        self._framer.check(now)
        self._end_if_faulty()
        if self._transport is None:
            return
        if now - self._active_at >= limits.idle_s:
            self._transport.close()
        elif self.target is not None and now - self._pinged_at >= limits.ping_s:
            self._pinged_at = now
            self._transport.write(_PING)  # not `write`: a ping alone keeps nothing from being idle

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _end_if_faulty(self) -> None:
        if self._framer.fault is not None and self._transport is not None:
            self._streams.refused += 1
            log.debug("ending a connection", peer=shown(self.hop), cause=self._framer.fault.value)
            self._transport.abort()


def _place(hop: StreamHop) -> _Place:
    return hop.host, hop.port, hop.transport, hop.name
