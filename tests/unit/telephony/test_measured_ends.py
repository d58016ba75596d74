from __future__ import annotations

import asyncio

import pytest

from campaigns.record import AudioFigures
from dialer.engine.events import CallEnded
from dialer.telephony import measured_ends
from dialer.telephony.measured_ends import MeasuredEnds

FIGURES = AudioFigures(50, 0, 50, 1.0, None, None, None)
WITHIN_S = 0.04


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured_ends, "MEASURED_WITHIN_S", WITHIN_S)


async def test_an_end_is_told_once_with_its_figures() -> None:
    told: list[CallEnded] = []
    ends = MeasuredEnds(told.append)
    ends.wait_for(CallEnded(1, "callee"))
    assert not told
    ends.tell(1, FIGURES)
    ends.tell(1, None)
    await asyncio.sleep(2 * WITHIN_S)
    assert told == [CallEnded(1, "callee", audio=FIGURES)]


async def test_ends_whose_figures_do_not_come_are_each_told_in_time() -> None:
    loop = asyncio.get_running_loop()
    told: dict[int, float] = {}

    def tell(ended: CallEnded) -> None:
        told[ended.attempt_id] = loop.time()

    ends = MeasuredEnds(tell)
    began: dict[int, float] = {}
    for attempt_id in (1, 2, 3):
        began[attempt_id] = loop.time()
        ends.wait_for(CallEnded(attempt_id, "callee"))
        await asyncio.sleep(WITHIN_S / 4)
    ends.tell(1, FIGURES)
    await asyncio.sleep(2 * WITHIN_S)
    assert list(told) == [1, 2, 3]
    assert len(ends) == 0
    assert all(told[attempt_id] - began[attempt_id] >= WITHIN_S for attempt_id in (2, 3))
    ends.wait_for(CallEnded(4, "callee"))
    await asyncio.sleep(2 * WITHIN_S)
    assert 4 in told
