"""What is not what it should be: bodies, paths, bytes, connections. Each is refused with a `Fault`, or cut off;
and the service goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from dialer.api import requests
from dialer.api.roles import Role
from dialer.api.schemas import Fault
from dialer.errors import EnvironmentFault
from dialer.storage.errors import DiskFull
from dialer.web import guard, jobs, protocol, server, uploads
from tests.integration.api_world import World, api_world

NUMBER = "+12025550123"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with api_world(tmp_path) as made:
        yield made


async def raw(world: World, data: bytes, *, end: bool = False) -> bytes:
    """What the service answers to these bytes until it closes the connection."""
    reader, writer = await asyncio.open_unix_connection(world.home / "control.sock")
    try:
        writer.write(data)
        if end:
            writer.write_eof()
        async with asyncio.timeout(10.0):
            return await reader.read()
    except (ConnectionResetError, BrokenPipeError):
        return b""  # cut off
    finally:
        writer.close()


async def alive(world: World) -> bool:
    async with world.client() as client:
        return (await client.call(requests.me())).role is Role.ADMIN


def nested(depth: int) -> dict[str, object]:
    found: dict[str, object] = {}
    for _ in range(depth):
        found = {"a": found}
    return found


BODIES: list[tuple[str, str, Any, str]] = [
    ("POST", "/v1/dnc", {"numbers": [NUMBER], "colour": "red"}, "colour"),
    ("POST", "/v1/dnc", {"numbers": []}, "numbers"),
    ("POST", "/v1/dnc", {"numbers": ["12025550123"]}, "numbers.0"),
    ("POST", "/v1/dnc", {"numbers": [NUMBER], "source": 5}, "source"),
    ("POST", "/v1/dnc", {"numbers": [NUMBER], "source": "a\0b"}, "NUL"),
    ("POST", "/v1/dnc", [NUMBER], "the body"),
    ("POST", "/v1/dnc", None, "the body"),
    ("POST", "/v1/tokens", {"name": "x", "role": "king"}, "role"),
    ("POST", "/v1/tokens", {"name": "x", "role": "agent", "scopes": ["everything"]}, "scopes.0"),
    ("POST", "/v1/tokens", {"name": "x", "role": "agent", "expires_in_s": -1}, "expires_in_s"),
    ("POST", "/v1/tokens", {"name": "x", "role": "agent", "client": "a/b"}, "client"),
    ("POST", "/v1/tokens", {"name": "a\nb", "role": "agent"}, "name"),
    ("PUT", "/v1/users/ana", {"role": "agent", "password": "short"}, "password"),
    ("PUT", "/v1/users/%20ana", {"role": "agent", "password": "long enough, this"}, "name"),
    ("POST", "/v1/lists/people/leads", {"leads": [{"phones": []}]}, "leads.0.phones"),
    ("POST", "/v1/lists/a%2Fb%2Fc/leads", {"leads": [{"phones": [{"e164": NUMBER}]}]}, "leads.0.phones.0.region"),
    ("PUT", "/v1/campaigns/x", {"toml": 'name = "'}, "campaign file"),
    ("POST", "/v1/agents/ana/login", {"campaign": "x", "phone": "localhost"}, "phone"),
    ("POST", "/v1/agents/ana/login", {"campaign": "x" * 300, "phone": "127.0.0.1:4000"}, "campaign"),
    ("POST", "/v1/agents/ana/disposition", {"attempt_id": "seven", "code": "x"}, "attempt_id"),
    ("POST", "/v1/agents/ana/disposition", {"attempt_id": 10**4000, "code": "x"}, "attempt_id"),
    ("POST", "/v1/agents/ana/disposition", {"attempt_id": 1, "code": "x" * 100}, "code"),
    ("POST", "/v1/agents/ana/disposition", {"attempt_id": 1, "code": "x", "callback_at": 1e300}, "callback_at"),
    ("POST", "/v1/agents/ana/pause", {"code": "x" * 100}, "code"),
    ("POST", "/v1/agents/ana/pause", {"code": "\x1b[31mlunch"}, "code"),
    ("POST", "/v1/tokens", {"name": "x", "role": "agent", "expires_in_s": 1e308}, "expires_in_s"),
    ("PUT", "/v1/campaigns/x", {"toml": "", "order_seed": 10**30}, "order_seed"),
    ("PUT", "/v1/campaigns/x", {"toml": "#" * 70_000}, "toml"),
    ("PUT", "/v1/campaigns/x", {"toml": "", "filename": "f" * 300}, "filename"),
    ("PUT", "/v1/campaigns/x", {"toml": f"a = {'9' * 5_000}"}, "campaign file"),
    ("PUT", "/v1/campaigns/x", {"toml": f"a = {'[' * 20_000}"}, "campaign file"),
    ("POST", "/v1/lists/x/imports/end", {"file": "f", "summary": nested(100)}, "nested too deeply"),
    ("POST", "/v1/lists/x/imports/end", {"file": "f", "summary": nested(800)}, "nested too deeply"),
    ("POST", "/v1/login", {"user": "ana", "password": nested(800)}, "nested too deeply"),
]


@pytest.mark.parametrize(("method", "path", "body", "named"), BODIES)
async def test_a_wrong_body_is_refused_by_the_name_of_its_field(
    world: World, method: str, path: str, body: Any, named: str
) -> None:
    async with world.http() as http:
        response = await http.request(method, path, json=body)
    fault = Fault.model_validate_json(response.content)
    assert response.status_code == 422, response.text
    assert named in fault.text
    assert "long enough" not in fault.text, "what was sent may be a secret: it is not repeated"
    assert world.service.writes == []


async def test_half_a_character_is_refused(world: World) -> None:
    """JSON may name one of a surrogate pair alone (RFC 8259 § 8.2): no database takes it, no answer shows it."""
    body = '{"toml": "", "filename": "a\\ud800"}'
    async with world.http() as http:
        response = await http.put("/v1/campaigns/x", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422, response.text
    assert "half a character" in Fault.model_validate_json(response.content).text
    assert world.service.writes == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/changes?limit=0"),
        ("GET", "/v1/changes?since=nan"),
        ("GET", "/v1/changes?since=yesterday"),
        ("GET", "/v1/why?campaign=x"),
        ("GET", "/v1/why?campaign=x&number=1"),
        ("GET", "/v1/why?campaign=x&lead=1&at=1e300"),
        ("GET", "/v1/leads/none"),
        ("GET", f"/v1/leads/{10**30}"),
        ("GET", "/v1/stream?every=0"),
        ("GET", "/v1/agents/stream"),
        ("GET", "/v1/dnc/12"),
        ("GET", "/v1/lists/x?first=-1"),
        ("GET", "/v1/changes?client=a%00b"),
        ("GET", f"/v1/changes?client={'x' * 300}"),
        ("POST", "/v1/lists/x/imports?filename=a.%00csv"),
        ("POST", "/v1/lists/x/imports?filename=a.csv&source=%1b"),
    ],
)
async def test_a_wrong_parameter_is_refused(world: World, method: str, path: str) -> None:
    async with world.http() as http:
        response = await http.request(method, path)
    assert response.status_code == 422
    assert Fault.model_validate_json(response.content).code == "wrong_input"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "unknown_path"),
        ("GET", "/v2/overview", 404, "unknown_path"),
        ("GET", "/docs", 404, "unknown_path"),
        ("GET", "/v1/overview/", 404, "unknown_path"),
        ("GET", "/v1/campaigns/a%00b", 404, "unknown_path"),
        ("GET", "/v1/campaigns/..%2F..%2Fetc%2Fpasswd", 404, "unknown_name"),
        ("DELETE", "/v1/overview", 405, "wrong_method"),
        ("PATCH", "/v1/campaigns/x", 405, "wrong_method"),
        ("TRACE", "/v1/me", 405, "wrong_method"),
    ],
)
async def test_unknown_paths_and_methods(world: World, method: str, path: str, status: int, code: str) -> None:
    async with world.http() as http:
        response = await http.request(method, path)
    assert response.status_code == status
    assert Fault.model_validate_json(response.content).code == code


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b'{"numbers": ["\xff\xfe"]}', "application/json"),
        (b'{"numbers": ["\\ud800"]}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"numbers": ["+12025550123"]}', "text/plain"),
        (b"numbers=1", "application/x-www-form-urlencoded"),
    ],
)
async def test_what_is_no_json_is_refused(world: World, content: bytes, kind: str) -> None:
    async with world.http() as http:
        response = await http.post("/v1/dnc", content=content, headers={"content-type": kind})
    assert response.status_code in (400, 422), response.text
    assert Fault.model_validate_json(response.content).code in ("wrong_input", "bad_request")
    assert world.service.writes == []


async def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(world: World) -> None:
    large = b'{"numbers": ["' + b"1" * 1_100_000 + b'"]}'

    async def portions() -> AsyncIterator[bytes]:
        for at in range(0, len(large), 65_536):
            yield large[at : at + 65_536]

    async with world.http() as http:
        for content in (large, portions()):
            response = await http.post("/v1/dnc", content=content, headers={"content-type": "application/json"})
            assert response.status_code == 413
            assert Fault.model_validate_json(response.content).code == "too_large"
    assert await alive(world)


async def test_a_failing_store_is_told_as_such_and_a_fault_of_ours_says_nothing_of_its_inside(
    world: World,
) -> None:
    world.service.fail_with = DiskFull("no space left for the database: free some")
    async with world.http() as http:
        response = await http.post("/v1/dnc", json={"numbers": [NUMBER]})
        assert (response.status_code, response.json()["code"]) == (503, "store_failed")
        world.service.fail_with = ZeroDivisionError("secret inside")
        with capture_logs() as logged:
            response = await http.post("/v1/dnc", json={"numbers": [NUMBER]})
        assert [(one["log_level"], one["path"]) for one in logged if "exc_info" in one] == [("error", "/v1/dnc")]
        assert (response.status_code, response.json()["code"]) == (500, "fault")
        assert "secret" not in response.text
    assert await alive(world)


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"INVITE sip:a@b SIP/2.0\r\n\r\n",
        b"\0" * 4_096,
        b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 100_000 + b"\r\n",
        b"GET /" + b"a" * 100_000,
        b"POST /v1/dnc HTTP/1.1\r\nhost: a\r\ncontent-length: -5\r\n\r\n",
        b"POST /v1/dnc HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
async def test_garbage_is_answered_with_400_or_cut_off_and_counted(world: World, data: bytes) -> None:
    answer = await raw(world, data)
    assert not answer or b" 400 " in answer.split(b"\r\n", 1)[0]
    assert await alive(world)
    text = world.serving.control.metrics.text().decode()
    assert 'dialer_api_dropped_total{cause="garbage"} 1.0' in text


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=400))
def test_any_bytes_leave_the_service_alive(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    async def run() -> None:
        async with api_world(tmp_path_factory.mktemp("home")) as world:
            await raw(world, data, end=True)
            await raw(world, b"POST /v1/dnc HTTP/1.1\r\nhost: a\r\n" + data, end=True)
            assert await alive(world)

    asyncio.run(run())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "numbers",
        "source",
        "client",
        "leads",
        "phones",
        "name",
        "role",
        "scopes",
        "toml",
        "filename",
        "user",
        "password",
    ]
)
WITH_BODY = [
    ("POST", "/v1/dnc"),
    ("POST", "/v1/dnc/remove"),
    ("POST", "/v1/tokens"),
    ("PUT", "/v1/users/u"),
    ("POST", "/v1/login"),
    ("PUT", "/v1/campaigns/x"),
    ("POST", "/v1/lists/x/leads"),
    ("POST", "/v1/lists/x/imports/end"),
    ("POST", "/v1/agents/ana/login"),
]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bodies=st.lists(
        st.tuples(st.sampled_from(WITH_BODY), JSON | st.dictionaries(FIELDS, JSON, max_size=4)), max_size=20
    )
)
def test_any_body_is_taken_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[tuple[tuple[str, str], Any]]
) -> None:
    async def run() -> None:
        async with api_world(tmp_path_factory.mktemp("home")) as world, world.http() as http:
            for (method, path), body in bodies:
                content = json.dumps(
                    body
                ).encode()  # NaN and lone surrogates among it, as any program may send them
                response = await http.request(
                    method, path, content=content, headers={"content-type": "application/json"}
                )
                assert response.status_code != 500, (path, body, response.text)
                if not response.is_success:
                    Fault.model_validate_json(response.content)

    asyncio.run(run())


async def test_who_does_not_send_the_headers_in_time_is_cut_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEADERS_WITHIN_S", 0.2)
    assert await raw(world, b"") == b""
    assert await raw(world, b"GET /v1/me HTTP/1.1\r\nhost: ") == b""
    first = b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n"
    answer = await raw(world, first + b"GET /v1/me HT")  # a whole request, and then half of another
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1
    assert 'cause="silent"} 3.0' in world.serving.control.metrics.text().decode()


async def test_who_does_not_send_the_body_in_time_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SILENCE_S", 0.2)
    head = b"POST /v1/dnc HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"
    answer = await raw(world, head, end=False)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"too_slow" in answer
    assert world.service.writes == []


async def test_a_login_is_short_and_comes_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LOGIN_WITHIN_S", 0.3)
    head = b"POST /v1/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    assert (await raw(world, head % 10_000, end=False)).startswith(b"HTTP/1.1 413")
    reader, writer = await asyncio.open_unix_connection(world.home / "control.sock")
    writer.write(head % 1_000)

    async def drip() -> None:
        while True:
            writer.write(b" ")
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    async with asyncio.timeout(10.0):
        assert b"408" in await reader.readline()
    dripping.cancel()
    writer.close()


async def test_a_body_of_two_lengths_is_refused_and_nothing_after_it_is_read(world: World) -> None:
    both = b"POST /v1/dnc HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    answer = await raw(world, both + b"GET /v1/me HTTP/1.1\r\nhost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1


def uploaded(world: World) -> list[Path]:
    return list((world.home / "uploads").glob("*"))


async def test_an_upload_that_is_broken_off_is_no_fault_of_ours(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    _, writer = await asyncio.open_unix_connection(world.home / "control.sock")
    head = b"POST /v1/lists/x/imports?filename=a.csv HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nphone"
    writer.write(head)
    async with asyncio.timeout(10.0):
        while not uploaded(world):
            await asyncio.sleep(0.01)
        writer.close()
        while uploaded(world):
            await asyncio.sleep(0.01)
    assert await alive(world)
    assert "fault of ours" not in capsys.readouterr().out


async def test_uploads_are_bounded_before_they_are_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "WAITING_LIMIT", 1)
    _, writer = await asyncio.open_unix_connection(world.home / "control.sock")
    head = b"POST /v1/lists/x/imports?filename=a.csv HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n"
    writer.write(head)
    async with asyncio.timeout(10.0):
        while not uploaded(world):
            await asyncio.sleep(0.01)
    assert (await raw(world, head, end=False)).startswith(b"HTTP/1.1 429")
    writer.close()


async def test_a_file_does_not_take_the_last_of_the_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "KEPT_FREE", 2**62)
    async with world.http() as http:
        response = await http.post("/v1/lists/x/imports", params={"filename": "a.csv"}, content=b"phone\n")
    assert (response.status_code, response.json()["code"]) == (503, "store_failed")
    assert "the disk is nearly full" in response.text
    assert uploaded(world) == []


async def test_connections_are_bounded_and_others_get_through_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LOCAL_LIMIT", 20)
    async with api_world(tmp_path) as world:
        path = world.home / "control.sock"
        held = [await asyncio.open_unix_connection(path) for _ in range(20)]
        for _ in range(200):
            reader, writer = await asyncio.open_unix_connection(path)
            assert await reader.read() == b"", "one too many is closed at once"
            writer.close()
        for _, writer in held:
            writer.close()
            await writer.wait_closed()
        async with asyncio.timeout(10.0):
            while True:
                try:
                    assert await alive(world)
                    break
                except EnvironmentFault:
                    raise
                except Exception:  # noqa: BLE001 - the service has not seen them go yet
                    await asyncio.sleep(0.01)
        assert 'cause="crowded"} 2' in world.serving.control.metrics.text().decode()
