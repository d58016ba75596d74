from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from dialer.media.g711 import ULAW_TO_ALAW
from dialer.media.rtp import PCMA, PCMU, RtpPacket
from dialer.telephony.udp import bind_udp
from sim_trunk.callee import Persona
from sim_trunk.callee_audio import AudioFloor
from sim_trunk.utterances import Tones, Utterance
from sim_trunk.voices import frame, recognise

HOST = "127.0.0.1"


def says(persona: Persona) -> Utterance | None:
    return Tones().of(persona, "+442079460000", 1)


@contextmanager
def floor() -> Iterator[tuple[AudioFloor, socket.socket]]:
    audio = AudioFloor(HOST, random.Random(1))
    with bind_udp(HOST, 0) as ear:
        try:
            yield audio, ear
        finally:
            audio.close()
    assert audio.open_count == 0


async def hears(ear: socket.socket) -> RtpPacket:
    async with asyncio.timeout(5.0):
        return RtpPacket.parse(await asyncio.get_running_loop().sock_recv(ear, 2_000))


async def test_fifty_packets_a_second_on_average() -> None:
    with floor() as (audio, ear):
        loop = asyncio.get_running_loop()
        voice = audio.open(lambda: None)
        started = loop.time()
        voice.speak(says(Persona.VOICEMAIL), ear.getsockname(), PCMU)
        for _ in range(11):
            await hears(ear)
        # Ten intervals of 20 ms; a stall of the machine is made up for, so only earliness is a fault.
        assert loop.time() - started > 0.17
        assert voice.packets_out >= 11


async def test_the_stream_is_of_the_persona_and_in_order() -> None:
    with floor() as (audio, ear):
        audio.open(lambda: None).speak(says(Persona.SCREENING), ear.getsockname(), PCMU)
        packets = [await hears(ear) for _ in range(4)]
        assert {recognise(packet.payload) for packet in packets} == {Persona.SCREENING}
        first = packets[0]
        assert [p.sequence for p in packets] == [(first.sequence + n) & 0xFFFF for n in range(4)]
        assert [p.timestamp for p in packets] == [(first.timestamp + 160 * n) & 0xFFFFFFFF for n in range(4)]
        assert [p.marker for p in packets] == [True, False, False, False]


async def test_a_law_for_callers_who_want_it() -> None:
    with floor() as (audio, ear):
        audio.open(lambda: None).speak(says(Persona.RIGHT_PARTY), ear.getsockname(), PCMA)
        packet = await hears(ear)
        assert packet.payload_type == PCMA
        sound = frame(Persona.RIGHT_PARTY)
        assert sound is not None
        assert packet.payload == sound.translate(ULAW_TO_ALAW)


async def test_the_caller_is_heard_once_and_only_when_listening() -> None:
    heard: list[int] = []
    news = asyncio.Event()
    with floor() as (audio, ear):

        def on_heard() -> None:
            heard.append(voice.packets_in)
            news.set()

        voice = audio.open(on_heard)
        packet = RtpPacket(PCMU, 1, 1, 1, b"\xff" * 160).pack()
        ear.sendto(packet, (HOST, voice.port))
        ear.sendto(b"no RTP", (HOST, voice.port))
        ear.sendto(packet, (HOST, voice.port))
        async with asyncio.timeout(5.0):
            while voice.packets_in < 2:
                await asyncio.sleep(0)
        assert heard == []
        voice.listen()
        for _ in range(3):
            ear.sendto(packet, (HOST, voice.port))
        async with asyncio.timeout(5.0):
            await news.wait()
            while voice.packets_in < 5:
                await asyncio.sleep(0)
        assert heard == [3]


async def test_one_who_moved_is_followed_and_one_who_left_is_silent() -> None:
    with floor() as (audio, ear), bind_udp(HOST, 0) as elsewhere:
        voice = audio.open(lambda: None)
        voice.speak(says(Persona.RIGHT_PARTY), ear.getsockname(), PCMU)
        await hears(ear)
        voice.move(elsewhere.getsockname())
        await hears(elsewhere)
        voice.move(None)  # on hold
        sent = voice.packets_out
        voice.tick()
        assert voice.packets_out == sent
        voice.close()
        second = audio.open(lambda: None)
        second.speak(says(Persona.GATEKEEPER), ear.getsockname(), PCMU)
        while recognise((await hears(ear)).payload) is not Persona.GATEKEEPER:
            pass
        assert voice.packets_out == sent
