"""Protected audio between the dialer and the simulated carrier: both hear each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dialer.sip.sdes import SUITES
from sim_trunk.call_log import CallLog
from sim_trunk.sip_phones import SipPhones
from tests.integration.books import carrier_log
from tests.integration.live_world import PASSWORD, Talkers, live_world, simulated_network
from tests.integration.test_conversations import CONTACT, room


@pytest.mark.parametrize("srtp", ["required", "optional", "off"])
async def test_the_carrier_protects_what_is_offered_protected(tmp_path: Path, srtp: str) -> None:
    path = tmp_path / "carrier.jsonl"
    with path.open("w") as stream:
        async with (
            simulated_network(Talkers(), CallLog(stream)) as trunk,
            live_world(tmp_path, replace(trunk, srtp=srtp), leads=2, agents=2, ratio=1.0) as world,
        ):
            await world.until(lambda: world.row().talking == 2, 10.0)
            calls = world.service.engine.calls
            await world.until(lambda: all(call.answer_to_agent_s for call in calls.values()), 5.0)
            counters = world.service.carrier.counters
            await world.service.finish(0.0)
    assert counters["rtp_unverified"] == 0
    logged = carrier_log(path).values()
    assert len(logged) == 2
    assert {call["srtp"] for call in logged} == {"" if srtp == "off" else SUITES[0]}
    assert all(call["heard_at"] is not None and call["rtp_in"] > 0 for call in logged)


@pytest.mark.parametrize("srtp", ["required", "optional"])
async def test_agents_at_phones_whose_audio_is_protected(tmp_path: Path, srtp: str) -> None:
    """They and the contacts, who are not protected, hear each other."""
    path = tmp_path / "carrier.jsonl"
    wires = SipPhones({f"a{n}": PASSWORD for n in range(2)}, key=bytes(16))
    with path.open("w") as stream:
        async with (
            simulated_network(Talkers(), CallLog(stream)) as trunk,
            live_world(tmp_path, trunk, leads=2, agents=2, wires=wires, phones_srtp=srtp) as world,
        ):
            await world.until(lambda: world.row().talking == 2, 10.0)
            calls = world.service.engine.calls
            await world.until(lambda: all(call.answer_to_agent_s for call in calls.values()), 5.0)
            heard = [world.phones.packets_in(one) for one in ("a0", "a1")]
            await world.until(lambda: all(world.phones.packets_in(f"a{n}") > heard[n] + 20 for n in range(2)), 5.0)
            assert all(phone.srtp is not None for phone in world.phones._phones.values())
            counters = world.service.carrier.counters
            await world.service.finish(0.0)
    assert counters["rtp_unverified"] == 0
    logged = carrier_log(path).values()
    assert len(logged) == 2
    assert all(call["heard_at"] is not None and call["rtp_in"] > 0 and not call["srtp"] for call in logged)


async def test_a_protected_contact_is_heard_and_may_be_held(tmp_path: Path) -> None:
    async with room(tmp_path, srtp="required") as r:
        attempt_id = await r.at_work()
        assert await r.heard("ana") == {"ana": {CONTACT}}
        r.world.service.conversations.consult(attempt_id, "expert")
        await r.are_up(["ana", "expert"])
        r.world.service.conversations.drop(attempt_id)
        await r.are_up(["ana"])
        assert await r.heard("ana") == {"ana": {CONTACT}}
