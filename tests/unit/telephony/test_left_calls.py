"""Calls left behind over a scripted user agent: in portions, each counted once, bounded in time."""

from __future__ import annotations

import asyncio

from dialer.sip.call_notes import CallNote, CallOver, LeftCall
from dialer.sip.digest import Credentials
from dialer.sip.errors import DuplicateCall
from dialer.sip.events import LeftCallOver, LeftEnd
from dialer.sip.options_probe import ProbeOrder
from dialer.sip.order import InviteOrder
from dialer.sip.registration import RegisterOrder
from dialer.telephony.left_calls import TOGETHER, LeftCalls, LeftCallsReport
from dialer.telephony.udp import Address

TRUNK: Address = ("192.0.2.1", 5060)


class Agent:
    def __init__(self) -> None:
        self.begun: list[int] = []

    def register(self, order: RegisterOrder, now: float) -> None:
        raise AssertionError("no trunk wants that")

    def unregister(self, name: str, now: float) -> None:
        raise AssertionError("nothing is registered")

    def end_left(self, call: LeftCall, now: float, credentials: Credentials | None = None) -> None:
        if call.key in self.begun:
            raise DuplicateCall(f"call {call.key}")
        self.begun.append(call.key)

    def invite(self, order: InviteOrder, now: float) -> None: ...
    def cancel(self, key: int, now: float) -> None: ...
    def bye(self, key: int, now: float) -> None: ...
    def probe(self, order: ProbeOrder, now: float) -> None: ...


class Line:
    """Its user agent's calls are over as soon as their datagrams are sent, when `answers`."""

    address: Address = ("127.0.0.1", 5060)

    def __init__(self, *, answers: bool) -> None:
        self.core = Agent()
        self.kept: list[CallNote] = []
        self.portions: list[int] = []
        self.left = LeftCalls(self, self.kept.extend, lambda _: None)
        self._answers = answers

    def now(self) -> float:
        return 1.0

    def flush_soon(self) -> None:
        self.flush()

    def flush(self) -> None:
        done = sum(self.portions)
        fresh = self.core.begun[done:]
        self.portions.append(len(fresh))
        for key in fresh if self._answers else ():
            for _ in range(2):  # told twice it counts once
                self.left.over(LeftCallOver(key, f"c{key}", LeftEnd.GONE))

    def close(self) -> None: ...

    async def wait_closed(self) -> None: ...


def calls(count: int) -> list[LeftCall]:
    return [LeftCall(key, b"c%d" % key, TRUNK, b"INVITE") for key in range(count)]


async def test_many_are_ended_in_portions() -> None:
    line = Line(answers=True)
    report = await line.left.end(calls(2 * TOGETHER + 5), 10.0)
    assert line.portions == [TOGETHER, TOGETHER, 5]
    assert report.ends == tuple((key, LeftEnd.GONE) for key in range(2 * TOGETHER + 5))


async def test_silence_is_bounded_and_late_news_change_nothing() -> None:
    line = Line(answers=False)
    report = await line.left.end(calls(3), 0.01)
    assert [report.count(end) for end in (LeftEnd.UNANSWERED, LeftEnd.GONE)] == [3, 0]
    assert line.kept == []  # they stay in the ledger
    line.left.over(LeftCallOver(1, "c1", LeftEnd.GONE))
    assert await line.left.end([], 1.0) == LeftCallsReport()


async def test_given_up_by_who_waited() -> None:
    line = Line(answers=False)
    task = asyncio.create_task(line.left.end(calls(1), 10.0))
    await asyncio.sleep(0)
    task.cancel()
    assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError)


async def test_one_that_cannot_be_ended_is_closed_in_the_ledger() -> None:
    line = Line(answers=True)
    twice = calls(1)[0]
    line.core.begun.append(twice.key)
    line.portions.append(1)
    report = await line.left.end([twice], 10.0)
    assert report.ends == ((0, LeftEnd.UNANSWERED),)
    assert line.kept == [CallOver(b"c0")]
