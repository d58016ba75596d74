"""The stores under contract, and what most tests of them begin with."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from dialer.ports.store import (
    Answer,
    Done,
    FetchLeads,
    LeadsLeased,
    LeadsPlaced,
    LeadsStored,
    SaveAgentTime,
    SaveCampaign,
    Write,
)
from dialer.storage.database import Database
from dialer.storage.memory import MemoryStore
from dialer.storage.source import Source
from tests.contract.storage_values import LONDON, NOW, new_leads, place_leads, save_campaign, save_leads


class Store(Protocol):
    @property
    def reader(self) -> Source: ...
    def write(self, write: Write) -> Answer: ...
    def group(self, writes: Sequence[Write]) -> list[Answer | Exception]: ...


class InMemory:
    def __init__(self) -> None:
        self.store = MemoryStore()

    @property
    def reader(self) -> Source:
        return self.store

    def write(self, write: Write) -> Answer:
        return self.store.write(write)

    def group(self, writes: Sequence[Write]) -> list[Answer | Exception]:
        answers: list[Answer | Exception] = []
        for write in writes:
            self.store.submit(write, answers.append)
        return answers


class InDatabase:
    def __init__(self, database: Database) -> None:
        self.database = database

    @property
    def reader(self) -> Source:
        return self.database.reader

    def write(self, write: Write) -> Answer:
        return self.database.writer.write(write)

    def group(self, writes: Sequence[Write]) -> list[Answer | Exception]:
        """Offered while the writer is held up by a callback, so that they are in line together."""
        answers: dict[int, Answer | Exception] = {}
        go_on, finished = threading.Event(), threading.Event()
        held = threading.Event()

        def hold(_answer: Answer | Exception) -> None:
            held.set()
            assert go_on.wait(10)

        def take(place: int, answer: Answer | Exception) -> None:
            answers[place] = answer
            if len(answers) == len(writes):
                finished.set()

        self.database.writer.submit(SaveAgentTime(()), hold)
        assert held.wait(10)
        for place, write in enumerate(writes):
            self.database.writer.submit(write, partial(take, place))
        go_on.set()
        assert finished.wait(10)
        return [answers[place] for place in range(len(writes))]


def add(store: Store, write: SaveCampaign) -> None:
    """As `campaign add` does: the text, then the leads by portions."""
    assert store.write(write) == Done()
    more = True
    while more:
        answer = store.write(place_leads(write.name, 2))
        assert isinstance(answer, LeadsPlaced)
        more = answer.more


def filled(store: Store, count: int = 5, order: str = "oldest") -> None:
    assert store.write(save_leads(new_leads(count))) == LeadsStored()
    add(store, save_campaign(order=order))


def fetch(
    store: Store, limit: int = 10, now: float = NOW, groups: tuple[str, ...] = (LONDON,), campaign: str = "c"
) -> LeadsLeased:
    answer = store.write(FetchLeads(campaign, limit, now, groups))
    assert isinstance(answer, LeadsLeased)
    return answer


def ids(answer: LeadsLeased) -> list[int]:
    return [candidate.lead.lead_id for candidate in answer.candidates]
