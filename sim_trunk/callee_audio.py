"""The sound of the people called: a socket each, one shared ticker of 20 ms for all who speak."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable

from dialer.media.g711 import ULAW_TO_ALAW
from dialer.media.rtcp import is_rtcp
from dialer.media.rtp import FRAME_SAMPLES, PCMA, RtpSender
from dialer.media.telephone_event import DigitWriter
from dialer.sip.sdes import Keys
from dialer.telephony.media_server.srtp import Srtp
from dialer.telephony.udp import Address, bind_udp, drain, send
from sim_trunk.protection import protection
from sim_trunk.utterances import Utterance
from sim_trunk.voices import agent_frame

TICK_S = 0.02
MOST_TICKS_MADE_UP = 5
"""After a stall so many packets are sent at once, as a real source does; the rest is lost."""

PACKET_OCTETS = 2_048
RTP_OCTETS = 12


_AGENTS = frozenset({agent_frame(), agent_frame().translate(ULAW_TO_ALAW)})


class CalleeAudio:
    """One callee's end of the audio. `on_heard` is called for the caller's first packet once `listen` said so."""

    def __init__(self, floor: AudioFloor, sock: socket.socket, on_heard: Callable[[], None]) -> None:
        self.port: int = sock.getsockname()[1]
        self.packets_in = 0
        self.packets_out = 0
        self._floor = floor
        self._socket = sock
        self._on_heard: Callable[[], None] | None = on_heard
        self._listening = False
        self._says: Utterance | None = None
        self._said = 0  # frames
        self._alaw = False
        self._remote: Address | None = None
        self._sender: RtpSender | None = None
        self._digits: DigitWriter | None = None
        self._event_type = -1
        self._heard = b""
        self._srtp: Srtp | None = None

    def speak(self, says: Utterance | None, remote: Address, payload_type: int) -> None:
        """Send this to `remote` from the next tick on; None sends nothing."""
        self._says, self._said, self._remote = says, 0, remote
        self._alaw = payload_type == PCMA
        self._sender = self._floor.sender(payload_type)
        if says is not None:
            self._floor.add(self)

    def move(self, remote: Address | None) -> None:
        """The caller wants its audio somewhere else; None: on hold, it wants none."""
        self._remote = remote

    def protect(self, keys: Keys | None) -> None:
        """From now on audio is SRTP both ways, and what is not is dropped; None: it is not protected."""
        self._srtp = protection(self._srtp, keys)

    def listen(self) -> None:
        """From now on the caller is heard."""
        self._listening = True

    @property
    def hears_agent(self) -> bool:
        """Whether what was heard last is the voice of a simulated agent."""
        return self._heard in _AGENTS

    def press(self, key: str, payload_type: int) -> None:
        """Press a key: 100 ms of telephone events (RFC 4733) of this payload type, instead of the voice."""
        self._event_type = payload_type
        if self._digits is None:
            self._digits = DigitWriter(key)
        else:
            self._digits.add(key)
        self._floor.add(self)

    def tick(self) -> None:
        """Send one packet."""
        if self._remote is None or self._sender is None:
            return
        if self._digits is not None:
            self._tick_digits(self._digits, self._remote, self._sender)
            return
        if self._says is None:
            return
        sound = self._says.frame(self._said)
        self._said += 1
        if self._alaw:
            sound = sound.translate(ULAW_TO_ALAW)
        self._send(self._sender.packet(sound), self._remote)

    def _send(self, packet: bytes, remote: Address) -> None:
        if self._srtp is not None:
            packet = self._srtp.protect(packet)
        if send(self._socket, packet, remote):
            self.packets_out += 1

    def _tick_digits(self, digits: DigitWriter, remote: Address, sender: RtpSender) -> None:
        part = digits.next()
        if not digits:
            self._digits = None
        if part is None:
            sender.skip(FRAME_SAMPLES)
            return
        marker, payload, behind = part
        self._send(sender.event(self._event_type, marker, payload, behind), remote)

    def close(self) -> None:
        self._floor.remove(self)
        self._socket.close()

    @property
    def fileno(self) -> int:
        return self._socket.fileno()

    def readable(self) -> None:
        """A packet of the caller has come."""
        for data, _ in drain(self._socket, PACKET_OCTETS, 1):
            # Reports go to the port after another's, which may be ours: the kernel hands out odd ones too.
            if len(data) < RTP_OCTETS or data[0] >> 6 != 2 or is_rtcp(data):
                continue
            packet = data if self._srtp is None else self._srtp.unprotect(data)
            if packet is None:
                continue
            self.packets_in += 1
            self._heard = packet[RTP_OCTETS:]
            if self._listening and self._on_heard is not None:
                heard, self._on_heard = self._on_heard, None
                heard()


class AudioFloor:
    """All callees' audio on one host. `rng` chooses SSRCs and first sequence numbers."""

    def __init__(self, host: str, rng: random.Random) -> None:
        self.host = host
        self._rng = rng
        self._loop = asyncio.get_running_loop()
        self._open: dict[int, CalleeAudio] = {}
        self._speaking: dict[int, CalleeAudio] = {}
        self._timer: asyncio.Handle | None = None
        self._next_tick = 0.0

    def open(self, on_heard: Callable[[], None]) -> CalleeAudio:
        """Audio on a port of the kernel's choice. Raises `AddressUnavailable`."""
        audio = CalleeAudio(self, bind_udp(self.host, 0), on_heard)
        self._open[id(audio)] = audio
        self._loop.add_reader(audio.fileno, audio.readable)
        return audio

    @property
    def open_count(self) -> int:
        return len(self._open)

    def sender(self, payload_type: int) -> RtpSender:
        """A new stream."""
        bits = self._rng.getrandbits
        return RtpSender(bits(32), bits(16), bits(32), payload_type)

    def add(self, audio: CalleeAudio) -> None:
        """It speaks from the next tick on."""
        self._speaking[id(audio)] = audio
        if self._timer is None:
            self._next_tick = self._loop.time()
            self._timer = self._loop.call_soon(self._tick)

    def remove(self, audio: CalleeAudio) -> None:
        """It is over; its socket is no longer read."""
        self._speaking.pop(id(audio), None)
        if self._open.pop(id(audio), None) is not None:
            self._loop.remove_reader(audio.fileno)

    def close(self) -> None:
        for audio in tuple(self._open.values()):
            audio.close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self._timer = None
        if not self._speaking:
            return
        behind = int((self._loop.time() - self._next_tick) / TICK_S)
        for _ in range(1 + min(behind, MOST_TICKS_MADE_UP)):
            for audio in tuple(self._speaking.values()):
                audio.tick()
        self._next_tick += TICK_S * (1 + behind)
        self._timer = self._loop.call_at(self._next_tick, self._tick)
