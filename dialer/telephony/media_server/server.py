"""The media server: a switchboard with real sockets and files. It does nothing by itself: `tick` is called every
few milliseconds, which is the cheapest way there is in Python to take thousands of packets a second (many legs
are read for one wake-up).
"""

from __future__ import annotations

import random
import select
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from dialer.media import orders as do
from dialer.media.events import Event, LegFigures, Notice, Ready, Standing
from dialer.media.leg import Leg
from dialer.media.splice import RtpSplice
from dialer.media.strain import Strain
from dialer.media.switchboard import Switchboard
from dialer.media.tap import AnalyserFactory
from dialer.telephony.errors import AddressUnavailable, PortsExhausted
from dialer.telephony.media_server.disk import Disk
from dialer.telephony.media_server.srtp import Srtp
from dialer.telephony.media_server.wired_leg import PACKET_OCTETS, WiredLeg
from dialer.telephony.port_pool import PortPool
from dialer.telephony.udp import Address, bind_udp

TICK_S = 0.005
ROUND_S = 0.015
MOST_ROUNDS = 10
"""For each such time since the tick before, one more packet is taken of every leg, up to so many."""

BIND_TRIES = 1_024
"""Ports tried for one leg, about ten milliseconds' worth: other programs may sit on some of the range. Those found
taken go to the end of the queue, so that the next leg does not meet them again."""

STOCK_RETRY_S = 1.0
"""When no port could be bound at all, it is tried again after this."""

MAX_PROMPT_OCTETS = 30 * 60 * 8_000


