"""Memory and database answer any sequence of writes alike: what a simulation finds holds for a live run."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from campaigns.callback import Callback
from campaigns.permission.caps import CapCheck
from dialer.ports.store import (
    DROPPED,
    FINAL,
    KEPT,
    READY,
    Answer,
    AttemptAccepted,
    BlockNumbers,
    CallbackEnd,
    FetchLeads,
    LeadsLeased,
    LeadUpdate,
    NewLead,
    ReturnLeads,
    SaveAttempt,
    StoredAttempt,
    UnblockNumbers,
    Write,
)
from dialer.storage.database import open_database
from dialer.storage.errors import StorageError
from dialer.storage.memory import MemoryStore
from dialer.storage.source import Source
from lists.dedupe import MatchBy
from tests.contract.storage_values import (
    LONDON,
    NEW_YORK,
    NOW,
    SYDNEY,
    close_attempt,
    number_cap,
    phone,
    place_leads,
    save_attempt,
    save_campaign,
    save_leads,
    update_for,
)

GROUPS = (LONDON, SYDNEY, NEW_YORK)
STEPS = 150


class Operations:
    """Draws the next write from what has been answered so far, good ones and bad ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = NOW
        self.attempt_id = 0
        self.leads = 0
        self.leased: list[tuple[str, int]] = []
        self.open: list[SaveAttempt] = []
        self.promised: dict[tuple[str, int], Callback] = {}
        self.promised_before = self.promised

        self.first: list[Callable[[], Write]] = [self.more_leads] * 4 + [self.campaign] * 4
        self.first += [self.place_leads] * 4

    def draw(self) -> Write:
        if self.first:
            return self.first.pop(0)()
        self.now += self.random.choice((0.0, 1.0, 60.0, 3600.0))
        self.promised_before = dict(self.promised)
        kinds: list[Callable[[], Write]] = [self.fetch] * 4 + [self.save] * 8 + [self.close] * 6
        kinds += [self.place_leads] * 2 + [self.give_back, self.block, self.unblock, self.more_leads]
        kinds += [self.campaign]
        return self.random.choice(kinds)()

    def learn(self, write: Write, answer: Answer | Exception) -> None:
        if isinstance(answer, Exception):
            self.promised = self.promised_before
        if isinstance(answer, LeadsLeased) and isinstance(write, FetchLeads):
            self.leased += [(write.campaign, candidate.lead.lead_id) for candidate in answer.candidates]
        if isinstance(answer, AttemptAccepted) and isinstance(write, SaveAttempt):
            self.open.append(write)

    def any_lead(self) -> tuple[str, int]:
        if self.leased and self.random.random() < 0.9:
            return self.leased.pop(self.random.randrange(len(self.leased)))
        return self.random.choice("cd"), self.random.randrange(1, self.leads + 2)

    def place(self, campaign: str, lead_id: int) -> LeadUpdate:
        """What was promised stays open half of the time, and is over otherwise."""
        update = self.new_place(campaign, lead_id)
        open_one = self.promised.pop((campaign, lead_id), None)
        if open_one is None:
            return update
        if update.state == READY and self.random.random() < 0.5:
            self.promised[campaign, lead_id] = open_one
            return replace(update, callback=open_one)
        state = self.random.choice((KEPT, DROPPED))
        return replace(update, ended=(CallbackEnd(open_one.promised_in, state, "busy", self.now),))

    def new_place(self, campaign: str, lead_id: int) -> LeadUpdate:
        return update_for(
            lead_id, campaign=campaign, state=self.random.choice((READY, READY, READY, FINAL)),
            due_at=self.now + self.random.choice((0.0, 60.0, 7200.0)), group=self.random.choice(GROUPS),
            attempts=self.random.randrange(3), position=self.random.randrange(2),
        )  # fmt: skip

    def fetch(self) -> Write:
        groups = tuple(self.random.sample(GROUPS, self.random.randrange(4)))
        return FetchLeads(self.random.choice("cde"), self.random.randrange(5), self.now, groups)

    def save(self) -> Write:
        campaign, lead_id = self.any_lead()
        self.attempt_id += self.random.random() < 0.95
        number = phone(self.random.randrange(12)).e164
        caps = (
            number_cap(self.random.randrange(1, 4), number, since=self.now - 7200.0),
            CapCheck("per_lead", 3, 0.0, lead_id=lead_id, campaign=campaign),
        )
        return save_attempt(self.attempt_id, lead_id, number, campaign=campaign, at=self.now, caps=caps)

    def close(self) -> Write:
        if not self.open or self.random.random() < 0.05:
            return close_attempt(save_attempt(10_000, 1, phone(0).e164))
        save = self.open.pop(self.random.randrange(len(self.open)))
        outcome = self.random.choice(("busy", "no_answer", "withdrawn"))
        block = save.intent.number if self.random.random() < 0.05 else None
        place = self.place(save.intent.campaign, save.intent.lead_id)
        close = close_attempt(save, outcome, update=place, block=block)
        if place.state == FINAL or place.callback is not None or self.random.random() < 0.5:
            return close
        promised = Callback(
            save.intent.attempt_id, place.campaign, place.lead_id, save.intent.number, "2026-12-01T18:00:00",
            "Europe/London", place.due_at, self.now, "ana",
        )  # fmt: skip
        self.promised[place.campaign, place.lead_id] = promised
        return replace(close, update=replace(place, callback=promised), promised=promised)

    def give_back(self) -> Write:
        return ReturnLeads(tuple(self.place(*self.any_lead()) for _ in range(2)))

    def block(self) -> Write:
        return BlockNumbers((phone(self.random.randrange(40)).e164,), "register", self.now)

    def unblock(self) -> Write:
        return UnblockNumbers((phone(self.random.randrange(40)).e164,), self.now)

    def place_leads(self) -> Write:
        return place_leads(self.random.choice("cdde"), self.random.randrange(6))

    def more_leads(self) -> Write:
        count = self.random.randrange(6)
        self.leads += count
        numbers = [tuple(phone(self.random.randrange(12), group) for group in GROUPS) for _ in range(count)]
        return save_leads(
            tuple(NewLead(one[: self.random.randrange(1, 4)]) for one in numbers),
            self.random.choice(("people", "more")),
        )

    def campaign(self) -> Write:
        lists = self.random.choice((("people",), ("people", "more"), ("more",)))
        return save_campaign(self.random.choice("cd"), lists, self.random.choice(("oldest", "newest", "random")))


