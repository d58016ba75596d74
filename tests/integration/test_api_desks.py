"""Desks at real sockets: whose stream is gone gets no more contacts, and who counts as whose desk."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Self

import pytest

from dialer.api import requests
from dialer.api.client import AsyncControlClient
from dialer.api.desks import AgentChange, AgentDisposition, AgentLogin
from dialer.api.endpoint import Endpoint
from dialer.api.errors import ApiRefused, Conflict
from dialer.api.roles import Role
from dialer.clock import SystemClock
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import AgentLoggedIn, AgentReady, DeskLost, DeskOpened
from dialer.settings import Address, ApiSettings
from dialer.web import guard, protocol, streams
from tests.integration.api_world import SETTINGS, FakeService, World, api_world

LOGIN = AgentLogin(campaign="spring", phone="127.0.0.1:40000")
LOST = DeskLost("ana", SETTINGS.desk_grace_s)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    service = FakeService(clock=SystemClock())  # type: ignore[arg-type]
    async with api_world(tmp_path, service, ApiSettings(listen=Address("127.0.0.1", 0))) as made:
        made.service.add_campaign("spring")
        yield made


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10.0):
        while not condition():
            await asyncio.sleep(0.01)


class Stream:
    """An open stream of these agents' changes, and what came over it."""

    def __init__(self, world: World, client: AsyncControlClient, *agents: str) -> None:
        self._world = world
        self._client = client
        self._agents = agents
        self.heard: list[AgentChange] = []

    async def _read(self, opened: asyncio.Event) -> None:
        async with contextlib.aclosing(
            self._client.read(requests.agent_stream(self._agents), opened.set)
        ) as changes:
            async for change in changes:
                self.heard.append(change)

    async def __aenter__(self) -> Self:
        opened = asyncio.Event()
        self._reading = asyncio.create_task(self._read(opened))
        async with asyncio.timeout(10.0):
            await opened.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reading.cancel()
        await asyncio.wait({self._reading})


async def test_a_stream_that_is_closed_is_a_desk_lost_at_once(world: World) -> None:
    async with world.client() as client:
        async with Stream(world, client, "ana", "ben"):
            await client.call(requests.agent_login("ana", LOGIN))
            await client.call(requests.agent_ready("ana"))
            assert world.service.posted == [AgentLoggedIn("ana", "spring"), AgentReady("ana")]
        await until(lambda: LOST in world.service.posted)
        assert [one for one in world.service.posted if isinstance(one, DeskLost)] == [LOST], "ben is not on duty"


async def test_who_logs_in_without_a_stream_has_no_desk_and_cannot_be_ready_until_there_is_one(
    world: World,
) -> None:
    async with world.client() as client:
        await client.call(requests.agent_login("ana", LOGIN))
        assert world.service.posted == [AgentLoggedIn("ana", "spring"), LOST]
        with pytest.raises(Conflict, match="nobody reads the stream of agent ana; open /v1/agents/stream"):
            await client.call(requests.agent_ready("ana"))
        async with Stream(world, client, "ana"):
            await client.call(requests.agent_ready("ana"))
    assert world.service.posted[2:4] == [DeskOpened("ana"), AgentReady("ana")]


async def test_a_desk_that_comes_back_is_told_how_its_agents_are(world: World) -> None:
    world.service.present_as = {
        "ana": NotifyAgent("ana", "talking", "spring", 7, "+12025550123"),
        "ben": NotifyAgent("ben", "paused", "spring", pause_code="desk_lost"),
    }
    world.service.state = "draining"  # conversations finish: their desks may come back
    async with world.client() as client, Stream(world, client, "ana", "ben", "cy") as stream:
        await until(lambda: len(stream.heard) == 2)
    first, second = stream.heard
    assert (first.agent_id, first.state, first.attempt_id, first.number) == ("ana", "talking", 7, "+12025550123")
    assert (second.agent_id, second.state, second.pause_code) == ("ben", "paused", "desk_lost")


async def test_a_desk_may_have_two_streams_and_is_lost_with_the_last(world: World) -> None:
    async with world.client() as client:
        async with Stream(world, client, "ana"):
            await client.call(requests.agent_login("ana", LOGIN))
            async with Stream(world, client, "ana"):
                pass
            await until(lambda: len(world.serving.control.desks.open) == 1)
            assert LOST not in world.service.posted
        await until(lambda: LOST in world.service.posted)


