"""Protected audio with a phone that is not ours: it echoes what it hears, so that a tone which comes back has been
protected by each of both sides and understood by the other."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.engine.commands import HangUp, Join
from dialer.engine.events import CallAnswered, CallEnded
from dialer.telephony.media_server.wired_leg import WiredLeg
from dialer.telephony.sip_side import SipSide
from dialer.telephony.tls import TlsFiles
from dialer.trunks.trunk import Trunk
from tests.certificates import make
from tests.far_end import FarEnd, talk
from tests.integration.floor import HOST, Floor, calling
from tests.near_media import NearMedia
from tests.peers.baresip import baresip

pytestmark = pytest.mark.needs("baresip")


@pytest.mark.parametrize(
    ("srtp", "mediaenc"), [("required", "srtp-mand"), ("optional", "srtp"), ("required", "srtp")]
)
async def test_a_tone_comes_back(tmp_path: Path, srtp: str, mediaenc: str) -> None:
    async with (
        baresip(tmp_path, "ana", mediaenc=mediaenc) as phone,
        calling(Trunk("sim", HOST, phone.port, srtp=srtp)) as (f, media),
    ):
        await tone_comes_back(f, media)


async def test_keys_and_all_over_tls(tmp_path: Path) -> None:
    files = make(tmp_path)
    shown = tmp_path / "shown.pem"
    shown.write_text(files.certificate.read_text() + files.key.read_text())
    trunk = Trunk("sim", HOST, 0, transport="tls", srtp="required")
    async with baresip(tmp_path, "ana", transport="tls", mediaenc="srtp-mand", certificate=shown) as phone:
        side = SipSide(tls=TlsFiles(ca=files.ca))
        async with calling(replace(trunk, port=phone.tls_port), side) as (f, media):
            await tone_comes_back(f, media)


async def tone_comes_back(f: Floor, media: NearMedia) -> None:
    with contextlib.closing(FarEnd(700)) as agent:
        agent.port = f.carrier.audio.lines.open("ben", agent.address)
        f.call(1, "ana")
        await f.event(CallAnswered, 1)
        f.carrier.carry_out(Join(1, "ben"))
        async with asyncio.timeout(10.0):
            while agent.frame not in [packet.payload for packet in agent.packets]:
                await talk((agent,), 0.1)
                agent.take()
        assert (media.counters["unverified"], media.counters["unsent"]) == (0, 0)
        legs = media.server._board.legs.values()
        assert [isinstance(leg, WiredLeg) and leg.srtp is not None for leg in legs] == [False, True]
        f.carrier.carry_out(HangUp(1))
        await f.event(CallEnded, 1)


async def test_a_phone_that_cannot_is_not_talked_to_in_the_clear(tmp_path: Path) -> None:
    async with (
        baresip(tmp_path, "ana") as phone,
        calling(Trunk("sim", HOST, phone.port, srtp="required")) as (f, _),
    ):
        f.call(1, "ana")
        ended = await f.event(CallEnded, 1)
        assert ended.status == 488
