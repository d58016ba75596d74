"""The main job against somebody else's SIP: a whole campaign, journal and agents included, dialed into SIPp."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.engine.events import AgentLoggedIn, AgentReady, Dispositioned
from dialer.settings import AgentSettings
from dialer.trunks.trunk import Trunk
from tests.far_end import FarEnd
from tests.integration.live_world import HOST, MANAGER, live_world
from tests.peers.sipp import header, sipp

CALLS = 12
THIRD = "+442079461001"


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


@pytest.mark.needs("sipp")
@pytest.mark.long
async def test_a_contact_is_handed_over_to_a_number_outside(tmp_path: Path) -> None:
    """Contact and third party are both SIPp's: two calls over the trunk, bridged by us, and both hung up."""
    folder = tmp_path / "sipp"
    folder.mkdir()
    headset = FarEnd(300)
    ana = AgentSettings("ana", "Ana")
    async with sipp(folder, "-sn", "uas", calls=2) as peer:
        trunk = Trunk("sim", HOST, peer.port, channels=20, cps=10.0)
        async with live_world(tmp_path, trunk, leads=1, agents=0, people_at=(ana,)) as world:
            service = world.service
            service.open_line("ana", headset.address)
            service.post(AgentLoggedIn("ana", "live"))
            service.post(AgentReady("ana"))
            await world.until(lambda: world.agent("ana").state == "talking", 15.0)
            attempt_id = world.agent("ana").attempt_id or 0
            await service.conversations.consult_outside(attempt_id, THIRD, MANAGER)
            await world.until(lambda: service.conversations.third_of(attempt_id)[1] == "consulting", 5.0)
            service.conversations.complete(attempt_id)
            service.post(Dispositioned("ana", attempt_id, "callback"))
            service.hang_up(attempt_id)
            await world.until(lambda: not service.engine.thirds, 5.0)
            assert await service.finish(20.0)
            (record,) = world.records()
            (third,) = world.database.reader.third_calls(0.0)
        await peer.succeeds()
        invites = {header(message, "Call-ID"): message for message in peer.messages("received", "INVITE")}
        byes = {header(message, "Call-ID") for message in peer.messages("received", "BYE")}
    headset.close()
    assert set(invites) == byes == {record.call_id, third.call_id}
    assert invites[third.call_id].startswith(f"INVITE sip:{THIRD}@")
    assert f"sip:{third.caller_id}@" in header(invites[third.call_id], "From")
    assert record.note == f"handed over to {THIRD}"
