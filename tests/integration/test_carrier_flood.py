"""The simulated carrier under floods and garbage: nothing raises, what is kept is bounded, calls go on."""

from __future__ import annotations

import asyncio
import random
import socket
from typing import Any

import pytest

from dialer.clock import SystemClock
from dialer.engine.events import CallEnded
from sim_trunk import server
from sim_trunk.call_log import CallLog
from sim_trunk.population import load_population
from sim_trunk.server import SimulatedCarrier
from tests.integration.floor import FOREVER, HOST, QUICK, floor, plan
from tests.unit.sip.peer import OFFER, request

CALLS = 600


def invite(n: int, number: bytes, *headers: str) -> bytes:
    data = request(
        "INVITE",
        uri="sip:NUMBER@127.0.0.1",
        branch=f"z9hG4bK{n}",
        call_id=f"flood-{n}",
        headers=headers,
        body=OFFER,
    )
    return data.replace(b"NUMBER", number)


def hostile(n: int) -> bytes:
    """One of each kind in turn; nobody ever acknowledges or cancels any of them."""
    match n % 6:
        case 0:
            return invite(n, b"+44794600%04d" % n)
        case 1:
            return invite(n, b"\xff\xc3+1%d" % n)  # no UTF-8
        case 2:
            return invite(n, b"+1%d" % n, "Require: 100rel")  # refused before it is a call
        case 3:
            return invite(n, b"1" * 3_000)[:-5]  # body cut short
        case 4:
            return request("BYE", branch=f"z9hG4bK{n}", to="<sip:x@h>;tag=nobody", call_id=f"flood-{n}")
        case _:
            return random.Random(n).randbytes(200)


async def test_a_flood_is_survived_and_bounded() -> None:
    failures: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    network = SimulatedCarrier(
        HOST,
        0,
        load_population(None, 1),
        CallLog(None),
        key=bytes(32),
        rng=random.Random(1),
        clock=SystemClock(),
        timers=QUICK,
        max_calls=20,
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        try:
            for n in range(CALLS):
                sender.sendto(hostile(n), network.address)
                if n % 20 == 19:
                    await asyncio.sleep(0)
            async with floor(port=network.address[1]) as f:
                f.call(1)  # the last in the queue: all before it has been dealt with
                await f.event(CallEnded, 1)
            assert 0 < network.open_calls <= 20
        finally:
            network.close()
    assert failures == []


async def test_a_phone_does_not_ring_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "RINGS_AT_MOST_S", 0.2)
    async with floor() as f:
        f.script.plans["+4930231250"] = FOREVER
        call_id = f.call(1)
        ended = await f.event(CallEnded, 1)
        assert (ended.status, ended.q850) == (480, 19)
        assert (await f.entry(call_id))["ended_by"] == "network"


async def test_the_networks_patience_with_ringing_ends_with_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "RINGS_AT_MOST_S", 0.2)
    async with floor() as f:
        f.script.plans["+4930231250"] = plan(patience_s=0.4)
        call_id = f.call(1)
        assert (await f.event(CallEnded, 1)).status is None
        entry = await f.entry(call_id)
        assert (entry["final"], entry["ended_by"]) == (200, "callee")