async def test_a_supervisor_who_only_looks_on_is_not_the_desk(world: World) -> None:
    own = await world.token(Role.AGENT, name="ana")
    looks_on = await world.token(Role.SUPERVISOR, name="wall")
    async with world.client(own.token) as desk, world.client(looks_on.token) as wall, Stream(world, wall, "ana"):
        async with Stream(world, desk, "ana"):
            await desk.call(requests.agent_login("ana", LOGIN))
            assert world.service.posted == [AgentLoggedIn("ana", "spring")]
        await until(lambda: LOST in world.service.posted)


async def test_whoever_logs_an_agent_in_may_be_the_desk_and_so_may_the_agent(world: World) -> None:
    own = await world.token(Role.AGENT, name="ana")
    gateway = await world.token(Role.SUPERVISOR, name="gateway")
    async with world.client(own.token) as desk, world.client(gateway.token) as through:
        async with Stream(world, through, "ana"):
            await through.call(requests.agent_login("ana", LOGIN))
            assert world.service.posted == [AgentLoggedIn("ana", "spring")]
            async with Stream(world, desk, "ana"):
                pass
        await until(lambda: LOST in world.service.posted)
        async with Stream(world, desk, "ana"):
            assert world.service.posted[-1] == DeskOpened("ana")


def changes(world: World) -> list[tuple[str, str, str, str, dict[str, str]]]:
    found = [one.change for one in world.service.reader.changes() if one.change.action.startswith("agent.")]
    return [(one.by, one.client, one.action, one.subject, dict(one.detail)) for one in reversed(found)]


async def test_what_others_do_with_an_agent_is_in_the_log_of_changes(world: World) -> None:
    world.service.add_campaign("acme/autumn")
    boss = await world.token(Role.SUPERVISOR, name="boss")
    own = await world.token(Role.AGENT, name="ana")
    login = AgentLogin(campaign="acme/autumn", phone="127.0.0.1:40000")
    world.service.present_as = {"ana": NotifyAgent("ana", "talking", "acme/autumn", 7)}
    async with world.client(boss.token) as client, world.client(own.token) as desk:
        await client.call(requests.agent_login("ana", login))
        async with Stream(world, desk, "ana"):
            await client.call(requests.agent_ready("ana"))
            await client.call(requests.agent_pause("ana", "training"))
            await client.call(requests.agent_hangup("ana"))
            await client.call(requests.dispose("ana", AgentDisposition(attempt_id=7, code="sale")))
            await client.call(requests.agent_logout("ana"))
    of = {"campaign": "acme/autumn"}
    assert changes(world) == [
        ("token:boss", "acme", "agent.login", "ana", of),
        ("token:boss", "acme", "agent.ready", "ana", of),
        ("token:boss", "acme", "agent.pause", "ana", of | {"code": "training"}),
        ("token:boss", "acme", "agent.hangup", "ana", of | {"attempt": "7"}),
        ("token:boss", "acme", "agent.disposition", "ana", of | {"attempt": "7", "code": "sale"}),
        ("token:boss", "acme", "agent.logout", "ana", of),
    ]


async def test_what_is_done_at_the_agents_own_desk_is_not(world: World) -> None:
    own = await world.token(Role.AGENT, name="ana")
    gateway = await world.token(Role.SUPERVISOR, name="gateway")
    for token, streams_open in ((own.token, False), (gateway.token, True)):
        async with world.client(token) as client, contextlib.AsyncExitStack() as stack:
            if streams_open:
                await stack.enter_async_context(Stream(world, client, "ana"))
            await client.call(requests.agent_login("ana", LOGIN))
            await client.call(requests.agent_pause("ana", "lunch"))
            await client.call(requests.agent_logout("ana"))
    assert changes(world) == []


async def test_the_owner_is_a_desk_by_one_program_and_a_supervisor_by_another(world: World) -> None:
    async with world.client() as desk, Stream(world, desk, "ana"):
        await desk.call(requests.agent_login("ana", LOGIN))
        async with AsyncControlClient(Endpoint.of_home(world.home, via="console", token="")) as console:
            await console.call(requests.agent_pause("ana"))
    assert [one[2] for one in changes(world)] == ["agent.pause"]


