"""Calls and their audio over IPv6, and over both versions at once."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable

import pytest

from dialer.engine.commands import CancelCall, HangUp, Join
from dialer.engine.events import AudioFlowing, CallAnswered, CallEnded, CallFault, CallProgress
from dialer.ports.media import Media, MediaEvent
from dialer.sip import sdp
from dialer.sip.events import Incoming, SipEvent
from dialer.sip.timers import SipTimers
from dialer.telephony.carrier_opening import OpenMedia
from dialer.telephony.media_process import start_media_process
from dialer.telephony.sip_side import SipSide
from dialer.telephony.udp import bind_udp
from sim_trunk.voices import recognise
from tests.far_end import FarEnd, talk, tones_in
from tests.integration.floor import FIRST_PORT, FOREVER, PATIENCE_S, Persona, floor, plan
from tests.integration.sip_sides import Side, side

HOST, IPV4 = "::1", "127.0.0.1"

pytestmark = pytest.mark.needs(HOST)


def a_process(hosts: tuple[str, ...], post: Callable[[MediaEvent], None]) -> Media:
    ports, rng = (FIRST_PORT, FIRST_PORT + 98), random.Random(1)
    return start_media_process(hosts, post, ports=ports, rng=rng, monotonic=time.monotonic)


@pytest.mark.parametrize("media", [None, a_process], ids=["near", "process"])
async def test_contact_and_agent_hear_each_other(media: OpenMedia | None) -> None:
    with contextlib.closing(FarEnd(700, host=HOST)) as agent:
        async with floor(host=HOST, media=media) as f:
            f.script.plans["+11"] = plan(persona=Persona.GATEKEEPER, talk_s=30.0, patience_s=30.0)
            agent.port = f.carrier.audio.lines.open("ann", agent.address[:2])
            assert agent.port[0] == HOST
            call_id = f.call(1, "+11")
            await f.event(CallAnswered, 1)
            f.carrier.carry_out(Join(1, "ann"))
            await f.event(AudioFlowing, 1)
            await talk((agent,), 0.2)
            assert await agent.hears()
            assert {recognise(packet.payload) for packet in agent.packets} == {Persona.GATEKEEPER}
            f.carrier.carry_out(HangUp(1))
            await f.event(CallEnded, 1)
            entry = await f.entry(call_id)
            assert entry["rtp_in"] >= 5
            assert entry["sdp"].startswith(HOST)


@contextlib.asynccontextmanager
async def callee(host: str, says: FarEnd) -> AsyncIterator[Side]:
    """Takes every call, with its audio where `says` is, which speaks into the calls from then on."""

    def take(it: Side, event: SipEvent) -> None:
        if isinstance(event, Incoming):
            offer = sdp.parse(event.body)
            says.port = (offer.address, offer.port)
            it.endpoint.core.answer(event.key, sdp.answer(offer, *says.address[:2], 1), it.endpoint.now())

    async with side(SipSide(), host=host, react=take) as it:
        yield it


@pytest.mark.parametrize("media", [None, a_process], ids=["near", "process"])
@pytest.mark.parametrize(("ours", "trunk"), [(IPV4, HOST), (HOST, IPV4)], ids=["trunk by IPv6", "trunk by IPv4"])
async def test_a_contact_and_an_agent_of_different_versions_hear_each_other(
    media: OpenMedia | None, ours: str, trunk: str
) -> None:
    """The agent's phone is at the first of our addresses, the trunk is reached from the other."""
    agent, contact = FarEnd(400, host=ours), FarEnd(700, host=trunk)
    with contextlib.closing(agent), contextlib.closing(contact):
        async with (
            callee(trunk, contact) as network,
            floor(host=ours, at=trunk, port=network.port, side=SipSide(also=(trunk, 0)), media=media) as f,
        ):
            agent.port = f.carrier.audio.lines.open("ann", agent.address[:2])
            f.call(1)
            await f.event(CallAnswered, 1)
            f.carrier.carry_out(Join(1, "ann"))
            async with asyncio.timeout(PATIENCE_S):
                while not (agent.heard and contact.heard):  # a process of its own may still be starting
                    await talk((agent, contact), 0.1)
            assert (agent.port[0], contact.port[0]) == (ours, trunk)
            assert tones_in(agent.heard, (400, 700)) == {700}
            assert tones_in(contact.heard, (400, 700)) == {400}
            f.carrier.carry_out(HangUp(1))
            await f.event(CallEnded, 1)


async def test_each_version_has_a_range_of_ports_of_its_own() -> None:
    """One port: a contact and an agent's line have the same number at two addresses, and nobody else has one."""
    async with floor(host=IPV4, at=HOST, side=SipSide(also=(HOST, 0)), last=FIRST_PORT + 1) as f:
        f.script.plans["+11"] = FOREVER
        assert f.carrier.audio.lines.open("ann", (IPV4, 9)) == (IPV4, FIRST_PORT)
        f.call(1, "+11")
        await f.event(CallProgress, 1)
        f.call(2)
        assert "no RTP port is free" in (await f.event(CallFault, 2)).cause
        f.carrier.carry_out(CancelCall(1))
        await f.event(CallEnded, 1)


async def test_an_answer_with_audio_of_the_other_version_is_hung_up_and_says_why() -> None:
    with contextlib.closing(FarEnd(host=IPV4)) as contact:
        async with (
            callee(HOST, contact) as network,
            floor(host=IPV4, at=HOST, port=network.port, side=SipSide(also=(HOST, 0))) as f,
        ):
            f.call(1)
            ended = await f.event(CallEnded, 1)
    assert "audio at 127.0.0.1, and ours is at ::1: not one IP version" in ended.note


async def test_a_trunk_of_the_version_that_we_do_not_listen_at() -> None:
    async with floor(host=IPV4, at=HOST) as f:
        assert "listen_also" in f.carrier.unresolved()["sim"]
        f.call(1)
        assert "::1 is IPv6, and SIP listens at no IPv6 address" in (await f.event(CallFault, 1)).cause


async def test_nobody_at_the_second_version_is_known_at_once() -> None:
    """ICMP says so; by the timers it would take 32 s."""
    with bind_udp(HOST, 0) as free:
        port = free.getsockname()[1]
    async with floor(host=IPV4, at=HOST, port=port, side=SipSide(also=(HOST, 0)), timers=SipTimers()) as f:
        f.call(1)
        await f.event(CallFault, 1)
