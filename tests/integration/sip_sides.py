"""A user agent with its sockets, without a carrier around it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from dialer.sip.events import Incoming, SipEvent
from dialer.sip.hop import Hop
from dialer.sip.registrar import Registrar
from dialer.sip.timers import SipTimers
from dialer.sip.user_agent import UserAgent
from dialer.telephony.endpoint import SipEndpoint
from dialer.telephony.sip_side import SipSide, open_endpoint
from tests.unit.sip.peer import ANSWER, IDENTITY_KEY, OFFER, order

HOST = "127.0.0.1"
PATIENCE_S = 10.0


@dataclass
class Side:
    """A user agent with its sockets, and what it told."""

    endpoint: SipEndpoint[UserAgent]
    told: list[SipEvent] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def port(self) -> int:
        return self.endpoint.address[1]

    async def something(self) -> None:
        """Wait until it tells one thing more."""
        self.news.clear()
        async with asyncio.timeout(PATIENCE_S):
            await self.news.wait()

    async def until(self, kind: type[SipEvent]) -> SipEvent:
        while not (found := [event for event in self.told if isinstance(event, kind)]):
            await self.something()
        return found[-1]

    async def until_true(self, condition: Callable[[], bool]) -> None:
        """Wait for what only somebody else's files show."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.01)

    def do(self, what: str, *arguments: Any) -> None:
        """A command of the core, its moment added, and what follows from it."""
        getattr(self.endpoint.core, what)(*arguments, self.endpoint.now())
        self.endpoint.flush()

    def call(self, key: int, *destinations: Hop, body: bytes = OFFER, **more: Any) -> None:
        """Place a call, with these fields of its order."""
        placed = replace(
            order(key, body=body),
            destination=destinations[0],
            alternatives=destinations[1:],
            **more,
        )
        self.endpoint.core.invite(placed, self.endpoint.now())
        self.endpoint.flush()


@contextlib.asynccontextmanager
async def side(
    sip_side: SipSide,
    *,
    host: str = HOST,
    react: Callable[[Side, SipEvent], None] | None = None,
    port: int = 0,
    timers: SipTimers | None = None,
    registrar: Registrar | None = None,
) -> AsyncIterator[Side]:
    box: list[Side] = []

    def on_event(event: SipEvent, now: float) -> None:
        box[0].told.append(event)
        box[0].news.set()
        if react is not None:
            react(box[0], event)

    endpoint = await open_endpoint(
        host,
        port,
        sip_side,
        lambda local, shown: UserAgent(
            local, key=IDENTITY_KEY, accept_calls=True, listening=shown, timers=timers, registrar=registrar
        ),
        on_event,
        time.monotonic,
    )
    box.append(Side(endpoint))
    try:
        yield box[0]
    finally:
        endpoint.close()
        await endpoint.wait_closed()


def answer(it: Side, event: SipEvent) -> None:
    if isinstance(event, Incoming):
        it.endpoint.core.answer(event.key, ANSWER, it.endpoint.now())
