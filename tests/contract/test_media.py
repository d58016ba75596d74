"""One contract over whoever carries the audio: the media process, and the same server in the test's own loop.

Who is heard is proven by tone. Everything runs over real sockets.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_asyncio

from dialer.media.events import (
    Collected,
    Digit,
    FirstHeard,
    Heard,
    HeardAgain,
    LegFigures,
    Played,
    Recorded,
    Silent,
)
from dialer.media.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from dialer.media.orders import (
    Bridge,
    Close,
    Collect,
    Connect,
    Listen,
    Load,
    PauseRecording,
    Play,
    Record,
    SendDigits,
    StopPlaying,
    StopRecording,
)
from dialer.media.rtp import PCMA, PCMU, RtpPacket
from dialer.media.telephone_event import DIGITS
from dialer.media.tones import tone_frame
from dialer.ports.media import Media, MediaEvent, NoMediaRoom, ReservedLeg
from dialer.telephony.media_process import start_media_process
from tests.far_end import PATIENCE_S, FarEnd, channels_of, share_of, talk, tones_in, until
from tests.integration.floor import FIRST_PORT, open_sockets
from tests.near_media import NearMedia

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOST = "127.0.0.1"
LAST_PORT = FIRST_PORT + 398
EVENTS = 101
SOUND = bytes(range(160))
E = TypeVar("E")

Open = Callable[[int, int, Callable[[MediaEvent], None]], Awaitable[Media]]


async def open_process(first: int, last: int, post: Callable[[MediaEvent], None]) -> Media:
    rng = random.Random(1)
    media = start_media_process((HOST,), post, ports=(first, last), rng=rng, monotonic=time.monotonic)
    await media.ready()
    return media


async def open_near(first: int, last: int, post: Callable[[MediaEvent], None]) -> Media:
    return NearMedia((HOST,), (first, last), post)


IMPLEMENTATIONS: dict[str, Open] = {"process": open_process, "near": open_near}


class Room:
    """Media with phones at it. Each phone's leg is `legs[phone]`."""

    def __init__(self, media: Media, events: list[MediaEvent]) -> None:
        self.media = media
        self.events = events
        self.legs: dict[FarEnd, int] = {}
        self._marks = 0
        self._mark_leg = media.reserve().leg
        self.strangers: list[FarEnd] = []

    def phone(self, hz: int = 400, codec: int = PCMU, **more: object) -> FarEnd:
        """A phone on a leg of its own, connected."""
        far = FarEnd(hz, codec)
        reserved = self.media.reserve()
        far.port = (HOST, reserved.port)
        self.legs[far] = reserved.leg
        self._connect(far, **more)
        return far

    async def done(self) -> None:
        """Every order until now has been carried out: this one's answer has come."""
        self._marks -= 1
        self.media.tell(Play(self._mark_leg, self._marks, "no such prompt"))
        await until(lambda: Played(self._mark_leg, self._marks, "failed") in self.events)

    async def connect(self, far: FarEnd, **more: object) -> None:
        self._connect(far, **more)
        await self.done()

    def _connect(self, far: FarEnd, **more: object) -> None:
        self.media.tell(
            Connect(self.legs[far], *far.address, far.codec, EVENTS, **more)  # type: ignore[arg-type]
        )

    def stranger(self, host: str = HOST) -> FarEnd:
        far = FarEnd(950, host=host)
        self.strangers.append(far)
        return far

    async def bridge(self, *hears: tuple[FarEnd, tuple[FarEnd, ...]], number: int = 1) -> None:
        rows = tuple((self.legs[who], tuple(self.legs[whom] for whom in others)) for who, others in hears)
        self.media.tell(Bridge(number, rows))
        await self.done()

    async def join(self, one: FarEnd, other: FarEnd) -> None:
        await self.bridge((one, (other,)), (other, (one,)))

    def of(self, kind: type[E], far: FarEnd | None = None) -> list[E]:
        return [
            event
            for event in self.events
            if isinstance(event, kind) and (far is None or getattr(event, "leg", None) == self.legs[far])
        ]

    async def event(self, kind: type[E], far: FarEnd | None = None) -> E:
        await until(lambda: bool(self.of(kind, far)))
        return self.of(kind, far)[-1]

    def leave(self) -> None:
        """Every phone and every leg closed."""
        for far in (*self.legs, *self.strangers):
            far.close()
        for leg in (*self.legs.values(), self._mark_leg):
            self.media.tell(Close(leg))


@dataclass
class Shared:
    """One server for all tests of an implementation: starting one costs more than most of them."""

    media: Media
    events: list[MediaEvent] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=IMPLEMENTATIONS)
