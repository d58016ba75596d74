"""Calls and their audio over IPv6."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable

import pytest

from dialer.engine.commands import HangUp, Join
from dialer.engine.events import AudioFlowing, CallAnswered, CallEnded
from dialer.ports.media import Media, MediaEvent
from dialer.telephony.carrier_opening import OpenMedia
from dialer.telephony.media_process import start_media_process
from sim_trunk.voices import recognise
from tests.far_end import FarEnd, talk
from tests.integration.floor import FIRST_PORT, Persona, floor, plan

HOST = "::1"


pytestmark = pytest.mark.needs(HOST)


def a_process(host: str, post: Callable[[MediaEvent], None]) -> Media:
    ports, rng = (FIRST_PORT, FIRST_PORT + 98), random.Random(1)
    return start_media_process(host, post, ports=ports, rng=rng, monotonic=time.monotonic)


@pytest.mark.parametrize("media", [None, a_process], ids=["near", "process"])
async def test_contact_and_agent_hear_each_other(media: OpenMedia | None) -> None:
    with contextlib.closing(FarEnd(700, host=HOST)) as agent:
        async with floor(host=HOST, media=media) as f:
            f.script.plans["+11"] = plan(persona=Persona.GATEKEEPER, talk_s=30.0, patience_s=30.0)
            agent.port = f.carrier.audio.open_line("ann", agent.address[:2])
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