class MediaServer:
    """Binds legs at the ports of each host. `tell` gets what happens. `wall_offset`: see `Switchboard`. `stock`:
    legs of each host that are kept ready. `first_leg`: number of the first leg; those of a server before this one
    had lower ones. `now`: seconds, of the clock that `tick` is told.

    Raises `AddressUnavailable`, `PortsExhausted` when no leg can be bound.
    """

    def __init__(
        self,
        ports: Mapping[str, PortPool],
        rng: random.Random,
        tell: Callable[[Event | Notice], None],
        now: float,
        *,
        wall_offset: float,
        stock: int,
        first_leg: int = 1,
        analysers: Mapping[str, AnalyserFactory] | None = None,
    ) -> None:
        self._ports = ports
        self._rng = rng
        self._tell = tell
        self._board = Switchboard(rng, wall_offset, analysers)
        self._poll = select.epoll()
        self._audio: dict[int, WiredLeg] = {}  # by descriptor
        self._rtcp: dict[int, WiredLeg] = {}
        self._stock: dict[str, dict[int, WiredLeg]] = {host: {} for host in ports}
        self._stock_size = stock
        self._stock_at = 0.0  # when it may be filled up again
        self._next_leg = first_leg
        self._disk = Disk()
        self._strain = Strain(now)
        self._ticked_at = now
        self._wall_offset = wall_offset
        self._kept: list[tuple[WiredLeg, bytes, Address]] = []
        self._unsent = 0
        self._unverified = 0
        self._said: Standing | None = None
        try:
            self._fill(now, must=True)
        except (AddressUnavailable, PortsExhausted):
            self.close(now)
            raise
        self._stand()

    # --- orders -------------------------------------------------------------------------------------------

    def order(self, order: do.Order | do.StockOrder, now: float) -> None:
        """Carry out one order."""
        match order:
            case do.Take():
                leg = next((of.pop(order.leg) for of in self._stock.values() if order.leg in of), None)
                if leg is None:
                    self._tell_fate(order.leg, "its port was needed for a line of before")
                else:
                    self._board.add(leg)
            case do.Bind():
                self._bind(order)
            case do.Load():
                self._load(order)
            case do.Connect():
                self._connect(order, now)
            case do.Protect():
                self._protect(order)
            case do.Close():
                leg = self._leg(order.leg)
                self._board.order(order, now)
                self._flush()
                if leg is not None:
                    self._close(leg)
            case _:
                self._board.order(order, now)

    def _bind(self, order: do.Bind) -> None:
        stock, ports = self._stock[order.host], self._ports[order.host]
        ready = next((leg for leg in stock.values() if leg.port == order.port), None)
        if ready is not None:
            del stock[ready.leg]
            self._tell_fate(ready.leg, "its port is needed for a line of before")
            self._close(ready)
        try:
            ports.take(order.port)
            try:
                sock = bind_udp(order.host, order.port)
            except AddressUnavailable:
                ports.give_back(order.port)
                raise
        except (PortsExhausted, AddressUnavailable) as error:
            self._tell_fate(order.leg, str(error))
        else:
            self._board.add(WiredLeg(order.leg, sock, self._splice()))

    def _tell_fate(self, leg: int, fate: str) -> None:
        self._tell(LegFigures(leg, 0, 0, 0, 0.0, 0.0, fate=fate))

    def _load(self, order: do.Load) -> None:
        # Prepared files are small and fresh in the page cache; a campaign loads its few before it dials.
        try:
            with Path(order.path).open("rb") as file:
                self._board.load(order.prompt, file.read(MAX_PROMPT_OCTETS))
        except OSError:
            self._board.load(order.prompt, b"")

    def _connect(self, order: do.Connect, now: float) -> None:
        leg = self._leg(order.leg)
        if leg is not None:
            if order.answered and not leg.answered:
                # Early media (ringing tones, announcements) piled up meanwhile: it is not the contact's voice.
                since = order.answered_at or now
                # To be heard with the next tick, when it is known by whom.
                self._kept += [(leg, *came) for came in leg.drain(since + self._wall_offset)]
            if not leg.reading:
                leg.reading = True
                descriptor = leg.socket.fileno()
                self._audio[descriptor] = leg
                self._poll.register(descriptor, select.EPOLLIN)
            if order.rtcp_port and not order.rtcp_mux and leg.rtcp is None:
                sock = leg.open_rtcp()
                if sock is not None:
                    self._rtcp[sock.fileno()] = leg
                    self._poll.register(sock.fileno(), select.EPOLLIN)
        self._board.order(order, now)

    def _protect(self, order: do.Protect) -> None:
        leg = self._leg(order.leg)
        if leg is None:
            return
        if not order.suite:
            leg.srtp = None
        elif leg.srtp is None:
            leg.srtp = Srtp(order)
        else:
            leg.srtp.change(order)

    def _leg(self, number: int) -> WiredLeg | None:
        leg = self._board.legs.get(number)
        return leg if isinstance(leg, WiredLeg) else None

    def _close(self, leg: WiredLeg) -> None:
        self._audio.pop(leg.socket.fileno(), None)
        if leg.rtcp is not None:
            self._rtcp.pop(leg.rtcp.fileno(), None)
        leg.close(self._poll)
        self._ports[leg.host].give_back(leg.port)
        self._stock_at = 0.0

    # --- time ---------------------------------------------------------------------------------------------

    def tick(self, now: float, late_s: float = 0.0, clock: Callable[[], float] | None = None) -> None:
        """Take what has come, send what is due. `late_s`: after its time. `clock`: to see how long it took."""
        # One packet each time: at 50 a second there is hardly ever a second one, and asking for it costs as much
        # as taking one. Where there is, the next tick takes it, after everybody else had their turn. But after a
        # pause of ours every leg has more than one.
        rounds = 1 + min(MOST_ROUNDS, int((now - self._ticked_at) / ROUND_S))
        self._ticked_at = now
        for leg, data, source in self._kept:
            if leg.srtp is None or (data := self._unprotected(leg.srtp, data)):
                self._board.receive(leg, data, source, now)
        self._kept.clear()
        while rounds and self._read(now):
            rounds -= 1
        self._board.tick(now)
        self._flush()
        if now >= self._stock_at and any(len(legs) < self._stock_size for legs in self._stock.values()):
            self._fill(now)
        if self._strain.ticked(late_s, 0.0 if clock is None else clock() - now, now):
            self._stand()

    def _read(self, now: float) -> bool:
        """Take one packet of each leg that has some. False: none had."""
        receive = self._board.receive
        legs = self._audio
        ready = self._poll.poll(0)
        for descriptor, _ in ready:
            leg = legs.get(descriptor)
            if leg is None:
                self._read_rtcp(descriptor, now)
                continue
            try:
                data, source = leg.socket.recvfrom(PACKET_OCTETS)
            except OSError:
                continue  # an ICMP error of an earlier send, or nothing after all
            if len(source) > 2:
                source = source[:2]  # IPv6: without flow label and zone
            if leg.srtp is None or (data := self._unprotected(leg.srtp, data)):
                receive(leg, data, source, now)
        return bool(ready)

    def _unprotected(self, srtp: Srtp, data: bytes) -> bytes:
        """Empty, and counted, when it does not come from whoever has the key."""
        plain = srtp.unprotect(data)
        self._unverified += plain is None
        return plain or b""

    @property
    def is_idle(self) -> bool:
        """Nothing is to be done until an order comes."""
        return not self._audio and not self._disk.is_busy and self._board.is_idle

    def watch(self, descriptor: int) -> None:
        """Let `wait` end when there is something to be read from it."""
        self._poll.register(descriptor, select.EPOLLIN)

    def wait(self, timeout_s: float) -> None:
        """While idle: until something comes."""
        self._poll.poll(timeout_s)

    def _read_rtcp(self, descriptor: int, now: float) -> None:
        leg = self._rtcp.get(descriptor)
        if leg is None or leg.rtcp is None:
            return  # watched by whoever called `watch`, or closed by now
        try:
            data, source = leg.rtcp.recvfrom(PACKET_OCTETS)
        except OSError:
            return
        if leg.srtp is None or (data := self._unprotected(leg.srtp, data)):
            self._board.receive_report(leg, data, source[:2], now)

    def _flush(self) -> None:
        board = self._board
        if board.out:
            for leg, packet in board.out:
                srtp: Srtp | None = leg.srtp  # type: ignore[attr-defined]
                try:
                    wire = packet if srtp is None else srtp.protect(packet)
                    leg.socket.sendto(wire, leg.remote)  # type: ignore[attr-defined]
                except OSError:
                    self._unsent += 1
            board.out.clear()
        for leg, packet in board.reports:
            self._send_report(leg, packet)
        board.reports.clear()
        for work in board.files:
            self._disk.put(work)
        board.files.clear()
        while (recorded := self._disk.told()) is not None:
            if recorded.failed:
                board.recording_failed(recorded.leg, recorded.recording)
            board.events.append(recorded)
        for event in board.events:
            self._tell(event)
        board.events.clear()

    def _send_report(self, leg: Leg, packet: bytes) -> None:
        if not isinstance(leg, WiredLeg) or leg.reports is None:
            return
        sock, to = (leg.socket, leg.remote) if leg.reports.mux else (leg.rtcp, leg.reports.to)
        if sock is None or to is None:
            return
        try:
            sock.sendto(packet if leg.srtp is None else leg.srtp.protect_report(packet), to)
        except (OSError, OverflowError):
            self._unsent += 1

    # --- stock --------------------------------------------------------------------------------------------

    def _fill(self, now: float, *, must: bool = False) -> None:
        """`must`: raise what keeps the first leg of a host from being bound."""
        for host, stock in self._stock.items():
            while len(stock) < self._stock_size:
                try:
                    leg = self._open(host)
                except (PortsExhausted, AddressUnavailable):
                    self._stock_at = now + STOCK_RETRY_S
                    if must and not stock:
                        raise
                    break
                stock[leg.leg] = leg
                self._tell(Ready(leg.leg, leg.port, host))

    def _open(self, host: str) -> WiredLeg:
        ports = self._ports[host]
        refused: list[int] = []
        try:
            while True:
                port = ports.take()
                try:
                    sock = bind_udp(host, port)
                except AddressUnavailable as error:
                    refused.append(port)
                    if not error.in_use or len(refused) >= BIND_TRIES:
                        raise
                    continue
                number, self._next_leg = self._next_leg, self._next_leg + 1
                return WiredLeg(number, sock, self._splice())
        finally:
            for port in refused:
                ports.give_back(port)

    def _splice(self) -> RtpSplice:
        bits = self._rng.getrandbits
        return RtpSplice(bits(32), bits(16), bits(32))

    # --- standing and end ---------------------------------------------------------------------------------

    def _stand(self) -> None:
        strain = self._strain
        standing = Standing(
            min(ports.free for ports in self._ports.values()),
            strain.strained,
            round(strain.busy, 3),
            round(strain.late_s, 4),
            tuple(self.counters.items()),
        )
        if standing != self._said:
            self._said = standing
            self._tell(standing)

    @property
    def counters(self) -> dict[str, int]:
        """Packets since the start: `dialer.media.switchboard.Counters`, those that the kernel did not take or that
        might not be protected, and those that came without the protection agreed."""
        return asdict(self._board.counters) | {"unsent": self._unsent, "unverified": self._unverified}

    @property
    def open_legs(self) -> int:
        """Reserved and not closed."""
        return len(self._board.legs)

    def close(self, now: float) -> None:
        """End every leg, let go of every socket, port and file. Recordings are complete afterwards."""
        for leg in tuple(self._board.legs):
            self.order(do.Close(leg), now)
        for stock in self._stock.values():
            for ready in stock.values():
                self._close(ready)
            stock.clear()
        self._disk.close()
        self._flush()
        self._poll.close()