async def shared(request: pytest.FixtureRequest) -> AsyncIterator[Shared]:
    before = open_sockets()
    box: list[Shared] = []

    def post(event: MediaEvent) -> None:
        if box:
            box[0].events.append(event)

    box.append(Shared(await IMPLEMENTATIONS[request.param](FIRST_PORT, LAST_PORT, post)))
    yield box[0]
    await box[0].media.close()
    await box[0].media.close()
    assert box[0].media.open_legs == 0
    assert open_sockets() == before


@pytest_asyncio.fixture(loop_scope="module")
async def room(shared: Shared) -> AsyncIterator[Room]:
    shared.events.clear()
    it = Room(shared.media, shared.events)
    yield it
    it.leave()
    await until(lambda: shared.media.open_legs == 0)


# --- two hear each other --------------------------------------------------------------------------------------


async def test_both_hear_each_other_once_joined(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    contact.say()
    [packet] = await agent.hears()
    assert packet.payload == contact.frame
    agent.say()
    [packet] = await contact.hears()
    assert packet.payload == agent.frame


async def test_nothing_passes_before_the_join_nor_after_it_is_undone(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    contact.say()
    agent.say()
    await asyncio.sleep(0.03)
    await room.join(contact, agent)
    contact.say(SOUND)
    assert [packet.payload for packet in await agent.hears()] == [SOUND]
    await room.bridge()
    contact.say()
    agent.say()
    await asyncio.sleep(0.03)
    assert agent.take() == contact.take() == []


async def test_the_first_packet_towards_a_listener_is_told_once_for_each_bridge(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    before = time.monotonic()
    for _ in range(3):
        contact.say()
    await agent.hears(3)
    first = await room.event(FirstHeard)
    assert (first.speaker, first.listener) == (room.legs[contact], room.legs[agent])
    assert before <= first.at <= time.monotonic()
    assert len(room.of(FirstHeard)) == 1
    agent.say()
    await contact.hears()
    await until(lambda: len(room.of(FirstHeard)) == 2)
    await room.bridge()
    await room.join(contact, agent)
    contact.say()
    await agent.hears()
    await until(lambda: len(room.of(FirstHeard)) == 3)


async def test_joining_another_contact_parts_the_first(room: Room) -> None:
    first, second, agent = room.phone(400), room.phone(550), room.phone(700)
    await room.join(first, agent)
    await room.bridge((second, (agent,)), (agent, (second,)), number=2)
    first.say()
    second.say()
    assert [packet.payload for packet in await agent.hears()] == [second.frame]
    await asyncio.sleep(0.02)
    assert agent.take() == []


async def test_one_stream_of_packets_from_changing_speakers(room: Room) -> None:
    first, second, agent = room.phone(400), room.phone(550), room.phone(700)
    for number, contact in ((1, first), (2, second)):
        await room.bridge((contact, (agent,)), (agent, (contact,)), number=number)
        for _ in range(2):
            contact.say()
        await agent.hears(2)
    packets = agent.packets
    assert len({packet.ssrc for packet in packets}) == 1
    assert [(packet.sequence - packets[0].sequence) & 0xFFFF for packet in packets] == [0, 1, 2, 3]
    assert [packet.marker for packet in packets] == [True, False, True, False]


async def test_a_law_on_one_side_and_u_law_on_the_other(room: Room) -> None:
    contact, agent = room.phone(400, PCMA), room.phone(700)
    await room.join(contact, agent)
    contact.say(SOUND)
    [packet] = await agent.hears()
    assert (packet.payload_type, packet.payload) == (PCMU, SOUND.translate(ALAW_TO_ULAW))
    agent.say(SOUND)
    [packet] = await contact.hears()
    assert (packet.payload_type, packet.payload) == (PCMA, SOUND.translate(ULAW_TO_ALAW))


async def test_comfort_noise_is_borne_and_not_passed_on(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    contact.say(b"\x40", codec=13)
    contact.socket.sendto(b"\x80", contact.port)
    contact.say(SOUND)
    assert [packet.payload for packet in await agent.hears()] == [SOUND]


async def test_on_hold_nothing_is_sent_and_the_other_is_still_heard(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    await room.connect(contact, held=True)
    agent.say()
    contact.say()
    await agent.hears()
    assert contact.take() == []
    await room.connect(contact)
    agent.say()
    await contact.hears()


# --- far ends -------------------------------------------------------------------------------------------------


async def test_early_media_is_not_the_contacts_voice(room: Room) -> None:
    reserved = room.media.reserve()
    contact, agent = FarEnd(400), room.phone(700)
    contact.port = (HOST, reserved.port)
    room.legs[contact] = reserved.leg
    for _ in range(5):
        contact.say(b"\x01" * 160)  # before anything is known of the far end
    await room.connect(contact, answered=False)
    await room.join(contact, agent)
    contact.say(b"\x02" * 160)
    await asyncio.sleep(0.03)
    await room.connect(contact)
    await asyncio.sleep(0.02)
    contact.say(SOUND)
    assert [packet.payload for packet in await agent.hears()] == [SOUND]


async def test_what_was_said_between_the_answer_and_its_order_is_heard(room: Room) -> None:
    reserved = room.media.reserve()
    contact, agent = FarEnd(400), room.phone(700)
    contact.port = (HOST, reserved.port)
    room.legs[contact] = reserved.leg
    contact.say(b"\x01" * 160)
    await asyncio.sleep(0.03)
    answered_at = time.monotonic() - 0.01
    contact.say(SOUND)
    await asyncio.sleep(0.01)
    room.media.tell(Connect(reserved.leg, *contact.address, answered_at=answered_at))
    await room.join(contact, agent)
    assert [packet.payload for packet in await agent.hears()] == [SOUND]


async def test_symmetric_rtp_follows_the_port_the_far_end_sends_from(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    elsewhere, third = room.stranger(), room.stranger()
    elsewhere.say(SOUND, to=contact.port)
    assert [packet.payload for packet in await agent.hears()] == [SOUND]
    agent.say(SOUND)
    assert [packet.payload for packet in await elsewhere.hears()] == [SOUND]
    third.say(to=contact.port)
    await asyncio.sleep(0.02)
    assert agent.take() == []


async def test_strangers_are_not_heard(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    other_host = room.stranger("127.0.0.2")
    other_host.say(to=contact.port)
    other_host.say(to=agent.port)
    contact.say(SOUND)
    assert [packet.payload for packet in await agent.hears()] == [SOUND]
    same_host = room.stranger()
    same_host.say(to=contact.port)  # too late: the leg's far end is known
    contact.say(SOUND)
    assert [packet.payload for packet in await agent.hears()] == [SOUND]


async def test_the_announced_port_is_heard_though_a_late_packet_of_another_came_first(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    late = room.stranger()
    late.say(to=contact.port)
    await agent.hears()
    contact.say(SOUND)
    assert [packet.payload for packet in await agent.hears()] == [SOUND]
    late.say(to=contact.port)
    agent.say(SOUND)
    assert [packet.payload for packet in await contact.hears()] == [SOUND]
    assert agent.take() == []


async def test_a_leg_that_falls_silent_is_told_and_that_it_is_heard_again(room: Room) -> None:
    agent = room.phone(700, silent_after_s=0.1)
    await room.done()
    assert (await room.event(Silent, agent)).seconds >= 0.1
    agent.say()
    await room.event(HeardAgain, agent)
    assert len(room.of(Silent)) == 1


# --- more than two --------------------------------------------------------------------------------------------


async def test_whispering_and_listening(room: Room) -> None:
    contact, agent, supervisor = room.phone(400), room.phone(700), room.phone(1_000)
    await room.bridge((contact, (agent,)), (agent, (contact, supervisor)), (supervisor, (contact, agent)))
    await talk((contact, agent, supervisor), 0.4)
    tones = (400, 700, 1_000)
    assert tones_in(contact.heard, tones) == {700}
    assert tones_in(agent.heard[-1_600:], tones) == {400, 1_000}
    assert tones_in(supervisor.heard[-1_600:], tones) == {400, 700}
    assert len({packet.ssrc for packet in agent.packets}) == 1


async def test_a_warm_transfer_from_talk_to_three_to_talk(room: Room) -> None:
    contact, agent, third = room.phone(400), room.phone(700, PCMA), room.phone(1_000)
    tones = (400, 700, 1_000)
    await room.join(contact, agent)
    await talk((contact, agent, third), 0.1)
    assert tones_in(contact.heard, tones) == {700}
    everybody = (contact, agent, third)
    await room.bridge(*((who, tuple(other for other in everybody if other is not who)) for who in everybody))
    await talk(everybody, 0.4)
    assert tones_in(contact.heard[-1_600:], tones) == {700, 1_000}
    assert tones_in(agent.heard[-1_600:], tones) == {400, 1_000}
    await room.join(contact, third)
    contact.take()
    contact.packets.clear()
    await talk(everybody, 0.1)
    assert tones_in(contact.heard, tones) == {1_000}


# --- digits, prompts ------------------------------------------------------------------------------------------


def press(far: FarEnd, digit: str, packets: int = 5) -> None:
    """As a phone does: every packet bears the moment of the beginning, the last three say that it is the end."""
    far.timestamp += 160
    for n in range(packets + 3):
        far.sequence += 1
        end = 0x80 if n >= packets else 0
        duration = 160 * min(n + 1, packets)
        payload = bytes((DIGITS.index(digit), end | 10, duration >> 8, duration & 0xFF))
        far.socket.sendto(
            RtpPacket(EVENTS, far.sequence, far.timestamp, far.ssrc, payload, n == 0).pack(), far.port
        )
    far.timestamp += 160 * packets


async def test_digits_are_told_once_and_passed_on(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    press(contact, "5")
    press(contact, "5")
    await until(lambda: len(room.of(Digit, contact)) == 2)
    assert [event.digit for event in room.of(Digit)] == ["5", "5"]
    packets = await agent.hears(16)
    assert {packet.payload_type for packet in packets} == {EVENTS}
    assert len({packet.timestamp for packet in packets}) == 2


async def test_digits_are_pressed_towards_a_leg(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    room.media.tell(SendDigits(room.legs[contact], "1#"))
    await until(lambda: sum(p.payload[1] >> 7 for p in contact.packets + contact.take()) >= 6)
    starts = {packet.timestamp: DIGITS[packet.payload[0]] for packet in contact.packets}
    assert list(starts.values()) == ["1", "#"]
    await talk((agent,), 0.2)  # after the pause that ends the last digit
    assert contact.heard.endswith(agent.frame)


def prompt(tmp_path: Path, hz: int, frames: int) -> str:
    path = tmp_path / f"{hz}.ul"
    path.write_bytes(tone_frame(hz) * frames)
    return str(path)


async def test_a_prompt_is_played_instead_of_what_others_say(room: Room, tmp_path: Path) -> None:
    contact, agent = room.phone(400), room.phone(700)
    room.media.tell(Load("bye", prompt(tmp_path, 1_250, 5)))
    await room.join(contact, agent)
    room.media.tell(Play(room.legs[contact], 7, "bye"))
    await talk((agent,), 0.2)
    assert await room.event(Played, contact) == Played(room.legs[contact], 7, "finished")
    assert contact.heard[: 5 * 160] == tone_frame(1_250) * 5
    await until(lambda: tones_in(contact.heard[-160:], (700, 1_250)) == {700})


async def test_a_tone_over_speech_a_loop_and_its_stop(room: Room, tmp_path: Path) -> None:
    contact, agent = room.phone(400), room.phone(700)
    room.media.tell(Load("music", prompt(tmp_path, 1_000, 3)))
    await room.join(contact, agent)
    room.media.tell(Play(room.legs[agent], 1, "music", loop=True, over=True))
    await talk((contact, agent), 0.4)
    assert tones_in(agent.heard[-800:], (400, 700, 1_000)) == {400, 1_000}
    room.media.tell(StopPlaying(room.legs[agent]))
    assert (await room.event(Played, agent)).end == "stopped"
    await talk((contact,), 0.2)  # what was on its way before is heard first
    assert tones_in(agent.heard[-480:], (400, 1_000)) == {400}


async def test_a_prompt_that_is_not_there(room: Room) -> None:
    contact = room.phone(400)
    room.media.tell(Play(room.legs[contact], 1, "nothing"))
    assert (await room.event(Played, contact)).end == "failed"


async def test_barge_in_and_collecting_digits(room: Room, tmp_path: Path) -> None:
    contact = room.phone(400)
    room.media.tell(Load("menu", prompt(tmp_path, 1_000, 500)))
    leg = room.legs[contact]
    room.media.tell(Play(leg, 1, "menu", barge_in=True))
    room.media.tell(Collect(leg, 2, most=3, finish="#", first_s=2.0, between_s=2.0))
    await contact.hears(2)
    for digit in "12#":
        press(contact, digit)
    assert await room.event(Collected, contact) == Collected(leg, 2, "12", "complete")
    assert (await room.event(Played, contact)).end == "barge-in"
    room.media.tell(Collect(leg, 3, most=1, first_s=0.05))
    await until(lambda: room.of(Collected)[-1] == Collected(leg, 3, "", "nothing"))


# --- recordings, analysers ------------------------------------------------------------------------------------


async def test_both_sides_are_recorded_each_in_its_channel(room: Room, tmp_path: Path) -> None:
    contact, agent = room.phone(400), room.phone(700, PCMA)
    path = tmp_path / "recordings" / "2026" / "a.wav"
    await room.join(contact, agent)
    room.media.tell(Record(room.legs[contact], 3, str(path)))
    await talk((contact, agent), 0.3)
    room.media.tell(StopRecording(room.legs[contact]))
    recorded = await room.event(Recorded, contact)
    left, right = channels_of(path)
    assert recorded == Recorded(room.legs[contact], 3, len(left) / 8_000)
    assert 0.25 <= recorded.seconds < 1.0
    assert share_of(400, left[800:2_000]) > 0.95
    assert share_of(700, right[800:2_000]) > 0.95
    assert path.stat().st_mode & 0o777 == 0o600


async def test_while_a_recording_is_paused_silence_is_recorded(room: Room, tmp_path: Path) -> None:
    contact, agent = room.phone(400), room.phone(700)
    leg = room.legs[contact]
    await room.join(contact, agent)
    room.media.tell(Record(leg, 1, str(tmp_path / "a.wav")))
    await talk((contact, agent), 0.1)
    room.media.tell(PauseRecording(leg))
    await talk((contact, agent), 0.2)
    room.media.tell(PauseRecording(leg, on=False))
    await talk((contact, agent), 0.1)
    room.media.tell(Close(leg))  # which ends the recording as well
    await room.event(Recorded, contact)
    for channel, hz in zip(channels_of(tmp_path / "a.wav"), (400, 700), strict=True):
        assert share_of(hz, channel[320:640]) > 0.9
        middle = channel[1_200:2_000]
        assert set(middle) == {0xFF}
        assert hz in tones_in(channel[-640:], (hz,))


async def test_a_recording_that_cannot_be_written_is_told_and_the_call_goes_on(room: Room, tmp_path: Path) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    (tmp_path / "there.wav").write_bytes(b"before")
    room.media.tell(Record(room.legs[contact], 9, str(tmp_path / "there.wav")))
    recorded = await room.event(Recorded, contact)
    assert (recorded.recording, recorded.seconds) == (9, 0.0)
    assert "exists" in recorded.failed
    assert (tmp_path / "there.wav").read_bytes() == b"before"
    contact.say(SOUND)
    assert [packet.payload for packet in await agent.hears()] == [SOUND]


async def test_an_analyser_that_nobody_knows(room: Room) -> None:
    contact = room.phone(400)
    room.media.tell(Listen(room.legs[contact], 1, "fortune-teller"))
    heard = await room.event(Heard, contact)
    assert heard.failed
    assert "fortune-teller" in heard.cause


# --- legs -----------------------------------------------------------------------------------------------------


async def test_figures_of_a_leg_at_its_end(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    await talk((contact,), 0.06)
    contact.sequence += 2  # lost on the way
    await talk((contact,), 0.06)
    await agent.hears(6)
    room.media.tell(Close(room.legs[contact]))
    room.media.tell(Close(room.legs[agent]))
    figures = await room.event(LegFigures, contact)
    assert (figures.received, figures.lost, figures.sent) == (6, 2, 0)
    assert (await room.event(LegFigures, agent)).sent == 6
    assert figures.far_lost is None


async def test_a_closed_leg_is_heard_by_nobody(room: Room) -> None:
    contact, agent = room.phone(400), room.phone(700)
    await room.join(contact, agent)
    room.media.tell(Close(room.legs[contact]))
    await room.event(LegFigures, contact)
    agent.say()
    room.media.tell(Close(room.legs[contact]))  # twice is no fault
    room.media.tell(Connect(room.legs[contact], *contact.address))
    await asyncio.sleep(0.02)
    assert contact.take() == []
    assert room.media.open_legs == 2  # the agent's, and that of the marks


async def reserved(media: Media) -> ReservedLeg:
    """A leg, as soon as the port of one before is free again."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return media.reserve()
            except NoMediaRoom:
                await asyncio.sleep(0.002)


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
async def test_what_cannot_be_carried_is_refused_and_no_port_leaks(name: str) -> None:
    events: list[MediaEvent] = []
    media = await IMPLEMENTATIONS[name](FIRST_PORT + 450, FIRST_PORT + 453, events.append)
    try:
        assert media.room == 2
        for _ in range(20):
            legs = [await reserved(media), await reserved(media)]
            assert len({leg.port for leg in legs}) == 2
            with pytest.raises(NoMediaRoom, match="no RTP port is free"):
                media.reserve()
            for leg in legs:
                media.tell(Close(leg.leg))
        await until(lambda: len([event for event in events if isinstance(event, LegFigures)]) == 40)
        assert len({event.leg for event in events if isinstance(event, LegFigures)}) == 40
    finally:
        await media.close()
