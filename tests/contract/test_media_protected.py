"""Protected audio, over every implementation of the media port: who has no key is not heard, and hears nothing."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dialer.media.orders import Bridge, Close, Connect, Protect
from dialer.ports.media import Media, MediaEvent
from dialer.sip.sdes import SUITES
from dialer.telephony.media_server.srtp import Srtp
from dialer.telephony.udp import bind_udp
from tests.contract.test_media import IMPLEMENTATIONS, LAST_PORT
from tests.far_end import HOST, FarEnd, until
from tests.integration.floor import FIRST_PORT

pytestmark = pytest.mark.asyncio(loop_scope="module")

OURS, THEIRS, NEW = (b64encode(bytes([n]) * 30).decode() for n in (1, 2, 3))


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=IMPLEMENTATIONS)
async def media(request: pytest.FixtureRequest) -> AsyncIterator[Media]:
    events: list[MediaEvent] = []
    media = await IMPLEMENTATIONS[request.param](FIRST_PORT, LAST_PORT, events.append)
    yield media
    await media.close()


class Call:
    """A contact whose audio is protected, and an agent whose is not, joined."""

    def __init__(self, media: Media, suite: str = SUITES[0]) -> None:
        self.media = media
        self.suite = suite
        self.contact, self.agent = FarEnd(400), FarEnd(700)
        self.legs: list[int] = []
        for far in (self.contact, self.agent):
            reserved = media.reserve()
            far.port = (HOST, reserved.port)
            self.legs.append(reserved.leg)
        self.protect(OURS, THEIRS)
        self.contact.srtp = Srtp(Protect(0, suite, THEIRS, OURS))
        for far, leg in zip((self.contact, self.agent), self.legs, strict=True):
            media.tell(Connect(leg, *far.address))
        one, other = self.legs
        media.tell(Bridge(1, ((one, (other,)), (other, (one,)))))

    def protect(self, sending: str, receiving: str, suite: str | None = None) -> None:
        self.media.tell(Protect(self.legs[0], self.suite if suite is None else suite, sending, receiving))

    async def both_hear(self) -> None:
        while not self.agent.take():  # until the orders have been carried out
            self.contact.say()
            await asyncio.sleep(0.005)
        self.agent.say()
        [packet] = await self.contact.hears()
        assert packet.payload == self.agent.frame
        assert self.agent.packets[-1].payload == self.contact.frame
        assert self.contact.refused == 0

    def close(self) -> None:
        self.contact.close()
        self.agent.close()
        for leg in self.legs:
            self.media.tell(Close(leg))


@pytest_asyncio.fixture(loop_scope="module")
async def call(media: Media) -> AsyncIterator[Call]:
    it = Call(media)
    yield it
    it.close()


@pytest.mark.parametrize("suite", SUITES)
async def test_both_hear_each_other(media: Media, suite: str) -> None:
    it = Call(media, suite)
    await it.both_hear()
    it.close()


async def test_wrong_keys_and_none_are_not_heard_and_counted(call: Call) -> None:
    await call.both_hear()
    call.agent.take()
    before = call.media.counters.get("unverified", 0)
    right, call.contact.srtp = call.contact.srtp, Srtp(Protect(0, call.suite, NEW, OURS))
    call.contact.say()
    call.contact.srtp = None
    call.contact.say()
    await until(lambda: call.media.counters["unverified"] == before + 2)
    call.contact.srtp = right
    call.contact.say()
    assert len(await call.agent.hears()) == 1
    assert call.agent.take() == []


async def test_the_first_stranger_does_not_take_the_leg(media: Media) -> None:
    """Symmetric RTP listens to the first who speaks; here that is the first who has the key."""
    it = Call(media)
    stranger = FarEnd(950)
    for _ in range(3):
        stranger.say(to=it.contact.port)
    await it.both_hear()
    assert stranger.take() == []
    stranger.close()
    it.close()


async def test_a_new_key_of_theirs_leaves_ours_counting(call: Call) -> None:
    await call.both_hear()
    call.protect(OURS, NEW)
    assert call.contact.srtp is not None
    call.contact.srtp.change(Protect(0, call.suite, NEW, OURS))
    await call.both_hear()


async def test_protection_ends_when_it_is_agreed_to(call: Call) -> None:
    await call.both_hear()
    call.protect("", "", suite="")
    call.contact.srtp = None
    await call.both_hear()


async def test_reports_are_protected_too(media: Media) -> None:
    """What comes on the port beside is SRTCP, by the same key: nobody else learns how the call does."""
    it = Call(media)
    reports = bind_udp(HOST, 0)
    media.tell(Connect(it.legs[0], *it.contact.address, rtcp_port=reports.getsockname()[1]))
    await it.both_hear()
    srtp = Srtp(Protect(0, it.suite, THEIRS, OURS))
    it.close()  # with a BYE
    async with asyncio.timeout(5.0):
        while True:
            try:
                data = reports.recv(2_048)
                break
            except BlockingIOError:
                await asyncio.sleep(0.005)
    assert len(data) > 14
    assert srtp.unprotect(data) is not None
    reports.close()
