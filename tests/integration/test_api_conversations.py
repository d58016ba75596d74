"""Supervision and consultations over the control API: who may, and what stands in the log of changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.api import requests
from dialer.api.conversations import SupervisionAsked
from dialer.api.errors import Conflict, NotAllowed, NotFound
from dialer.api.roles import Role
from dialer.ports.store import Answer, SaveChange, Write
from dialer.settings import Address, ApiSettings
from tests.integration.api_world import FakeService, World, api_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with api_world(tmp_path, FakeService(), ApiSettings(listen=Address("127.0.0.1", 0))) as made:
        made.service.add_campaign("spring")
        made.service.on_duty["ana"] = "spring"
        made.service.conversations.agents[7] = "ana"
        yield made


def recorded(world: World) -> list[tuple[str, str]]:
    """What was done to whom, as the log of changes has it; tokens aside."""
    changes = [write.change for write in world.service.writes if isinstance(write, SaveChange)]
    return [(change.action, change.subject) for change in changes if change.action.startswith("agent.")]


async def test_a_supervisor_listens_whispers_and_leaves_on_record(world: World) -> None:
    boss = await world.token(Role.SUPERVISOR, name="boss")
    async with world.client(boss.token) as client:
        await client.call(requests.supervise("ana", SupervisionAsked(phone="boss")))
        await client.call(requests.supervise("ana", SupervisionAsked(phone="boss", mode="whisper")))
        (row,) = (await client.call(requests.supervisions())).supervisions
        assert (row.agent_id, row.phone, row.mode, row.up) == ("ana", "boss", "listen", True)
        await client.call(requests.end_supervision("ana", "boss"))
    assert world.service.conversations.done == [
        ("supervise", "ana", "boss", "listen"),
        ("supervise", "ana", "boss", "whisper"),
        ("leave", "ana", "boss"),
    ]
    assert recorded(world) == [
        ("agent.listen", "ana"), ("agent.whisper", "ana"), ("agent.left", "ana"),
    ]  # fmt: skip


@pytest.mark.long
async def test_nobody_listens_without_being_on_record(world: World) -> None:
    world.service.fail_with = RuntimeError("the disk is full")
    async with world.client() as client:
        with pytest.raises(Exception, match="fault"):
            await client.call(requests.supervise("ana", SupervisionAsked(phone="boss")))
    assert world.service.conversations.done == []


async def test_an_agent_may_not_listen_to_others(world: World) -> None:
    ben = await world.token(Role.AGENT, name="ben")
    async with world.client(ben.token) as client:
        with pytest.raises(NotAllowed, match=r"calls\.listen"):
            await client.call(requests.supervise("ana", SupervisionAsked(phone="ben")))
        with pytest.raises(NotAllowed, match="own desk"):
            await client.call(requests.consult(7, "expert"))


async def test_a_clients_supervisor_listens_to_that_clients_agents_alone(world: World) -> None:
    world.service.add_campaign("acme/autumn", "acme")
    acme = await world.token(Role.SUPERVISOR, name="acme", client="acme")
    async with world.client(acme.token) as client:
        with pytest.raises(NotFound):
            await client.call(requests.supervise("ana", SupervisionAsked(phone="boss")))
        assert (await client.call(requests.supervisions())).supervisions == []


async def test_who_works_for_another_client_by_now_is_not_listened_to(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.service.add_campaign("acme/autumn", "acme")
    world.service.on_duty["ana"] = "acme/autumn"
    acme = await world.token(Role.SUPERVISOR, name="acme", client="acme")
    write = world.service.write

    async def moved_meanwhile(one: Write) -> Answer:
        world.service.on_duty["ana"] = "spring"
        return await write(one)

    monkeypatch.setattr(world.service, "write", moved_meanwhile)
    async with world.client(acme.token) as client:
        with pytest.raises(NotFound):
            await client.call(requests.supervise("ana", SupervisionAsked(phone="boss")))
    assert world.service.conversations.done == []


async def test_an_agent_consults_joins_and_hands_over(world: World) -> None:
    ana = await world.token(Role.AGENT, name="ana")
    async with world.client(ana.token) as client:
        await client.call(requests.consult(7, "expert"))
        await client.call(requests.consult_step(7, "join"))
        await client.call(requests.consult_step(7, "complete"))
        await client.call(requests.consult_step(7, "drop"))
        with pytest.raises(NotFound, match="conversation"):
            await client.call(requests.consult(8, "expert"))
        world.service.conversations.refuses = "expert is at the stage calling, which does not allow that"
        with pytest.raises(Conflict, match="at the stage calling"):
            await client.call(requests.consult_step(7, "join"))
    assert world.service.conversations.done == [
        ("consult", 7, "expert"),
        ("join", 7),
        ("complete", 7),
        ("drop", 7),
    ]
    assert recorded(world) == [], "at one's own desk it is one's work"


async def test_an_agent_consults_a_number_outside(world: World) -> None:
    ana = await world.token(Role.AGENT, name="ana")
    async with world.client(ana.token) as client:
        await client.call(requests.consult(7, number="+442079460999"))
    async with world.http() as http:
        for asked in ({}, {"phone": "expert", "number": "+442079460999"}, {"number": "999"}):
            assert (await http.post("/v1/calls/7/consult", json=asked)).status_code == 422
    assert world.service.conversations.done == [("consult_outside", 7, "+442079460999", "token:ana")]


async def test_what_others_do_with_a_contact_is_on_record(world: World) -> None:
    boss = await world.token(Role.SUPERVISOR, name="boss")
    async with world.client(boss.token) as client:
        await client.call(requests.consult(7, "expert"))
    assert recorded(world) == [("agent.transfer.consult", "ana")]
