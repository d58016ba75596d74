"""Counting in the background goes on, whatever the store does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from campaigns.record import AgentTime, AttemptRecord
from dialer.live import background as background_module
from dialer.live import counting as counting_module
from dialer.live.counting import Counting
from dialer.live.figures import DayFigures
from dialer.ports.store import LeadCounts
from dialer.storage.errors import StoreUnreachable
from tests.unit.live.test_figures import NOON, attempt


class Flaky:
    """Its server goes away in the middle of the second portion, and a few times later."""

    def __init__(self, records: list[AttemptRecord]) -> None:
        self._records = records
        self.away = 0
        self.counted = 0

    def lead_counts(self, campaign: str) -> LeadCounts:
        self.counted += 1
        if self.counted % 2:
            raise StoreUnreachable("gone")
        return LeadCounts(10, self.counted, 0)

    def records(self, campaign: str, since: float, until: float) -> Iterator[AttemptRecord]:
        for n, record in enumerate(self._records):
            if n == 300 and self.away == 0:
                self.away += 1
                raise StoreUnreachable("gone")
            yield record

    def agent_times(self, campaign: str, since: float, until: float) -> Iterator[AgentTime]:
        return iter(())


async def test_a_store_that_is_away_for_a_while_costs_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_module, "AGAIN_AFTER_S", 0.001)
    monkeypatch.setattr(counting_module, "GATHER_S", 0.001)
    figures = DayFigures("UTC", NOON)
    reader = Flaky([attempt(n, NOON - 1000.0 + n) for n in range(1, 501)])
    counting = Counting(figures, reader, lambda: ["spring"])  # type: ignore[arg-type]
    running = asyncio.create_task(counting.run(["spring"], NOON, 501))
    async with asyncio.timeout(10.0):
        while figures.of("spring").summary.attempts < 500:
            await asyncio.sleep(0.001)
        counting.soon(["spring"])
        while figures.of("spring").leads != LeadCounts(10, 4, 0):
            await asyncio.sleep(0.001)
    assert figures.of("spring").summary.attempts == 500
    running.cancel()
