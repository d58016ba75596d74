"""What has been done is entered in the log of changes when the store takes it."""

from __future__ import annotations

import asyncio

import pytest

from dialer.live import background as background_module
from dialer.live import change_notes
from dialer.live.background import Background
from dialer.live.change_notes import ChangeNotes
from dialer.ports.access import Actor
from dialer.ports.store import Answer, Done, Write
from dialer.storage.errors import StoreUnreachable

CHANGE = Actor("user:mia", "manager", "", "api").change(1.0, "service.stop", "service")


class Store:
    def __init__(self) -> None:
        self.fail: Exception | None = None
        self.answers = asyncio.Event()
        self.written: list[Write] = []
        self.answers.set()

    async def write(self, write: Write) -> Answer:
        await self.answers.wait()
        if self.fail is not None:
            raise self.fail
        self.written.append(write)
        return Done()


async def test_an_entry_that_the_store_takes_is_on_record() -> None:
    store, background = Store(), Background()
    assert await ChangeNotes(store.write, background).note(CHANGE) == ""
    assert len(store.written) == 1


async def test_a_store_that_is_away_is_told_and_gets_it_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_module, "AGAIN_AFTER_S", 0.001)
    store, background = Store(), Background()
    store.fail = StoreUnreachable("connection refused")
    assert "connection refused" in await ChangeNotes(store.write, background).note(CHANGE)
    store.fail = None
    async with asyncio.timeout(5.0):
        while not store.written:
            await asyncio.sleep(0.001)


async def test_a_store_that_does_not_answer_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_notes, "NOTED_WITHIN_S", 0.01)
    store, background = Store(), Background()
    store.answers.clear()
    assert "no answer" in await ChangeNotes(store.write, background).note(CHANGE)
    store.answers.set()
    async with asyncio.timeout(5.0):
        while not store.written:
            await asyncio.sleep(0.001)
    assert len(store.written) == 1
