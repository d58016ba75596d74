"""baresip as an agent's phone, under a whole service: called and kept up, heard and hearing, lost and back."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.engine.events import AgentHungUp, AgentLoggedIn, AgentReady, Dispositioned
from dialer.media.g711 import ulaw_encode
from dialer.media.orders import Record
from dialer.settings import AgentSettings
from dialer.telephony import line_sounds
from sim_trunk.call_log import CallLog
from sim_trunk.callee import Persona
from sim_trunk.voices import TONE_HZ
from tests.far_end import HEARD, channels_of, share_of
from tests.integration.live_world import MANAGER, LiveWorld, Talkers, live_world, simulated_network
from tests.peers.baresip import baresip

pytestmark = pytest.mark.needs("baresip")

AGENT_HZ = 850
TONE_OVER_HZ = line_sounds.TONE_HZ
CONTACT_HZ = TONE_HZ[Persona.RIGHT_PARTY] or 0


@contextlib.asynccontextmanager
async def floor(folder: Path, *, nailed_up: bool = True, srtp: str = "off") -> AsyncIterator[LiveWorld]:
    """Ana's phone registers with a password; it is called at her log-in."""
    ana = AgentSettings("ana", "Ana", "", "secret", nailed_up, srtp, srtp_without_tls=True)
    with (folder / "carrier.jsonl").open("w") as stream:
        async with (
            simulated_network(Talkers(), CallLog(stream)) as trunk,
            live_world(folder, trunk, agents=0, people_at=(ana,)) as world,
        ):
            yield world


async def at_work(world: LiveWorld) -> None:
    """Ana logs in, and has a contact on the line."""
    world.service.post(AgentLoggedIn("ana", "live"))
    world.service.call_phone("ana")
    world.service.post(AgentReady("ana"))
    await world.until(lambda: (world.agent("ana").state, world.agent("ana").phone) == ("talking", "up"), 15.0)


@pytest.mark.parametrize(
    ("nailed_up", "srtp", "mediaenc"), [(True, "off", ""), (False, "off", ""), (True, "required", "srtp-mand")]
)
async def test_the_agent_hears_the_contact_and_is_heard(
    tmp_path: Path, nailed_up: bool, srtp: str, mediaenc: str
) -> None:
    path = tmp_path / "call.wav"
    async with floor(tmp_path, nailed_up=nailed_up, srtp=srtp) as world:
        audio, port = world.service.carrier.audio, world.service.carrier.address[1]
        async with baresip(tmp_path, "ana", "secret", port, hz=AGENT_HZ, mediaenc=mediaenc) as phone:
            await at_work(world)
            await world.service.pause_campaign("live", MANAGER)
            audio.media.tell(Record(audio.leg_of_contact(world.agent("ana").attempt_id or 0), 1, str(path)))
            await asyncio.sleep(1.5)  # of conversation
            world.service.post(AgentHungUp("ana"))
            await world.until(lambda: audio.open_legs == int(nailed_up), 5.0)
            world.service.close_line("ana")
            await world.until(lambda: audio.open_legs == 0, 5.0)
            await phone.end()
            heard = ulaw_encode(sample for (sample,) in struct.iter_unpack("<h", phone.heard()))
        await world.service.finish(0.0)
    said, told = channels_of(path)
    assert share_of(CONTACT_HZ, said[4_000:8_000]) > 0.9
    assert share_of(AGENT_HZ, told[4_000:8_000]) > 0.9
    assert share_of(AGENT_HZ, said[4_000:8_000]) < HEARD
    assert share_of(CONTACT_HZ, told[4_000:8_000]) < HEARD
    talk = max(
        (heard[at : at + 2_000] for at in range(0, len(heard), 2_000)), key=lambda it: share_of(CONTACT_HZ, it)
    )
    assert share_of(CONTACT_HZ, talk) > 0.9
    assert share_of(AGENT_HZ, heard) < HEARD
    assert any(share_of(TONE_OVER_HZ, heard[at : at + 400]) > HEARD for at in range(0, len(heard), 400))
    assert share_of(TONE_OVER_HZ, told) < HEARD, "the tone is for the agent alone"


@pytest.mark.long
async def test_a_phone_that_is_killed_is_missed_and_back_after_its_restart(tmp_path: Path) -> None:
    async with floor(tmp_path) as world:
        port = world.service.carrier.address[1]
        async with baresip(tmp_path / "first", "ana", "secret", port) as phone:
            await at_work(world)
            await phone.kill()
        await world.until(lambda: world.agent("ana").phone != "up", 5.0)
        assert world.agent("ana").state == "talking", "the conversation is kept for a while"
        await world.until(lambda: world.agent("ana").state == "wrap_up", 10.0)
        world.service.post(Dispositioned("ana", world.agent("ana").attempt_id or 0, "callback"))
        await world.until(lambda: world.agent("ana").state == "unreachable", 5.0)
        async with baresip(tmp_path / "second", "ana", "secret", port):
            await world.until(lambda: world.agent("ana").phone == "up", 15.0)
            await world.until(lambda: world.agent("ana").state in ("ready", "talking"), 1.0)
            await world.service.finish(0.0)
    assert "the phone of agent ana was lost" in {record.note for record in world.records()}