async def test_agents_of_this_process_need_no_desk(world: World) -> None:
    world.serving.control.desks.attend()
    world.service.post(AgentLoggedIn("ana", "spring"))
    async with world.client() as client:
        await client.call(requests.agent_ready("ana"))
        async with Stream(world, client, "ana"):
            pass
        await until(lambda: not world.serving.control.desks.open)
    assert world.service.posted == [AgentLoggedIn("ana", "spring"), AgentReady("ana")]


async def test_who_goes_off_duty_has_no_desk_to_lose(world: World) -> None:
    async with world.client() as client:
        async with Stream(world, client, "ana"):
            await client.call(requests.agent_login("ana", LOGIN))
            await client.call(requests.agent_logout("ana"))
        await until(lambda: not world.serving.control.desks.open)
    assert LOST not in world.service.posted


async def test_a_desk_that_is_too_slow_is_lost_before_its_connection_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "SEND_SILENCE_S", 60.0)
    _, writer = await asyncio.open_unix_connection(world.home / "control.sock", limit=1)
    writer.write(b"GET /v1/agents/stream?agent=ana HTTP/1.1\r\nhost: a\r\n\r\n")
    await until(lambda: world.serving.control.desks.open)
    async with world.client() as client:
        await client.call(requests.agent_login("ana", LOGIN))
    for at in range(20_000):
        world.service.tell(NotifyAgent("ana", "talking", "x" * 200, attempt_id=at))
        if at % 50 == 0:
            await asyncio.sleep(0)
        if LOST in world.service.posted:
            break
    assert LOST in world.service.posted
    writer.close()


async def test_a_stream_that_ends_with_its_token_loses_the_desk(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STILL_HERE_S", 0.1)
    bearer = await world.token(Role.AGENT, name="ana")
    async with world.client(bearer.token) as desk, world.client() as owner, Stream(world, desk, "ana"):
        await desk.call(requests.agent_login("ana", LOGIN))
        await owner.call(requests.revoke_token(bearer.token_id))
        await until(lambda: LOST in world.service.posted)


async def test_the_end_of_the_service_loses_no_desk(tmp_path: Path) -> None:
    service = FakeService(clock=SystemClock())  # type: ignore[arg-type]
    service.add_campaign("spring")
    async with api_world(tmp_path, service) as world:
        client = world.client()
        stream = await Stream(world, client, "ana").__aenter__()
        await client.call(requests.agent_login("ana", LOGIN))
        desks = world.serving.control.desks
        assert desks.open
    assert not desks.open
    await stream.__aexit__()
    await client.close()
    assert service.posted == [AgentLoggedIn("ana", "spring")]


async def test_the_kernel_tells_when_the_other_end_of_tcp_is_silent(world: World) -> None:
    assert world.serving.address is not None
    _, writer = await asyncio.open_connection(world.serving.address.host, world.serving.address.port)
    try:
        await until(lambda: _server_sockets(world))
        (server,) = _server_sockets(world)
        assert server.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert server.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == protocol.PEER_SILENT_S * 1_000
    finally:
        writer.close()


def _server_sockets(world: World) -> list[socket.socket]:
    found = [one for one in gc.get_objects() if isinstance(one, protocol.ControlProtocol)]
    sockets = [one.transport.get_extra_info("socket") for one in found if not one.transport.is_closing()]
    return [one for one in sockets if one.family == socket.AF_INET]


async def test_who_logs_in_without_an_address_of_audio_has_their_phone_called(world: World) -> None:
    world.service.phones.add("ana")
    async with world.client() as client, Stream(world, client, "ana"):
        line = await client.call(requests.agent_login("ana", AgentLogin(campaign="spring")))
        assert (line.line, world.service.called) == ("", ["ana"])
        assert world.service.posted == [AgentLoggedIn("ana", "spring")]
        with pytest.raises(ApiRefused, match="agent ben has none; give them phone"):
            await client.call(requests.agent_login("ben", AgentLogin(campaign="spring")))
