from __future__ import annotations

import asyncio

import pytest

from dialer.engine.commands import CloseAttempt
from dialer.engine.events import (
    AgentLoggedOut,
    CallAnswered,
    CallEnded,
    CutRequested,
    Dispositioned,
    DrainRequested,
    Event,
    RecordSaved,
)
from dialer.live import stopping as stopping_module
from dialer.live.stopping import Stopping
from tests.unit.engine.world import World, candidate


class Place:
    """A campaign with one call in progress; records are committed at once."""

    def __init__(self, *, ends_when_cut: bool = True) -> None:
        self.world = World()
        self.attempt_id = self.world.dial(candidate(1))
        self.world.tell(CallAnswered(self.attempt_id))
        self.hung_up = 0
        self.ends_when_cut = ends_when_cut
        self.commits = True
        self.told: list[Event] = []
        self.stopping = Stopping(self.world.engine.state, self, self.post)

    def post(self, event: Event) -> None:
        self.told.append(event)
        self.tell(event)
        if isinstance(event, CutRequested) and self.ends_when_cut:
            self.tell(CallEnded(self.attempt_id, "dialer"))

    def tell(self, event: Event) -> None:
        for command in self.world.tell(event):
            if isinstance(command, CloseAttempt) and self.commits:
                self.tell(RecordSaved("spring", command.record.attempt_id))
        if "spring" not in self.world.engine.state.runs:
            self.stopping.news("spring")

    async def hang_up_all(self, timeout_s: float) -> int:
        self.hung_up += 1
        self.tell(CallEnded(self.attempt_id, "dialer"))
        return 1

    def of(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.told)


async def test_calls_in_progress_finish() -> None:
    place = Place()
    finishing = asyncio.create_task(place.stopping.finish(60.0))
    await asyncio.sleep(0)
    assert not finishing.done()
    place.tell(CallEnded(place.attempt_id, "callee"))
    place.tell(Dispositioned("a1", place.attempt_id, "sale"))
    assert await finishing
    assert (place.of(DrainRequested), place.of(CutRequested), place.hung_up) == (1, 0, 0)
    assert place.of(AgentLoggedOut) == 1
    assert place.world.record.disposition == "sale"


async def test_what_takes_longer_is_cut() -> None:
    place = Place()
    assert await place.stopping.finish(0.01)
    assert (place.of(CutRequested), place.hung_up) == (1, 0)


async def test_asked_again_it_does_not_wait() -> None:
    place = Place()
    finishing = asyncio.create_task(place.stopping.finish(3_600.0))
    await asyncio.sleep(0)
    place.stopping.cut()
    async with asyncio.timeout(5.0):
        assert await finishing
    assert place.of(CutRequested) == 1


async def test_calls_that_do_not_end_by_themselves_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping_module, "CUT_WITHIN_S", 0.01)
    place = Place(ends_when_cut=False)
    assert await place.stopping.finish(0.01)
    assert place.hung_up == 1


async def test_records_that_are_never_committed_are_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stopping_module, "CUT_WITHIN_S", 0.01)
    monkeypatch.setattr(stopping_module, "SETTLE_S", 0.01)
    place = Place()
    place.commits = False
    assert not await place.stopping.finish(0.01)


async def test_given_up_it_hangs_up_and_waits_for_no_record() -> None:
    place = Place()
    place.commits = False
    finishing = asyncio.create_task(place.stopping.finish(3_600.0))
    await asyncio.sleep(0)
    place.stopping.give_up()
    async with asyncio.timeout(5.0):
        assert not await finishing
    assert place.hung_up == 1
