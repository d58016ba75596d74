"""Killed while an agent has a contact and somebody outside on the line: all three are hung up by whoever comes
after, and the agent's next contact is like any other."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialer.api import requests as ask
from dialer.api.desks import AgentLogin
from dialer.api.schemas import CallRow, Overview
from dialer.live.exchange import LEDGER_NAME
from dialer.sip.identity import Identity
from dialer.storage.database import open_database
from dialer.telephony.call_ledger import left_behind
from sim_trunk.call_log import CallLog
from sim_trunk.callee import CallPlan
from sim_trunk.sip_phones import SipPhones
from tests.far_end import FarEnd, until
from tests.integration.floor import plan
from tests.integration.live_world import simulated_network
from tests.integration.service_world import CAMPAIGN, ServiceProcess, service_process, write_home

AGENT, PASSWORD = "ana", "correct horse"
BANK, RINGS = "+442079460123", "+442079460124"
ENDED_WITHIN_S = 15.0


class Plans:
    """Everybody answers and has time, but for one whose phone rings for ever."""

    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        return plan(ring_s=math.inf if number == RINGS else 0.1, talk_s=600.0, patience_s=600.0)


@contextlib.asynccontextmanager
async def phone() -> AsyncIterator[SipPhones]:
    """The agent's, which outlives the dialer."""
    wires = SipPhones({AGENT: PASSWORD}, key=bytes(16))
    with contextlib.closing(FarEnd()) as end, contextlib.closing(wires):
        wires.have_audio(AGENT, end.address)

        async def talk() -> None:
            while True:
                if end.port[1]:
                    end.say()
                await asyncio.sleep(0.02)

        talking = asyncio.create_task(talk())
        try:
            yield wires
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)


@contextlib.asynccontextmanager
async def at_desk(service: ServiceProcess) -> AsyncIterator[None]:
    """The agent has logged in and is ready."""
    opened = asyncio.Event()

    async def read() -> None:
        async for _ in service.client.read(ask.agent_stream((AGENT,)), opened.set):
            pass

    reading = asyncio.create_task(read())
    try:
        await opened.wait()
        await service.ask(ask.agent_login(AGENT, AgentLogin(campaign=CAMPAIGN)))
        await service.ask(ask.agent_ready(AGENT))
        yield
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def talking(overview: Overview) -> CallRow | None:
    """The agent's call."""
    return next((call for call in overview.calls if call.agent_id == AGENT and call.state == "talking"), None)


async def consult(service: ServiceProcess, stage: str) -> CallRow:
    """Have the agent's call come to that stage with somebody outside."""
    contact = talking(await service.until(lambda overview: talking(overview) is not None))
    assert contact is not None
    await service.ask(ask.consult(contact.attempt_id, number=RINGS if stage == "calling" else BANK))
    first = "calling" if stage == "calling" else "consulting"
    await service.until(lambda overview: any(call.third_stage == first for call in overview.calls))
    if stage == "together":
        await service.ask(ask.consult_step(contact.attempt_id, "join"))
    return contact


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("stage", ["calling", "consulting", "together"])
async def test_killed_while_somebody_outside_is_consulted(tmp_path: Path, stage: str) -> None:
    home, log = tmp_path / "home", tmp_path / "carrier.jsonl"

    def calls() -> dict[str, dict[str, Any]]:
        return {line["call_id"]: line for line in map(json.loads, log.read_text("utf-8").splitlines())}

    with log.open("w", buffering=1) as stream:
        async with simulated_network(Plans(), CallLog(stream)) as trunk, phone() as wires:
            agent = f'[[agent]]\nid = "{AGENT}"\npassword = "{PASSWORD}"\n'
            write_home(home, trunk_port=trunk.port, media="19000-19499", drain="1s", more=agent)
            async with service_process(home) as service:
                at, _, port = (await service.overview()).service.sip_address.rpartition(":")
                wires.register((at, int(port)), lambda *_: None, lambda agent_id: None)
                await service.ask(ask.start_campaign(CAMPAIGN))
                async with at_desk(service):
                    contact = await consult(service, stage)
                    left, _ = left_behind(home / LEDGER_NAME)
                    service.signal(signal.SIGKILL)
                    await service.ended()
            with open_database(home / "dialer.db") as database:
                (third,) = database.reader.third_calls(0.0)
                identity = Identity(database.key)
            # Which calls these are is known by their numbers alone.
            of_contact = identity.call_id(contact.attempt_id)
            assert third.call_id == identity.call_id(third.key)
            assert {of_contact, third.call_id} <= {call.call_id.decode() for call in left}
            assert wires.open_calls == 1
            assert third.call_id not in calls()
            async with service_process(home) as service:
                async with asyncio.timeout(ENDED_WITHIN_S):
                    await until(lambda: not wires.open_calls and {of_contact, third.call_id} <= calls().keys())
                assert {calls()[it]["ended_by"] for it in (of_contact, third.call_id)} == {"caller"}
                assert calls()[of_contact]["ended_with"] == "bye"
                assert calls()[third.call_id]["ended_with"] == ("cancel" if stage == "calling" else "bye")
                await service.until_logged("calls left by a process before this one are dealt with")
                overview = await service.overview()
                assert not any(call.third_stage for call in overview.calls)
                assert {one.state for one in overview.agents if one.agent_id == AGENT} <= {"logged_out"}
                async with at_desk(service):
                    again = await consult(service, stage)
                assert again.attempt_id != contact.attempt_id
                service.signal(signal.SIGTERM)
                await service.ended()
            left, _ = left_behind(home / LEDGER_NAME)
            assert not [call for call in left if call.destination[1] == trunk.port]
            assert all(call["ended_by"] == "caller" for call in calls().values())
