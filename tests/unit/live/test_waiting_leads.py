from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from dialer.live.background import Background
from dialer.live.waiting_leads import AGAIN_S, WaitingLeads
from dialer.ports.store import ZoneLeads
from dialer.storage.memory import MemoryStore

NOW = 1_795_424_400.0


class Store(MemoryStore):
    """`asked`: how often it was; `fails`: with what."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.fails: Exception | None = None

    def waiting_leads(self, campaign: str, now: float) -> Sequence[ZoneLeads]:
        self.asked += 1
        if self.fails is not None:
            raise self.fails
        return [ZoneLeads("GB:Europe/London", self.asked, 0, None)]


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


async def settled(waiting: WaitingLeads, campaign: str = "spring") -> None:
    async with asyncio.timeout(10.0):
        while waiting._counted[campaign].under_way:
            await asyncio.sleep(0.001)


async def test_leads_are_counted_beside_and_again_after_a_while() -> None:
    store, clock, background = Store(), Clock(), Background()
    waiting = WaitingLeads(store, background, clock)
    assert waiting.of("spring", NOW) is None, "nobody waits for it"
    assert waiting.of("spring", NOW) is None
    await settled(waiting)
    for _ in range(3):
        assert waiting.of("spring", NOW) == [ZoneLeads("GB:Europe/London", 1, 0, None)]
    assert store.asked == 1
    clock.at = AGAIN_S
    assert waiting.of("spring", NOW) == [ZoneLeads("GB:Europe/London", 1, 0, None)]
    await settled(waiting)
    assert waiting.of("spring", NOW) == [ZoneLeads("GB:Europe/London", 2, 0, None)]
    await background.close()


async def test_a_store_that_is_away_is_asked_again_later(caplog: pytest.LogCaptureFixture) -> None:
    store, clock, background = Store(), Clock(), Background()
    store.fails = OSError("away")
    waiting = WaitingLeads(store, background, clock)
    waiting.of("spring", NOW)
    await settled(waiting)
    store.fails = None
    assert waiting.of("spring", NOW) is None
    assert store.asked == 1
    clock.at = AGAIN_S
    waiting.of("spring", NOW)
    await settled(waiting)
    assert waiting.of("spring", NOW) is not None
    await background.close()
