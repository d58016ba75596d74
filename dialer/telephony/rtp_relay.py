"""Passes audio between contacts and agents, packet by packet.

Every contact and every agent's line has a socket of its own. A contact's socket is bound before its INVITE
leaves, so that the port in the offer is ours, and read only from the answer on.
"""

from __future__ import annotations

import asyncio
import logging
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass

from dialer.media.rtp import PCMU, RtpSplice
from dialer.telephony.errors import AddressUnavailable, LegExists, NoSuchLeg
from dialer.telephony.port_pool import PortPool
from dialer.telephony.udp import Address, bind_udp, drain, send

log = logging.getLogger("dialer.telephony")

PACKET_OCTETS = 2_048
BIND_TRIES = 128
"""Ports tried for one leg, about a millisecond's worth: other programs may sit on some of the range. Those found
taken go to the end of the queue, so that the next leg does not meet them again."""

STALE_PACKETS = 1_024
"""More than the kernel keeps for one socket by default."""

RTP_OCTETS = 12
FirstAudio = Callable[[int, float], None]


@dataclass(slots=True)
class RelayCounters:
    """Packets since the start. `unexpected`: from a source that is not the other end of the leg. `unheard`:
    came while the leg was not joined or the other on hold, or no speech. `unsent`: not taken by the kernel."""

    relayed: int = 0
    unexpected: int = 0
    unheard: int = 0
    unsent: int = 0


class _Leg:
    """One socket, and whoever is at its other end."""

    __slots__ = (
        "announced",
        "answered_at",
        "heard",
        "held",
        "latched",
        "partner",
        "port",
        "reading",
        "remote",
        "socket",
        "splice",
    )

    def __init__(self, sock: socket.socket, port: int, splice: RtpSplice) -> None:
        self.socket = sock
        self.port = port
        self.splice = splice  # what this leg's far end hears
        self.announced: Address | None = None  # where the far end said it wants its audio
        self.remote: Address | None = None  # where it gets it
        self.held = False  # it wants no audio
        self.latched = False  # the far end has been heard from `remote`
        self.partner: _Leg | None = None
        self.reading = False
        self.answered_at = 0.0
        self.heard: Callable[[float], None] | None = None  # waits for the first packet passed on

    def expects(self, source: Address, data: bytes) -> bool:
        """Symmetric RTP (RFC 4961): far ends behind an address translator send from another port than they
        announced. The first packet from the announced host settles it, unless the announced port speaks later:
        then the first was a late one of the call that had our port before. Strangers are never listened to."""
        if self.remote is None or (self.latched and source != self.announced):
            return False
        if source[0] != self.remote[0] or len(data) < RTP_OCTETS or data[0] >> 6 != 2:
            return False
        self.remote = source
        self.latched = True
        return True


