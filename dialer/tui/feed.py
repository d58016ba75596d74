"""Asks for a picture once a second, and keeps trying when there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dialer.api.errors import ServiceLost
from dialer.errors import DialerError
from dialer.tui.link import Link
from dialer.tui.source import Source

EVERY_S = 1.0
ANSWER_WITHIN_S = 3.0


class Feed:
    """`clock`: monotonic seconds. `show` is called with every change of the link. `every_s`: from one picture to
    the next."""

    def __init__(
        self, source: Source, clock: Callable[[], float], show: Callable[[Link], None], every_s: float = EVERY_S
    ) -> None:
        self._source = source
        self._clock = clock
        self._show = show
        self._every_s = every_s
        self._wake = asyncio.Event()
        self.link = Link(clock())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            started = self._clock()
            try:
                await self._look()
            except DialerError as error:
                self.link = self.link.failed(error, self._clock())
                due = self.link.next_try_at
            else:
                due = started + self._every_s
            self._show(self.link)
            await self._rest(due - self._clock())

    def look_now(self) -> None:
        """Do not wait for the next second: something was changed."""
        self._wake.set()

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                me = self.link.me
                if me is None or self.link.cause is not None:
                    me = await self._source.me()
                overview = await self._source.overview()
        except TimeoutError:
            raise ServiceLost(f"{self._source.where}: no answer within {ANSWER_WITHIN_S:g} s") from None
        self.link = self.link.received(overview, me, self._clock())

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()
