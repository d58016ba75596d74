"""The client against what a service may do wrong, and requests as they go out."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.api import requests
from dialer.api.access import Me
from dialer.api.client import ControlClient
from dialer.api.edits import Numbers
from dialer.api.endpoint import Endpoint
from dialer.api.errors import ApiRefused, NotFound, ServiceLost
from dialer.errors import EnvironmentFault


@contextlib.contextmanager
def answering(home: Path, answer: bytes) -> Iterator[list[bytes]]:
    """A service that gives the same answer to its one connection. Yields what it was asked."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(home / "control.sock"))
        listening.listen()

        def serve() -> None:
            while not asked:  # the client may knock first, to see whether anybody is there
                connection, _ = listening.accept()
                with connection:
                    if request := _whole(connection):
                        asked.append(request)
                        connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield asked
        thread.join(10.0)


def _whole(connection: socket.socket) -> bytes:
    """A request; its body may come in a packet of its own."""
    request = connection.recv(65_536)
    length = re.search(rb"content-length: (\d+)", request, re.IGNORECASE)
    while length is not None and len(request.partition(b"\r\n\r\n")[2]) < int(length[1]):
        request += connection.recv(65_536)
    return request


def answer_of(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


FAULT = b"""{"code": "unknown_name", "text": "no such thing", "problems": [
  {"file": "a.toml", "line": 3, "column": 7, "field": "lists", "text": "is missing", "advice": "add it"}]}"""


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (b"", ServiceLost, "went away; what was asked may or may not have been done"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", ServiceLost, "went away"),
        (b"SIP/2.0 200 OK\r\n\r\n", ServiceLost, "went away"),
        (answer_of("200 OK", b"{}"), EnvironmentFault, "let both be of the same version"),
        (answer_of("200 OK", b"<html>"), EnvironmentFault, "let both be of the same version"),
        (answer_of("502 Bad Gateway", b"<html>"), ApiRefused, "answered 502 without saying why"),
        (answer_of("404 Not Found", FAULT), NotFound, "no such thing\na.toml:3:7: lists: is missing (add it)"),
    ],
)
def test_what_a_service_may_answer(tmp_path: Path, answer: bytes, error: type[Exception], text: str) -> None:
    endpoint = Endpoint.of_home(tmp_path, token="")
    with answering(tmp_path, answer), ControlClient(endpoint) as client, pytest.raises(error) as raised:
        client.call(requests.me())
    assert text in str(raised.value)


def test_a_service_that_does_not_answer_in_time(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "control.sock"))
        listening.listen()
        asked = requests.Request("GET", "/v1/me", Me, timeout_s=0.1)
        client = ControlClient(Endpoint.of_home(tmp_path, token=""))
        with client, pytest.raises(ServiceLost, match="gave no answer in time"):
            client.call(asked)


def test_a_request_as_it_goes_out(tmp_path: Path) -> None:
    endpoint = Endpoint.of_home(tmp_path, via="console", token="rp_1_2")
    body = b'{"changed": 1, "unchanged": 0}'
    with answering(tmp_path, answer_of("200 OK", body)) as asked, ControlClient(endpoint) as client:
        assert client.call(requests.block(Numbers(numbers=["+12025550123"]))).changed == 1
    head, _, sent = asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/dnc HTTP/1.1\r\n")
    assert b"authorization: bearer rp_1_2" in head.lower()
    assert b"x-dialer-via: console" in head.lower()
    assert Numbers.model_validate_json(sent).numbers == ["+12025550123"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("spring", "/v1/campaigns/spring"),
        ("acme/spring", "/v1/campaigns/acme/spring"),
        ("a b?c#d%e", "/v1/campaigns/a%20b%3Fc%23d%25e"),
    ],
)
def test_names_in_paths(name: str, path: str) -> None:
    assert requests.campaign(name).path == path


def test_a_number_in_a_path_and_only_what_is_given_in_the_query() -> None:
    assert requests.dnc("+12025550123").path == "/v1/dnc/%2B12025550123"
    assert requests.changes(since=5.0).params == {"since": 5.0}
    assert requests.why("x", number="+1", at=3.0).params == {"campaign": "x", "number": "+1", "at": 3.0}
    assert requests.agent_stream(["a", "b"]).params == {"agent": ["a", "b"]}
