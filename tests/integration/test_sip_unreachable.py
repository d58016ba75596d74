"""Servers that are not there: their machine says so, and the call goes on to the next at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
import uvloop

from dialer.sip.events import Accepted, Ended, Failed, SipEvent, TargetFailed
from dialer.telephony.sip_side import SipSide
from dialer.telephony.udp import Address, bind_udp
from tests.integration.sip_sides import answer, side

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
SOON_S = 0.45
"""Less than T1: nothing was sent again."""


def nobody_at(host: str) -> Address:
    with bind_udp(host, 0) as sock:
        return sock.getsockname()[:2]  # type: ignore[no-any-return]


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=pytest.mark.needs("::1"))])
def test_who_is_not_there_costs_no_time(loop: Callable[[], asyncio.AbstractEventLoop], host: str) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(play(host))


async def play(host: str) -> None:
    async with side(SipSide(), host=host, react=answer) as callee, side(SipSide(), host=host) as it:

        def count(kind: type[SipEvent]) -> int:
            return sum(isinstance(event, kind) for event in it.told)

        dead = nobody_at(host)
        for key in range(1, 6):
            began = time.monotonic()
            it.call(key, dead, callee.endpoint.address)
            while count(Accepted) < key:
                await it.something()
            assert time.monotonic() - began < SOON_S
            it.do("bye", key)
        assert count(TargetFailed) == 5
        it.call(6, dead)
        while not (count(Failed) and count(Ended) == 5):
            await it.something()
        assert Failed(6, 503, unsent=True) in it.told
