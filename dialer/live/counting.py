"""What figures need of the store, read in the background: today's records of before the start, and lead counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TypeVar

from dialer.engine.events import Event
from dialer.live.background import until_done
from dialer.live.figures import DayFigures
from dialer.operations.recall_answers import answers_before
from dialer.ports.store import Reader

T = TypeVar("T")

PORTION = 200
PAUSE_S = 0.02
"""Earlier records of today are folded so many at a time, with a pause after each: dialing must not feel it."""

RECOUNT_S = 300.0
"""Leads of campaigns that are dialed are counted in the store this often; between, counts follow the records."""


GATHER_S = 2.0
"""What changes in between is counted together: an import stores thousands of portions."""


class Counting:
    """`dialed`: names of the campaigns that are dialed now. The store is read in other threads."""

    def __init__(self, figures: DayFigures, reader: Reader, dialed: Callable[[], Iterable[str]]) -> None:
        self._figures = figures
        self._reader = reader
        self._dialed = dialed
        self._due: dict[str, None] = {}
        self._wanted = asyncio.Event()

    async def run(self, campaigns: Iterable[str], started_at: float, first_id: int) -> None:
        """Count leads, fold what was before the start, and then count again when it is due, without an end. What
        the store does not answer is asked again."""
        campaigns = tuple(campaigns)
        await self._count(campaigns)
        for name in campaigns:
            fold = partial(fold_earlier, self._figures, self._reader, name, started_at, first_id)
            await until_done("folding today's records", fold)
        while True:
            try:
                async with asyncio.timeout(RECOUNT_S):
                    await self._wanted.wait()
            except TimeoutError:
                self.soon(self._dialed())
            await asyncio.sleep(GATHER_S)
            self._wanted.clear()
            due, self._due = tuple(self._due), {}
            await self._count(due)

    def soon(self, campaigns: Iterable[str]) -> None:
        """The leads of these have changed."""
        self._due.update(dict.fromkeys(campaigns))
        self._wanted.set()

    async def _count(self, campaigns: Iterable[str]) -> None:
        # Records that close while their campaign is counted may be missed until the next time.
        for name in campaigns:
            await until_done("counting leads", partial(self._count_one, name))

    async def _count_one(self, name: str) -> None:
        self._figures.counted_leads(name, await asyncio.to_thread(self._reader.lead_counts, name))


async def fold_earlier(figures: DayFigures, reader: Reader, campaign: str, until: float, first_id: int) -> None:
    """Add what is on record of today from before the service started at `until`; attempts from `first_id` on are
    its own, and counted as they close. In small portions, the reading of each in another thread; nothing is added
    before all is read."""
    aside = DayFigures(figures.timezone, until)
    records = reader.records(campaign, aside.since, until)
    while portion := await asyncio.to_thread(_portion, records):
        for record in portion:
            if record.attempt_id < first_id:
                aside.add_record(record)
        await asyncio.sleep(PAUSE_S)
    times = reader.agent_times(campaign, aside.since, until)
    while stretches := await asyncio.to_thread(_portion, times):
        aside.add_times(stretches)
        await asyncio.sleep(PAUSE_S)
    figures.absorb(campaign, aside)


async def recall_answers(post: Callable[[Event], None], reader: Reader, campaign: str, opened_at: float) -> None:
    """Tell the engine of the people who answered the campaign in the 30 days before it was opened, and whom nobody
    took. Of those since then the pacer knows."""
    recalled = await asyncio.to_thread(answers_before, reader, campaign, opened_at)
    if recalled is not None:
        post(recalled)


def _portion(rows: Iterator[T]) -> list[T]:
    return list(islice(rows, PORTION))
