"""The main job against somebody else's SIP: a whole campaign, journal and agents included, dialed into SIPp."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.trunks.trunk import Trunk
from tests.integration.live_world import HOST, live_world
from tests.peers.sipp import header, sipp

CALLS = 12


@pytest.mark.needs("sipp")
async def test_a_campaign_dialed_into_sipp(tmp_path: Path) -> None:
    folder = tmp_path / "sipp"
    folder.mkdir()
    async with sipp(folder, "-sn", "uas", calls=CALLS) as peer:
        trunk = Trunk("sim", HOST, peer.port, channels=20, cps=10.0)
        async with live_world(tmp_path, trunk, leads=CALLS, agents=CALLS, ratio=1.0) as world:
            await world.recorded(CALLS)
            assert await world.service.finish(20.0)
            records = world.records()
        await peer.succeeds()
        invites = {header(message, "Call-ID") for message in peer.messages("received", "INVITE")}
        acks = {header(message, "Call-ID") for message in peer.messages("received", "ACK")}
        byes = {header(message, "Call-ID") for message in peer.messages("received", "BYE")}
    assert {record.call_id for record in records if record.counted} == invites
    assert len(invites) == CALLS
    assert acks == byes == invites
    # SIPp answers and sends no audio: the agents take the line for dead, and hang up.
    assert {record.outcome for record in records} == {"connected"}
    assert {record.ended_by for record in records} == {"agent"}
    assert {record.disposition for record in records} <= {"dead_air", "none"}
