"""The floor and the desks as streams: what comes, who gets it, and what becomes of slow and dead readers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from dialer.api import requests
from dialer.api.roles import Role
from dialer.api.schemas import Overview
from dialer.clock import SystemClock
from dialer.engine.commands import NotifyAgent
from dialer.web import desks as desk_streams
from dialer.web import guard, streams
from tests.integration.api_world import FakeService, World, api_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    service = FakeService(clock=SystemClock())  # type: ignore[arg-type]
    async with api_world(tmp_path, service) as made:
        yield made


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10.0):
        while not condition():
            await asyncio.sleep(0.01)


async def test_one_overview_a_second_is_worked_out_for_all_readers_of_a_client(world: World) -> None:
    world.service.add_campaign("acme/spring")
    world.service.add_campaign("zeta/autumn")
    acme = await world.token(Role.SUPERVISOR, "acme")

    async def read(token: str) -> list[Overview]:
        async with world.client(token) as client:
            found = []
            events = client.read(requests.overview_stream())
            async for overview in events:
                found.append(overview)
                if len(found) == 3:
                    break
            await events.aclose()
            return found

    began = world.service.clock.now()
    everything = await asyncio.gather(*(read("") for _ in range(8)), *(read(acme.token) for _ in range(8)))
    elapsed = world.service.clock.now() - began
    assert all(len(found) == 3 for found in everything)
    for found in everything[:8]:
        assert {row.name for row in found[-1].campaigns} == {"acme/spring", "zeta/autumn"}
    for found in everything[8:]:
        assert {row.name for row in found[-1].campaigns} == {"acme/spring"}
    assert world.service.overviews <= 2 * (int(elapsed) + 2), "not one for each of 16 readers"


async def test_a_desk_is_told_of_its_agents_alone_in_order_and_without_a_gap(world: World) -> None:
    bearer = await world.token(Role.SUPERVISOR, "acme")
    async with world.client(bearer.token) as client:
        stream = requests.agent_stream(["ana", "ben"])
        changes = client.read(stream)
        first = asyncio.create_task(anext(changes))
        await until(lambda: world.service.listeners)
        for at in range(20):
            world.service.tell(NotifyAgent("ana", "talking", "acme/spring", attempt_id=at))
            world.service.tell(NotifyAgent("cy", "talking", "acme/spring", attempt_id=at))
            world.service.tell(NotifyAgent("ben", "talking", "zeta/autumn", attempt_id=at))
        got = [await first] + [await anext(changes) for _ in range(19)]
        assert [(one.agent_id, one.attempt_id) for one in got] == [("ana", at) for at in range(20)]
        await changes.aclose()


async def test_a_desk_that_does_not_take_its_changes_is_cut_off_and_holds_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "SEND_SILENCE_S", 0.3)
    desks = world.serving.control.desks
    _, writer = await asyncio.open_unix_connection(world.home / "control.sock", limit=1)
    writer.write(b"GET /v1/agents/stream?agent=ana HTTP/1.1\r\nhost: a\r\n\r\n")
    await until(lambda: desks.open)
    (desk,) = desks.open
    most = 0
    for at in range(20_000):
        world.service.tell(NotifyAgent("ana", "talking", "x" * 200, attempt_id=at))
        most = max(most, desk.queue.qsize())
        if at % 50 == 0:
            await asyncio.sleep(0)
        if not desks.open:
            break
    assert most <= desk_streams.DESK_QUEUE + 1
    await until(lambda: not desks.open)
    await until(lambda: not _connections(world))
    writer.close()


def _connections(world: World) -> int:
    import gc

    from dialer.web.protocol import ControlProtocol

    return sum(isinstance(one, ControlProtocol) and not one.transport.is_closing() for one in gc.get_objects())


async def test_a_reader_that_is_gone_is_forgotten(world: World) -> None:
    floor, desks = world.serving.control.floor, world.serving.control.desks
    for path in ("/v1/stream", "/v1/agents/stream?agent=ana"):
        _, writer = await asyncio.open_unix_connection(world.home / "control.sock")
        writer.write(f"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n".encode())
        await until(lambda: floor._readers or desks.open)
        writer.close()
        await until(lambda: not floor._readers and not desks.open)


async def test_a_stream_ends_with_its_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STILL_HERE_S", 0.2)
    bearer = await world.token(Role.SUPERVISOR)
    async with world.client(bearer.token) as client, world.client() as owner:
        changes = client.read(requests.agent_stream(["ana"]))
        waiting = asyncio.create_task(anext(changes))
        await until(lambda: world.serving.control.desks.open)
        await owner.call(requests.revoke_token(bearer.token_id))
        with pytest.raises(StopAsyncIteration):
            async with asyncio.timeout(10.0):
                await waiting


async def test_a_stream_ends_when_its_token_expires(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STILL_HERE_S", 1.0)
    bearer = await world.token(Role.SUPERVISOR, expires_in_s=1.5)
    async with world.client(bearer.token) as client:
        async with asyncio.timeout(10.0):
            seen = [overview async for overview in client.read(requests.overview_stream(60))]
    assert len(seen) == 1


async def test_streams_end_at_once_with_the_service(tmp_path: Path) -> None:
    service = FakeService(clock=SystemClock())  # type: ignore[arg-type]
    async with api_world(tmp_path, service) as world:
        client = world.client()
        events = client.read(requests.overview_stream(60))
        await anext(events)
        waiting = asyncio.create_task(anext(events))
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 2.0
    with pytest.raises(StopAsyncIteration):
        await waiting
    await client.close()
    assert service.listeners == []


async def test_readers_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "READERS_LIMIT", 1)
    async with world.client() as client, world.http() as http:
        events = client.read(requests.overview_stream())
        await anext(events)
        response = await http.get("/v1/stream")
        assert (response.status_code, response.json()["code"]) == (429, "too_many_readers")
        await events.aclose()
        await until(lambda: not world.serving.control.floor._readers)
        events = client.read(requests.overview_stream())
        await anext(events)
        await events.aclose()


async def test_no_desk_before_the_service_runs(world: World) -> None:
    world.service.state = "starting"
    async with world.http() as http:
        response = await http.get("/v1/agents/stream", params={"agent": "ana"})
    assert (response.status_code, response.json()["code"]) == (503, "not_ready")