class RtpRelay:
    """`host`: our address, where far ends send to. `rng` chooses what RFC 3550 wants random. `monotonic`:
    seconds."""

    def __init__(self, host: str, ports: PortPool, rng: random.Random, monotonic: Callable[[], float]) -> None:
        self.host = host
        self.counters = RelayCounters()
        self._ports = ports
        self._rng = rng
        self._monotonic = monotonic
        self._loop = asyncio.get_running_loop()
        self._contacts: dict[int, _Leg] = {}
        self._lines: dict[str, _Leg] = {}

    # --- contacts -----------------------------------------------------------------------------------------

    def open_contact(self, attempt_id: int) -> int:
        """A bound RTP port for the call. Raises `PortsExhausted`, `AddressUnavailable`."""
        if attempt_id in self._contacts:
            raise LegExists(f"attempt {attempt_id} has an RTP port already")
        leg = self._contacts[attempt_id] = self._open()
        return leg.port

    def set_remote(
        self,
        attempt_id: int,
        remote: Address,
        answered_at: float,
        *,
        payload_type: int = PCMU,
        held: bool = False,
    ) -> None:
        """The contact answered, or moved: where its audio goes, in which codec, and whether it wants none for
        the moment. `answered_at`: moment of the 200. Raises `NoSuchLeg`."""
        leg = self._contact(attempt_id)
        if not leg.reading:
            # Early media (ringing tones, announcements) piled up meanwhile: it is not the contact's voice.
            for _ in drain(leg.socket, PACKET_OCTETS, STALE_PACKETS):
                pass
            leg.answered_at = answered_at
            self._read(leg)
        leg.remote = leg.announced = remote
        leg.held = held
        leg.latched = False
        if payload_type != leg.splice.payload_type:
            leg.splice = self._splice(payload_type)

    def join(self, attempt_id: int, agent_id: str, on_first_audio: FirstAudio) -> None:
        """From now on both hear each other. `on_first_audio(attempt_id, latency_s)` is called once, when the
        contact's first packet goes to the agent. Raises `NoSuchLeg`."""
        contact, line = self._contact(attempt_id), self._line(agent_id)
        for leg in (contact, line):
            self._part(leg)
        contact.partner, line.partner = line, contact
        contact.heard = lambda now: on_first_audio(attempt_id, now - contact.answered_at)

    def part(self, attempt_id: int) -> None:
        """Neither hears the other any more. Raises `NoSuchLeg`."""
        self._part(self._contact(attempt_id))

    def close_contact(self, attempt_id: int) -> None:
        """The port is free again. Nothing happens when it was not open."""
        leg = self._contacts.pop(attempt_id, None)
        if leg is not None:
            self._close(leg)

    # --- agents' lines ------------------------------------------------------------------------------------

    def open_line(self, agent_id: str, remote: Address) -> Address:
        """An agent's phone at `remote`: where it shall send to. Raises `LegExists`, `PortsExhausted`,
        `AddressUnavailable`."""
        if agent_id in self._lines:
            raise LegExists(f"agent {agent_id} has a line already")
        leg = self._lines[agent_id] = self._open()
        leg.remote = leg.announced = remote
        self._read(leg)
        return self.host, leg.port

    def close_line(self, agent_id: str) -> None:
        """Nothing happens when it was not open."""
        leg = self._lines.pop(agent_id, None)
        if leg is not None:
            self._close(leg)

    # --- all ----------------------------------------------------------------------------------------------

    @property
    def open_legs(self) -> int:
        return len(self._contacts) + len(self._lines)

    def close(self) -> None:
        """Every socket closed, every port given back."""
        for leg in (*self._contacts.values(), *self._lines.values()):
            self._close(leg)
        self._contacts.clear()
        self._lines.clear()

    def _open(self) -> _Leg:
        refused: list[int] = []
        try:
            while True:
                port = self._ports.take()
                try:
                    sock = bind_udp(self.host, port)
                except AddressUnavailable as error:
                    refused.append(port)
                    if not error.in_use or len(refused) >= BIND_TRIES:
                        raise
                    continue
                return _Leg(sock, port, self._splice(PCMU))
        finally:
            for port in refused:
                self._ports.give_back(port)

    def _splice(self, payload_type: int) -> RtpSplice:
        bits = self._rng.getrandbits
        return RtpSplice(bits(32), bits(16), bits(32), payload_type)

    def _read(self, leg: _Leg) -> None:
        leg.reading = True
        self._loop.add_reader(leg.socket.fileno(), self._readable, leg)

    def _readable(self, leg: _Leg) -> None:
        # One packet each time: at 50 a second there is hardly ever a second one, and asking for it costs as much
        # as taking one. Where there is, the loop calls again, after everybody else had their turn.
        try:
            data, source = leg.socket.recvfrom(PACKET_OCTETS)
        except BlockingIOError:
            return
        except OSError as error:
            log.debug("receiving on RTP port %d: %s", leg.port, error)
            return
        if len(source) > 2:
            source = source[:2]  # IPv6: without flow label and zone
        counters = self.counters
        if not (leg.latched and source == leg.remote) and not leg.expects(source, data):
            counters.unexpected += 1
            return
        partner = leg.partner
        if partner is None or partner.remote is None or partner.held:
            counters.unheard += 1
            return
        packet = partner.splice.packet(data, self._monotonic())
        if packet is None:
            counters.unheard += 1
        elif not send(partner.socket, packet, partner.remote):
            counters.unsent += 1
        else:
            counters.relayed += 1
            if leg.heard is not None:
                told, leg.heard = leg.heard, None
                told(self._monotonic())

    def _part(self, leg: _Leg) -> None:
        partner = leg.partner
        if partner is not None:
            for end in (leg, partner):
                end.partner = end.heard = None
                end.splice.cut()

    def _close(self, leg: _Leg) -> None:
        self._part(leg)
        if leg.reading:
            leg.reading = False
            self._loop.remove_reader(leg.socket.fileno())
        leg.socket.close()
        self._ports.give_back(leg.port)

    def _contact(self, attempt_id: int) -> _Leg:
        leg = self._contacts.get(attempt_id)
        if leg is None:
            raise NoSuchLeg(f"attempt {attempt_id} has no RTP port")
        return leg

    def _line(self, agent_id: str) -> _Leg:
        leg = self._lines.get(agent_id)
        if leg is None:
            raise NoSuchLeg(f"agent {agent_id} has no line; open one when the agent logs in")
        return leg
