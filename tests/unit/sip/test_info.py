"""INFO, REFER and NOTIFY within a call."""

from __future__ import annotations

import pytest

from dialer.sip.events import Digits
from tests.unit.sip.peer import World, request

RELAY, PLAIN = "application/dtmf-relay", "application/dtmf"


@pytest.mark.parametrize(
    ("kind", "body", "status", "digits"),
    [
        (RELAY, b"Signal=5\r\nDuration=160\r\n", 200, "5"),
        (RELAY, b"Duration= 100\r\nSignal= * ", 200, "*"),
        (RELAY, b"Signal=11\r\n", 200, "#"),
        (RELAY, b"signal=a", 200, "A"),
        (RELAY, b"Signal=flash\r\n", 400, ""),
        (PLAIN, b"7", 200, "7"),
        (PLAIN + ";x=y", b" # \r\n", 200, "#"),
        (PLAIN, b"77", 400, ""),
        ("text/plain", b"hello", 415, ""),
        ("", b"", 200, ""),
    ],
)
def test_digits_by_info(kind: str, body: bytes, status: int, digits: str) -> None:
    world = World()
    answer = send(world, "INFO", kind, body)
    assert answer == status
    assert world.told() == ([Digits(1, digits)] if digits else [])


def test_packages_nobody_asked_for_are_refused() -> None:
    world = World()
    assert send(world, "INFO", "", b"", "Info-Package: conference") == 469


@pytest.mark.parametrize(("method", "status"), [("REFER", 603), ("NOTIFY", 481), ("PRACK", 481), ("MESSAGE", 405)])
def test_what_a_call_does_not_take(method: str, status: int) -> None:
    world = World()
    assert send(world, method, "", b"", "Refer-To: <sip:x@y>", "RAck: 1 1 INVITE") == status
    assert world.told() == []
    assert world.agent.open_calls() == 1


def send(world: World, method: str, kind: str, body: bytes, *headers: str) -> int:
    """The status that a request within a call of ours is answered."""
    invite, ack = world.answered()
    data = request(
        method, call_id=invite["Call-ID"], from_=ack["To"], to=ack["From"], headers=headers, body=body
    ).replace(b"application/sdp", kind.encode())
    (answer,) = world.receive(data)
    return answer.status