def unsealed(found: Iterable[StoredAttempt]) -> list[StoredAttempt]:
    """A store in memory seals nothing."""
    return [replace(one, seal=None) for one in found]


def everything(reader: Source) -> list[object]:
    numbers = [phone(index).e164 for index in range(40)]
    return [
        reader.lists(), reader.campaigns(), reader.next_attempt_id(), reader.dnc_version(),
        reader.dnc_entries(numbers), unsealed(reader.open_attempts()),
        reader.known_leads(["more", "people"], MatchBy.PHONE, numbers), unsealed(reader.attempts_on(numbers)),
        [reader.leads_by_number(number) for number in numbers], reader.place("c", 1), reader.place("d", 2),
        *(
            [unsealed(reader.attempts(name)), list(reader.records(name, NOW, NOW + 9e4)),
             list(reader.places(name)), reader.campaign_versions(name), reader.zone_groups(name),
             reader.zone_group_names(name),
             reader.lead_counts(name), reader.callbacks(name), list(reader.counted_attempts(name, NOW + 3600.0))]
            for name in "cde"
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_memory_and_database_answer_alike(store_address: str, seed: int) -> None:
    operations = Operations(seed)
    memory = MemoryStore()
    kinds: set[str] = set()
    with open_database(store_address) as database:
        for _ in range(STEPS):
            write = operations.draw()
            answers: list[Answer | Exception] = []
            memory.submit(write, answers.append)
            try:
                answers.append(database.writer.write(write))
            except (StorageError, ValueError) as error:
                answers.append(error)
            mine, theirs = answers
            kinds.add(type(mine).__name__)
            if isinstance(mine, Exception):
                assert type(mine) is type(theirs), write
            else:
                assert mine == theirs, write
            operations.learn(write, mine)
        assert everything(memory) == everything(database.reader)
    assert {"AttemptAccepted", "AttemptDenied", "LeadsLeased", "Done", "AttemptNotOpen"} <= kinds
