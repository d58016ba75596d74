"""The sockets that the control API is served at, and what is left of them at the end."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import stat
from pathlib import Path

import httpx
import pytest
import uvloop

from dialer.api import requests
from dialer.api.client import AsyncControlClient, ControlClient, is_running
from dialer.api.endpoint import Endpoint
from dialer.api.errors import NotAuthenticated, ServiceLost, Unavailable
from dialer.api.holdings import Reloaded
from dialer.api.roles import Role
from dialer.errors import EnvironmentFault, InputError, ServiceNotRunning
from dialer.settings import Address, ApiSettings
from tests.integration.api_world import FakeService, World, api_world

ANY_PORT = ApiSettings(Address("127.0.0.1", 0))


def remote(world: World, token: str, authority: Path | None = None) -> AsyncControlClient:
    scheme = "https" if authority is not None else "http"
    return AsyncControlClient(Endpoint.remote(f"{scheme}://{world.serving.address}", token, authority=authority))


async def test_the_socket_is_the_owners_alone_and_gone_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    async with api_world(tmp_path):
        mode = path.stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600
        assert await asyncio.to_thread(is_running, tmp_path)
    assert not path.exists()
    assert not await asyncio.to_thread(is_running, tmp_path)


async def test_the_socket_of_a_dead_process_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with pytest.raises(ServiceNotRunning, match="has ended without taking its socket away"):
        async with AsyncControlClient(Endpoint.of_home(tmp_path, token="")) as client:
            await client.call(requests.me())
    assert not await asyncio.to_thread(is_running, tmp_path)
    async with api_world(tmp_path) as world, world.client() as client:
        await client.call(requests.me())


async def test_a_second_service_on_the_home_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        with pytest.raises(EnvironmentFault, match="a service answers there already"):
            async with api_world(tmp_path):
                raise AssertionError
        async with world.client() as client:
            await client.call(requests.me())


async def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "control.sock").write_text("mine")
    with pytest.raises(EnvironmentFault, match="in the way of the service's socket"):
        async with api_world(tmp_path):
            raise AssertionError
    assert (tmp_path / "control.sock").read_text() == "mine"


async def test_a_path_that_no_socket_can_have(tmp_path: Path) -> None:
    home = tmp_path / ("a" * 100)
    home.mkdir()
    with pytest.raises(EnvironmentFault, match="use a home with a shorter path"):
        async with api_world(home):
            raise AssertionError
    with pytest.raises(ServiceNotRunning, match="use a home with a shorter path"):
        ControlClient(Endpoint.of_home(home))


async def test_no_home_and_no_service(tmp_path: Path) -> None:
    for home in (tmp_path, tmp_path / "none"):
        with (
            pytest.raises(ServiceNotRunning, match=f"start it with `dialer run --home {home}`"),
            ControlClient(Endpoint.of_home(home)) as client,
        ):
            client.call(requests.me())
    with pytest.raises(InputError, match="write https://host:port"):
        Endpoint.remote("dialer.example", "t")
    with pytest.raises(InputError, match="DIALER_TOKEN"):
        Endpoint.remote("https://dialer.example", "")


async def test_tcp_asks_for_a_token_even_of_this_machine(tmp_path: Path) -> None:
    async with api_world(tmp_path, api=ANY_PORT) as world:
        bearer = await world.token(Role.AUDITOR)
        async with remote(world, bearer.token) as client:
            assert (await client.call(requests.me())).role is Role.AUDITOR
        async with httpx.AsyncClient(base_url=f"http://{world.serving.address}") as http:
            assert (await http.get("/v1/me")).status_code == 401
            assert (await http.get("/healthz")).status_code == 200
        port = world.serving.address.port if world.serving.address is not None else 0
        taken = ApiSettings(Address("127.0.0.1", port))
        (tmp_path / "other").mkdir()
        with pytest.raises(EnvironmentFault, match="cannot be listened on"):
            async with api_world(tmp_path / "other", api=taken):
                raise AssertionError
        assert not (tmp_path / "other" / "control.sock").exists()
    async with remote(world, bearer.token) as client:
        with pytest.raises(ServiceNotRunning, match="no service can be reached there"):
            await client.call(requests.me())


@pytest.mark.needs("openssl")
async def test_tls_with_a_certificate_of_ones_own(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    openssl = shutil.which("openssl")
    assert openssl is not None
    made = await asyncio.create_subprocess_exec(
        *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=dialer"),
        *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await made.wait() == 0
    tls = ApiSettings(Address("127.0.0.1", 0), certificate, key)
    async with api_world(tmp_path, api=tls) as world:
        bearer = await world.token(Role.AUDITOR)
        async with remote(world, bearer.token, certificate) as client:
            assert (await client.call(requests.me())).name == "token:tool"
        async with AsyncControlClient(Endpoint.remote(f"https://{world.serving.address}", bearer.token)) as client:
            with pytest.raises(ServiceNotRunning, match="certificate verify failed"):
                await client.call(requests.me())
        async with AsyncControlClient(Endpoint.remote(f"http://{world.serving.address}", bearer.token)) as client:
            with pytest.raises((ServiceLost, ServiceNotRunning)):
                await client.call(requests.me())
        with pytest.raises(InputError, match="holds no certificates"):
            remote(world, bearer.token, key.with_name("none"))
    locked = tmp_path / "locked.pem"
    command = (openssl, "rsa", "-in", str(key), "-aes256", "-passout", "pass:sesame", "-out", str(locked))
    assert await (await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)).wait() == 0
    with pytest.raises(EnvironmentFault, match="asks for a password"):
        async with api_world(tmp_path, api=ApiSettings(Address("127.0.0.1", 0), certificate, locked)):
            raise AssertionError
    wrong = ApiSettings(Address("127.0.0.1", 0), key, certificate)
    with pytest.raises(EnvironmentFault, match="tls_certificate, tls_key"):
        async with api_world(tmp_path, api=wrong):
            raise AssertionError


async def test_a_request_under_way_is_answered_before_the_end_and_a_stuck_one_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.web.server.END_WITHIN_S", 0.5)
    entered, go_on = asyncio.Event(), asyncio.Event()

    class Slow(FakeService):
        async def reload(self, by: object) -> Reloaded:
            entered.set()
            await go_on.wait()
            return Reloaded(changed=[], needs_restart=[])

    for released in (True, False):
        entered.clear()
        go_on.clear()
        async with api_world(tmp_path, Slow()) as world:
            client = world.client()
            asked = asyncio.create_task(client.call(requests.reload_settings()))
            await entered.wait()
            if released:
                asyncio.get_running_loop().call_later(0.1, go_on.set)
        if released:
            assert (await asked).changed == []
        else:
            with pytest.raises(Unavailable, match="may or may not have been done"):
                await asked
        await client.close()


def test_under_uvloop_the_owner_is_known_too(tmp_path: Path) -> None:
    async def run() -> None:
        async with api_world(tmp_path) as world, world.client() as client:
            assert (await client.call(requests.me())).name.startswith("os:")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
    assert not (tmp_path / "control.sock").exists()


async def test_a_token_in_the_environment_narrows_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with api_world(tmp_path) as world:
        bearer = await world.token(Role.AGENT, name="ana")
        monkeypatch.setenv("DIALER_TOKEN", bearer.token)
        async with AsyncControlClient(Endpoint.of_home(tmp_path)) as client:
            assert (await client.call(requests.me())).role is Role.AGENT
        monkeypatch.setenv("DIALER_TOKEN", "rp_nonsense")
        async with AsyncControlClient(Endpoint.of_home(tmp_path)) as client:
            with pytest.raises(NotAuthenticated):
                await client.call(requests.me())
    assert os.environ["DIALER_TOKEN"] not in repr(Endpoint.of_home(tmp_path))
