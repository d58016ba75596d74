"""Phones for tests of the media: they say tones, and tell which tones they hear."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Callable, Iterable
from pathlib import Path

from dialer.media.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW, ulaw_decode
from dialer.media.rtp import PCMA, PCMU, RtpPacket
from dialer.media.tones import tone_frame
from dialer.telephony.media_server.srtp import Srtp
from dialer.telephony.udp import Address, bind_udp

HOST = "127.0.0.1"
PATIENCE_S = 5.0
"""How long a condition may take before a test fails; nothing waits for it when things go well."""

HEARD = 0.02
"""Share of a tone in the power of what is heard, from which on it is heard."""


def share_of(hz: int, ulaw: bytes) -> float:
    """Goertzel: which share of the power of this sound is a tone of `hz`."""
    samples = ulaw_decode(ulaw)
    turn = 2.0 * math.cos(2.0 * math.pi * hz / 8_000)
    before = earlier = 0.0
    for sample in samples:
        before, earlier = sample + turn * before - earlier, before
    power = before * before + earlier * earlier - turn * before * earlier
    whole = sum(sample * sample for sample in samples) * len(samples) / 2.0
    return power / whole if whole else 0.0


def tones_in(ulaw: bytes, among: Iterable[int]) -> set[int]:
    """Which of these tones are in the sound."""
    return {hz for hz in among if share_of(hz, ulaw) > HEARD}


class FarEnd:
    """One phone. `hz`: the tone it says. `srtp`: what its audio is protected with; what it cannot make sense of
    then is counted in `refused`."""

    def __init__(self, hz: int = 400, codec: int = PCMU, host: str = HOST) -> None:
        self.socket: socket.socket = bind_udp(host, 0)
        self.address: Address = self.socket.getsockname()
        self.codec = codec
        self.hz = hz
        self.packets: list[RtpPacket] = []
        self.port: Address = (HOST, 0)
        self.ssrc = hz
        self.sequence = 0
        self.timestamp = 0
        self.srtp: Srtp | None = None
        self.refused = 0
        frame = tone_frame(hz)
        self.frame = frame if codec == PCMU else frame.translate(ULAW_TO_ALAW)

    def say(self, payload: bytes | None = None, codec: int | None = None, to: Address | None = None) -> None:
        """20 ms: its tone, or something else."""
        self.sequence += 1
        self.timestamp += 160
        packet = RtpPacket(
            self.codec if codec is None else codec, self.sequence, self.timestamp, self.ssrc, payload or self.frame
        ).pack()
        self.socket.sendto(packet if self.srtp is None else self.srtp.protect(packet), to or self.port)

    def take(self) -> list[RtpPacket]:
        """What has come and was not taken before."""
        came = []
        while True:
            try:
                data: bytes | None = self.socket.recv(2_048)
                if self.srtp is not None and data:
                    data = self.srtp.unprotect(data)
                    self.refused += data is None
                if data:
                    came.append(RtpPacket.parse(data))
            except BlockingIOError:
                self.packets += came
                return came

    async def hears(self, count: int = 1) -> list[RtpPacket]:
        """Wait for so many packets more; those."""
        came: list[RtpPacket] = []
        async with asyncio.timeout(PATIENCE_S):
            while len(came) < count:
                came += self.take()
                await asyncio.sleep(0.001)
        return came

    @property
    def heard(self) -> bytes:
        """Everything it heard, as µ-law."""
        self.take()
        return b"".join(
            packet.payload.translate(ALAW_TO_ULAW) if packet.payload_type == PCMA else packet.payload
            for packet in self.packets
            if packet.payload_type in (PCMU, PCMA)
        )

    def close(self) -> None:
        self.socket.close()


async def talk(phones: Iterable[FarEnd], seconds: float) -> None:
    """All of them say their tones, in time."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    phones = tuple(phones)
    for _ in range(round(seconds / 0.02)):
        for phone in phones:
            phone.say()
        due += 0.02
        await asyncio.sleep(max(0.0, due - loop.time()))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it; fails after `PATIENCE_S`."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


def channels_of(wav: Path) -> tuple[bytes, bytes]:
    """Left and right µ-law of a recording, as far as its header says that there is sound."""
    data = wav.read_bytes()
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WAVE"
    assert data[50:54] == b"data"
    size = int.from_bytes(data[54:58], "little")
    assert int.from_bytes(data[4:8], "little") == size + 50
    assert len(data) >= 58 + size
    sound = data[58 : 58 + size]
    return sound[0::2], sound[1::2]
