"""The dialer is killed (-9) at chosen moments and started again: the carrier's own log says that every call was
ended by us, once and soon."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialer.clock import SystemClock
from dialer.sip.timers import SipTimers
from dialer.telephony.call_ledger import left_behind
from dialer.telephony.udp import bind_udp
from sim_trunk.call_log import CallLog
from sim_trunk.server import SimulatedCarrier
from tests.integration.floor import HOST, KEY, QUICK, Script, WatchedLog, plan
from tests.integration.small_dialer import MOMENTS

ROOT = Path(__file__).parents[2]
LIMIT_S = 40.0
PROMPT_S = 8.0
"""From the kill to the end of the call: a new process has to start, and an unacknowledged 200 is repeated every
four seconds at the latest."""

RINGS = plan(ring_s=math.inf)
STAYS = plan(talk_s=300.0, patience_s=300.0)
BUSY = plan(final=486, q850=17)


class Network:
    """The simulated carrier in this process, with the timers of real ones, and its log."""

    def __init__(self, timers: SipTimers | None, media_timeout_s: float) -> None:
        self.script = Script()
        self.log = WatchedLog()
        self.carrier = SimulatedCarrier(
            HOST,
            0,
            self.script,
            CallLog(self.log),
            key=KEY,
            rng=random.Random(1),
            clock=SystemClock(),
            timers=timers,
            media_timeout_s=media_timeout_s,
        )
        self.port = self.carrier.address[1]

    def entries(self) -> dict[str, dict[str, Any]]:
        """By number."""
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        assert len({line["call_id"] for line in lines}) == len(lines)
        return {line["number"]: line for line in lines}

    async def entry(self, number: str) -> dict[str, Any]:
        """The line about a number's call, once it is there."""
        async with asyncio.timeout(LIMIT_S):
            while number not in self.entries():
                self.log.news.clear()
                await self.log.news.wait()
        return self.entries()[number]


@contextlib.asynccontextmanager
async def network(timers: SipTimers | None = None, media_timeout_s: float = 60.0) -> AsyncIterator[Network]:
    net = Network(timers, media_timeout_s)
    try:
        yield net
    finally:
        net.carrier.close()


async def run(*arguments: str) -> tuple[int, list[list[Any]]]:
    """A small dialer until it ends or dies: its exit status, and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.small_dialer", *arguments),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, [json.loads(line) for line in said.splitlines()]


NUMBER, FREE_NUMBER = "+4930231250", "+4930231251"

OF_MOMENT = {
    "invite noted": ("gone", None),
    "invite sent": ("cancelled", "cancel"),
    "ringing": ("cancelled", "cancel"),
    "cancel sent": ("cancelled", "cancel"),  # the carrier says so again
    "answer came": ("hung_up", "bye"),
    "answer noted": ("hung_up", "bye"),
    "talking": ("hung_up", "bye"),
    "bye sent": ("gone", "bye"),
}
"""What becomes of the call, and what ends it in the carrier's eyes; None: it never heard of it."""


@pytest.mark.long
@pytest.mark.parametrize("moment", MOMENTS)
async def test_killed(moment: str, tmp_path: Path) -> None:
    becomes, ended_with = OF_MOMENT[moment]
    async with network() as net:
        answered = moment in ("answer came", "answer noted", "talking", "bye sent")
        net.script.plans[NUMBER] = STAYS if answered else RINGS
        net.script.plans[FREE_NUMBER] = BUSY
        status, said = await run("dial", str(tmp_path), str(net.port), moment, NUMBER)
        assert status == -9
        port = said[0][1]
        [left], address = left_behind(tmp_path / "calls")
        assert (left.key, address) == (1, (HOST, port))
        killed_at = SystemClock().now()
        status, said = await run("end", str(tmp_path), str(net.port), FREE_NUMBER)
        assert status == 0
        assert said[0] == ["listening", port]
        assert ["CallEnded", 1_001] in said  # dialing did not wait
        assert said[-1] == ["left", [[1, becomes]]]
        assert left_behind(tmp_path / "calls")[0] == ()
        entry = net.entries().get(NUMBER)
        if ended_with is None:
            assert entry is None
            return
        assert entry is not None
        assert (entry["ended_by"], entry["ended_with"], entry["invites"]) == ("caller", ended_with, 1)
        assert entry["ended_at"] - killed_at < PROMPT_S
        assert net.carrier.open_calls == net.carrier.open_audio == 0


async def test_forty_calls_in_every_state_at_a_moment_of_chance(tmp_path: Path) -> None:
    numbers = [f"+493023126{n:02d}" for n in range(40)]
    async with network() as net:
        for n, number in enumerate(numbers):
            net.script.plans[number] = plan(
                pdd_s=0.01 * n, ring_s=math.inf if n % 3 == 0 else 0.05 * n, talk_s=300.0, patience_s=300.0
            )
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "tests.integration.small_dialer",
                "dial",
                str(tmp_path),
                str(net.port),
                "never",
            ),
            *numbers,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        try:
            assert process.stdout is not None
            async with asyncio.timeout(LIMIT_S):
                for _ in range(50):  # where it listens, and 49 of the 80 events to come
                    assert await process.stdout.readline()
        finally:
            process.kill()
            await process.communicate()
        killed_at = SystemClock().now()
        assert len(left_behind(tmp_path / "calls")[0]) == len(numbers)
        status, said = await run("end", str(tmp_path), str(net.port))
        assert status == 0
        ends = dict(said[-1][1])
        assert sorted(ends) == list(range(1, 41))
        entries = net.entries()
        assert set(entries) == set(numbers)
        for attempt_id, number in enumerate(numbers, 1):
            entry = entries[number]
            answered = entry["final"] == 200
            assert ends[attempt_id] == ("hung_up" if answered else "cancelled")
            assert (entry["ended_by"], entry["ended_with"]) == ("caller", "bye" if answered else "cancel")
            assert (entry["invites"], entry["ended_at"] - killed_at < PROMPT_S) == (1, True)
        assert {entry["ended_with"] for entry in entries.values()} == {"bye", "cancel"}
        assert net.carrier.open_calls == net.carrier.open_audio == 0


@pytest.mark.long
@pytest.mark.parametrize(("moment", "becomes"), [("ringing", "cancelled"), ("talking", "hung_up")])
async def test_another_program_has_our_port_by_then(moment: str, becomes: str, tmp_path: Path) -> None:
    async with network() as net:
        net.script.plans[NUMBER] = RINGS if moment == "ringing" else STAYS
        _, said = await run("dial", str(tmp_path), str(net.port), moment, NUMBER)
        port = said[0][1]
        with bind_udp(HOST, port):
            _, said = await run("end", str(tmp_path), str(net.port))
            assert said[0][1] != port
            assert said[-1] == ["left", [[1, becomes]]]
        entry = net.entries()[NUMBER]
        assert (entry["ended_by"], entry["invites"]) == ("caller", 1)


@pytest.mark.parametrize(("moment", "ended_with"), [("answer came", "no_ack"), ("talking", "no_rtp")])
async def test_nobody_comes_back_and_the_network_ends_the_call(
    moment: str, ended_with: str, tmp_path: Path
) -> None:
    async with network(QUICK, media_timeout_s=0.4) as net:
        net.script.plans[NUMBER] = STAYS
        await run("dial", str(tmp_path), str(net.port), moment, NUMBER)
        entry = await net.entry(NUMBER)
        assert (entry["ended_by"], entry["ended_with"], entry["invites"]) == ("network", ended_with, 1)
        assert (entry["acked_at"] is None) == (ended_with == "no_ack")
        assert entry["retransmissions"] == 0
