"""One SIP user agent on its UDP socket, or one of each IP version: the thin shell around
`dialer.sip.user_agent`."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, Protocol, TypeVar

import structlog

from dialer.sip.call_notes import CallNote
from dialer.sip.events import Dropped, SipEvent
from dialer.sip.hop import Hop, StreamHop, shown
from dialer.telephony.errors import AddressUnavailable
from dialer.telephony.streams import Streams
from dialer.telephony.udp import Address, bind_udp, drain
from dialer.telephony.udp_errors import ask_for_errors, errors_of

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

RECEIVE_BUFFER = 4 * 1024 * 1024
"""Octets; a burst of answers must not be lost because the process was busy for some milliseconds."""

MAX_NAMED_DESTINATIONS = 64
"""So many that cannot be sent to are named in the log, once each; beyond, they are only counted."""

PORTS_TRIED = 8
"""A number that the kernel has chosen as free in one IP version may be taken in the other: so often another is
asked for."""

TIMER_GRAIN_S = 0.001
"""uvloop counts in milliseconds and may fire up to one early; without this much more, a deadline is met by a
burst of wake-ups that each find it is not yet time."""


class Core(Protocol):
    """What the endpoint needs of a user agent (`dialer.sip.user_agent.UserAgent`)."""

    def receive_datagram(self, data: bytes, source: Hop, now: float) -> None: ...
    def handle_timer(self, now: float) -> None: ...
    def next_deadline(self) -> float | None: ...
    def notes_to_keep(self) -> list[CallNote]: ...
    def datagrams_to_send(self) -> list[tuple[bytes, Hop]]: ...
    def unsent(self, data: bytes, now: float) -> None: ...
    def came_back(self, sent: bytes, now: float) -> None: ...
    def connection_failed(self, hop: Hop, now: float) -> None: ...
    def next_events(self) -> list[SipEvent]: ...


CoreT = TypeVar("CoreT", bound=Core)


class SipEndpoint(Generic[CoreT]):
    """Everything happens in the loop's thread. After a call into `core` from outside, call `flush` or
    `flush_soon`.

    `also`: a second address, of the other IP version; its port 0: the number that the first has got. `make_core`
    is told the addresses that were bound. `on_event(event, now)` gets everything but `Dropped`, which is logged.
    `monotonic`: seconds. `intercept(data, source, now)`, where given, sees each datagram first and says whether
    the core shall get it. `keep`: writes the core's notes down; no datagram that a note is about leaves before it.
    `streams`: connections, for what does not go over UDP. Raises `AddressUnavailable`."""

    def __init__(
        self,
        host: str,
        port: int,
        make_core: Callable[..., CoreT],
        on_event: Callable[[SipEvent, float], None],
        monotonic: Callable[[], float],
        *,
        intercept: Callable[[bytes, Address, float], bool] | None = None,
        keep: Callable[[list[CallNote]], None] | None = None,
        streams: Streams | None = None,
        also: Address | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sockets = _bind(host, port, also)
        self.addresses: list[Address] = [sock.getsockname()[:2] for sock in self._sockets]
        self.address = self.addresses[0]
        self.core = make_core(*self.addresses)
        self.unsent = 0
        """Datagrams the kernel did not take."""
        self._on_event = on_event
        self._monotonic = monotonic
        self._intercept = intercept
        self._keep = keep
        self._streams = streams
        if streams is not None:
            streams.deliver, streams.failed = self._delivered, self._connection_failed
        self._unreachable: set[Hop] = set()
        self._flushing = False
        self._flush_due = False
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        # Where there is one alone, the kernel says that it leads to no address of the other version.
        by_version = {sock.family is socket.AF_INET6: sock for sock in reversed(self._sockets)}
        self._facing = tuple(by_version.get(ipv6, self._sockets[0]) for ipv6 in (False, True))
        for sock in self._sockets:
            ask_for_errors(sock)
            self._loop.add_reader(sock.fileno(), self._readable, sock)

    @property
    def is_closed(self) -> bool:
        return self._closed

    def now(self) -> float:
        """The moment as the core counts it."""
        return self._monotonic()

    def flush(self) -> None:
        """Send what the core wants sent, tell what it has to tell, set the timer. Called again from within an
        event it leaves the work to the one that is running."""
        if not self._flushing and not self._closed:
            self._flush(self._monotonic())

    def flush_soon(self) -> None:
        """The same when the event loop has done what it is doing: what many calls want sent by then costs one look
        at the core, and one write of its notes."""
        if not self._flush_due and not self._flushing:
            self._flush_due = True
            self._loop.call_soon(self._flush_as_said)

    def _flush_as_said(self) -> None:
        self._flush_due = False
        self.flush()

    def _flush(self, now: float) -> None:
        self._flushing = True
        core = self.core
        try:
            while not self._closed:
                self._send_all(now)
                events = core.next_events()
                if not events:
                    break
                for event in events:
                    if isinstance(event, Dropped):
                        log.warning("dropping datagrams", source=shown(event.source), reason=event.reason.value)
                    else:
                        self._on_event(event, now)
        finally:
            self._flushing = False
            self._set_timer()  # also when a listener failed: no other call shall lose its timers by that

    def _send_all(self, now: float) -> None:
        if self._keep is not None and (notes := self.core.notes_to_keep()):
            self._keep(notes)
        facing = self._facing
        for data, destination in self.core.datagrams_to_send():
            if type(destination) is StreamHop:
                self._send_by_stream(data, destination)
                continue
            sock = facing[":" in destination[0]]
            try:
                try:
                    sock.sendto(data, destination)
                except BlockingIOError:
                    raise
                except OSError:
                    self._take_errors(sock, now)  # it may have been about another datagram
                    sock.sendto(data, destination)
            except BlockingIOError:
                self.unsent += 1  # a full buffer is as good as a lossy network: it will be sent again
            except (OSError, OverflowError) as error:
                self.unsent += 1
                self._name(destination, str(error))
                self.core.unsent(data, now)

    def _take_errors(self, sock: socket.socket, now: float) -> None:
        for error in errors_of(sock):
            self._name(error.to, error.why)
            self.core.came_back(error.sent, now)
        # libuv stops watching a socket that has an error; asyncio's own loop would not mind.
        self._loop.remove_reader(sock.fileno())
        self._loop.add_reader(sock.fileno(), self._readable, sock)

    def _name(self, destination: Hop, cause: str) -> None:
        if destination not in self._unreachable and len(self._unreachable) < MAX_NAMED_DESTINATIONS:
            self._unreachable.add(destination)
            log.warning("cannot send", to=shown(destination), cause=cause)

    def close(self) -> None:
        """Send what is still to be sent, then let go of the socket and the timer."""
        if self._closed:
            return
        self._send_all(self._monotonic())
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for sock in self._sockets:
            self._loop.remove_reader(sock.fileno())
            sock.close()
        if self._streams is not None:
            self._streams.close()

    async def wait_closed(self) -> None:
        """After `close`: until the connections are gone."""
        if self._streams is not None:
            await self._streams.wait_closed()

    def _send_by_stream(self, data: bytes, hop: StreamHop) -> None:
        if self._streams is not None:
            self._streams.send(data, hop)
        else:
            self._loop.call_soon(self._connection_failed, hop)

    def _delivered(self, messages: Sequence[bytes], source: StreamHop) -> None:
        if self._closed:
            return
        now = self._monotonic()
        for data in messages:
            if self._intercept is None or self._intercept(data, source[:2], now):
                self.core.receive_datagram(data, source, now)
        self._flush_unless_busy(now)

    def _connection_failed(self, hop: StreamHop) -> None:
        if not self._closed:
            now = self._monotonic()
            self.core.connection_failed(hop, now)
            self._flush_unless_busy(now)

    def _flush_unless_busy(self, now: float) -> None:
        if not self._flushing:
            self._flush(now)

    def _readable(self, sock: socket.socket) -> None:
        now = self._monotonic()
        core, intercept, on_error = self.core, self._intercept, partial(self._take_errors, sock, now)
        if intercept is None:
            receive = core.receive_datagram
            for data, source in drain(sock, on_error=on_error):
                receive(data, source, now)
        else:
            for data, source in drain(sock, on_error=on_error):
                if intercept(data, source, now):
                    core.receive_datagram(data, source, now)
        self._flush(now)

    def _set_timer(self) -> None:
        deadline = self.core.next_deadline()
        if deadline is None or self._closed:
            return
        if self._timer is not None:
            if self._timer_at <= deadline:
                return  # it fires in time and looks again: cheaper than a new timer after each datagram
            self._timer.cancel()
        self._timer_at = deadline
        self._timer = self._loop.call_later(max(0.0, deadline - self._monotonic()) + TIMER_GRAIN_S, self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = self._monotonic()
        deadline = self.core.next_deadline()
        if deadline is not None and deadline <= now:
            self.core.handle_timer(now)
            self._flush(now)
        else:
            self._set_timer()


def _bind(host: str, port: int, also: Address | None) -> list[socket.socket]:
    tries_left = PORTS_TRIED
    while True:
        first = bind_udp(host, port, receive_buffer=RECEIVE_BUFFER)
        if also is None:
            return [first]
        try:
            number = also[1] or first.getsockname()[1]
            return [first, bind_udp(also[0], number, receive_buffer=RECEIVE_BUFFER)]
        except AddressUnavailable:
            first.close()
            tries_left -= 1
            if port or also[1] or not tries_left:
                raise
