"""How many leads of a campaign wait and where, counted in the background now and then: for the sentence why a
campaign places no call. Nobody waits for it, and dialing does not feel it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dialer.clock import monotonic
from dialer.live.background import Background
from dialer.ports.store import Reader, ZoneLeads

AGAIN_S = 30.0
SHARE = 50.0
"""Counting may take up a fiftieth of the time of one thread at most."""


@dataclass(slots=True)
class _Counted:
    leads: Sequence[ZoneLeads] | None = None
    again_at: float = float("-inf")
    under_way: bool = False


class WaitingLeads:
    """Used in the event loop's thread; `reader` in another. `clock`: monotonic seconds."""

    def __init__(self, reader: Reader, background: Background, clock: Callable[[], float] = monotonic) -> None:
        self._reader = reader
        self._background = background
        self._clock = clock
        self._counted: dict[str, _Counted] = {}
        self._turn = asyncio.Semaphore(1)

    def of(self, campaign: str, now: float) -> Sequence[ZoneLeads] | None:
        """As last counted (None: not yet); counted again in the background when that was a while ago. `now`:
        seconds UTC."""
        found = self._counted.setdefault(campaign, _Counted())
        if not found.under_way and self._clock() >= found.again_at:
            found.under_way = True
            self._background.spawn(self._count(campaign, found, now))
        return found.leads

    async def _count(self, campaign: str, found: _Counted, now: float) -> None:
        took = 0.0
        try:
            async with self._turn:
                began = self._clock()
                found.leads = await asyncio.to_thread(self._reader.waiting_leads, campaign, now)
                took = self._clock() - began
        finally:
            found.again_at = self._clock() + max(AGAIN_S, SHARE * took)
            found.under_way = False
