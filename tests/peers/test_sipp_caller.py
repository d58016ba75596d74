"""SIPp places calls to our simulated carrier."""

from __future__ import annotations

import io
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from dialer.clock import SystemClock
from sim_trunk.call_log import CallLog
from sim_trunk.callee import CallPlan
from sim_trunk.server import SimulatedCarrier
from tests.integration.floor import HOST, KEY, Script, plan
from tests.peers.sipp import Sipp, sipp

pytestmark = pytest.mark.needs("sipp")

NUMBER = "+4930231250"


@asynccontextmanager
async def called(tmp_path: Path, it: CallPlan, calls: int, *more: str) -> AsyncIterator[tuple[Sipp, io.StringIO]]:
    script, log = Script(), io.StringIO()
    script.plans[NUMBER] = it
    network = SimulatedCarrier(HOST, 0, script, CallLog(log), key=KEY, rng=random.Random(1), clock=SystemClock())
    try:
        target = f"{HOST}:{network.address[1]}"
        async with sipp(tmp_path, target, "-sn", "uac", "-s", NUMBER, "-r", "50", *more, calls=calls) as peer:
            yield peer, log
        assert (network.open_calls, network.open_audio) == (0, 0)
    finally:
        network.close()


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def test_answered_calls(tmp_path: Path) -> None:
    async with called(tmp_path, plan(patience_s=10.0), 20, "-d", "100") as (peer, log):
        await peer.succeeds()
    entries = lines(log)
    assert [entry["nth_call"] for entry in sorted(entries, key=lambda e: e["invite_at"])] == list(range(1, 21))
    for entry in entries:
        assert (entry["number"], entry["caller"]) == (NUMBER, "sipp")
        assert (entry["provisional"], entry["final"], entry["ended_by"]) == (180, 200, "caller")
        assert entry["rtp_out"] >= 1


async def test_the_carrier_hangs_up_on_who_says_nothing(tmp_path: Path) -> None:
    # SIPp's default behaviour answers an unexpected BYE and counts the call as failed.
    async with called(tmp_path, plan(patience_s=0.1), 1, "-d", "5000") as (peer, log):
        assert await peer.process.wait() == 1
        assert len(peer.messages("received", "BYE")) == 1
    [entry] = lines(log)
    assert entry["ended_by"] == "callee"


async def test_refused_calls_are_acknowledged(tmp_path: Path) -> None:
    async with called(tmp_path, plan(final=486, q850=17), 1) as (peer, log):
        assert await peer.process.wait() == 1  # its scenario knows no refusal
        [refusal] = peer.messages("received", "SIP/2.0 486")
        assert "Q.850;cause=17" in refusal.replace(" ", "")
    [entry] = lines(log)
    assert (entry["final"], entry["ended_by"]) == (486, "callee")
