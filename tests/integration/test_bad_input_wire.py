"""What strangers send at our SIP port while calls are in progress, and ports that somebody else has."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import Any, cast

import pytest

from dialer.engine import event_log
from dialer.sip.events import DropReason
from dialer.sip.user_agent import UserAgent
from dialer.telephony.errors import AddressUnavailable
from dialer.telephony.udp import bind_udp
from sim_trunk.call_log import CallLog
from sim_trunk.population import load_population
from tests.brisk import BRISK_POPULATION
from tests.integration.books import assert_books_agree, carrier_log
from tests.integration.command import Dialer
from tests.integration.live_world import HOST, LiveWorld, live_world, simulated_network
from tests.unit.sip.torture import INVALID, wire

STRAY = wire(
    """
SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKnobody;rport
From: <sip:a@127.0.0.1>;tag=stranger
To: <sip:b@127.0.0.1>;tag=stranger
Call-ID: nobody@example.com
CSeq: 1 INVITE
Contact: <sip:b@127.0.0.1:9>
Content-Length: 0
"""
)
INVITE = wire(
    """
INVITE sip:dialer@127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKstranger;rport
Max-Forwards: 70
From: <sip:a@127.0.0.1>;tag=stranger
To: <sip:b@127.0.0.1>
Call-ID: stranger@example.com
CSeq: 1 INVITE
Contact: <sip:a@127.0.0.1:9>
Content-Type: application/sdp
Content-Length: 129
""",
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n",
)
"""Cut off in its body: it says 129 octets."""

GARBAGE: dict[bytes, DropReason] = {
    b"hello, is this a mail server?\r\n": DropReason.NOT_SIP,
    bytes(range(256)): DropReason.NOT_SIP,
    b"\x80\x00" + bytes(170): DropReason.NOT_SIP,  # RTP, astray
    b"SIP/2.0 200 OK\r\n\r\n": DropReason.MALFORMED,
    INVITE[: INVITE.index(b"Call-ID")]: DropReason.MALFORMED,  # cut off in its headers
    STRAY: DropReason.STRAY_RESPONSE,
    STRAY.replace(b"Content-Length: 0", b"Content-Length: 99"): DropReason.TRUNCATED,
}
ROUNDS = 40


def core_of(world: LiveWorld) -> UserAgent:
    return cast(UserAgent, cast(Any, world.service.carrier)._signalling.core)


async def until_busy(world: LiveWorld) -> None:
    await world.until(lambda: bool(world.row().talking and world.row().dialing))


def taken_from(sock: socket.socket) -> list[bytes]:
    got = []
    while True:
        try:
            got.append(sock.recv(65_535))
        except BlockingIOError:
            return got


async def test_calls_in_progress_do_not_notice_what_strangers_send(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log_path = tmp_path / "carrier.jsonl"
    with log_path.open("w") as stream, bind_udp(HOST, 0) as one, bind_udp(HOST, 0) as two:
        async with (
            simulated_network(load_population(BRISK_POPULATION, 5), CallLog(stream)) as trunk,
            live_world(tmp_path, trunk) as world,
        ):
            await until_busy(world)
            strangers = [one.getsockname(), two.getsockname()]
            address, core = world.service.carrier.address, core_of(world)
            before = dict(core.counters)
            with caplog.at_level(logging.WARNING, "dialer.telephony"):
                for _ in range(ROUNDS):
                    for data in GARBAGE:
                        one.sendto(data, address)
                    two.sendto(next(iter(GARBAGE)), address)
                    two.sendto(INVITE, address)
                    await asyncio.sleep(0.01)
                for data, _ in INVALID.values():
                    one.sendto(data, address)
                sent = ROUNDS * (len(GARBAGE) + 2) + len(INVALID)
                async with asyncio.timeout(10):
                    while core.counters["datagrams_received"] < before["datagrams_received"] + sent:
                        await asyncio.sleep(0.05)
            counters = dict(core.counters)
            answers = taken_from(two)
            assert await world.service.finish(6.0)
        records = world.records()

    for reason in set(GARBAGE.values()):
        kinds = sum(1 for of in GARBAGE.values() if of is reason)
        more = ROUNDS if reason is DropReason.NOT_SIP else 0  # the other stranger's
        assert counters[reason.value] - before.get(reason.value, 0) >= ROUNDS * kinds + more
    # We take no calls: a stranger's INVITE is refused without keeping anything, whole or truncated.
    assert answers
    assert all(answer.startswith(b"SIP/2.0 403 ") for answer in answers)
    assert b"stranger@example.com" in answers[0]
    assert counters["requests_refused"] > before.get("requests_refused", 0)
    # Told once for each stranger, however much comes.
    for host, port in strangers:
        told = [entry.getMessage() for entry in caplog.records if f"{host}:{port}" in entry.getMessage()]
        assert len(told) == 1, told
    # Nothing of it reached the engine, and every call is as the carrier saw it.
    assert event_log.replay(world.log, world.fresh_engine()) == len(world.log)
    assert_books_agree(records, carrier_log(log_path))
    assert any(record.outcome == "connected" for record in records)


async def test_a_live_run_on_a_port_that_is_taken_says_which_and_what_to_do(tmp_path: Path) -> None:
    with (tmp_path / "carrier.jsonl").open("w") as stream, bind_udp(HOST, 0) as other:
        port = other.getsockname()[1]
        async with simulated_network(load_population(BRISK_POPULATION, 5), CallLog(stream)) as trunk:
            with pytest.raises(AddressUnavailable) as caught:
                async with live_world(tmp_path, trunk, listen=(HOST, port)):
                    pytest.fail("it started")
        assert str(caught.value) == (
            f"cannot listen on {HOST}:{port} (UDP): the port is already taken; "
            "end the program that has it (`ss -lunp` shows it) or choose another port"
        )
    assert (tmp_path / "carrier.jsonl").read_text() == ""


def test_a_carrier_on_a_port_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with bind_udp(HOST, 0) as other:
        port = other.getsockname()[1]
        ran = Dialer(capsys, tmp_path)("carrier", "--listen", f"{HOST}:{port}", "--json")
    assert (ran.status, ran.out) == (2, "")
    assert f"cannot listen on {HOST}:{port} (UDP): the port is already taken" in ran.err
    assert "choose another port" in ran.err
