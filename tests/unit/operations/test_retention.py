from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dialer.live.lead_retention import LeadRetention, erase_idle
from dialer.operations.retention import KeepLeads, due_leads, rules_of
from dialer.ports.access import SERVICE
from dialer.ports.store import Answer, ErasePerson, NewLead, SaveChange, SaveLeads, Write
from dialer.settings import ClientSettings, Settings
from dialer.storage.errors import PersonAtHand
from dialer.storage.memory import MemoryStore
from tests.contract.storage_values import (
    NOW,
    close_attempt,
    phone,
    place_leads,
    save_attempt,
    save_campaign,
    update_for,
)

DAY = 86_400.0
RULE = KeepLeads("", 30, 100)


def people() -> MemoryStore:
    """Leads 1 (called on day 0), 2 and 3 (added on day 0, the last the person of 4, who came on day 50)."""
    store = MemoryStore()
    for day, indices in ((0, (1, 2, 3)), (50, (3,))):
        leads = tuple(NewLead((phone(index),), first_name=f"P{index}") for index in indices)
        store.write(SaveLeads("people", leads, "", "", NOW + day * DAY))
    store.write(save_campaign())
    store.write(place_leads())
    save = save_attempt(1, 1, phone(1).e164)
    store.write(save)
    store.write(close_attempt(save, update=update_for(1)))
    return store


def left(store: MemoryStore) -> list[int]:
    return [lead.lead_id for lead in store.leads("people")]


async def erase(store: MemoryStore, day: float, tmp_path: Path, busy: int = 0) -> list[SaveChange]:
    changes: list[SaveChange] = []

    async def write(asked: Write) -> Answer:
        if isinstance(asked, ErasePerson) and busy in asked.lead_ids:
            raise PersonAtHand(busy, "c")
        if isinstance(asked, SaveChange):
            changes.append(asked)
        return store.write(asked)

    now = NOW + day * DAY
    await erase_idle(store, (RULE,), write=write, actor=SERVICE, now=now, folder=tmp_path)
    return changes


async def test_people_go_when_nothing_has_happened_for_long(tmp_path: Path) -> None:
    store = people()
    assert await erase(store, 29, tmp_path) == []
    (change,) = await erase(store, 60, tmp_path)
    assert left(store) == [1, 3, 4], "1 was called, 4 is the same person as 3 and came later"
    said = dict(change.change.detail)
    assert (change.change.action, said["leads"], said["proof_days"]) == ("person.retention", "1", "100")
    assert phone(2).e164 not in str(change)
    (change,) = await erase(store, 81, tmp_path)
    assert (left(store), dict(change.change.detail)["leads"]) == ([1], "2")
    (change,) = await erase(store, 101, tmp_path)
    assert (left(store), dict(change.change.detail)["attempts"]) == ([], "1")
    assert await erase(store, 200, tmp_path) == []


async def test_who_is_at_hand_goes_another_day(tmp_path: Path) -> None:
    store = people()
    (change,) = await erase(store, 60, tmp_path, busy=2)
    said = dict(change.change.detail)
    assert (said["leads"], said["at_hand"], left(store)) == ("0", "1", [1, 2, 3, 4])


async def test_the_service_does_so_by_the_settings_of_the_moment(tmp_path: Path) -> None:
    store = people()

    class Clock:
        day = 60

        def now(self) -> float:
            return NOW + self.day * DAY

    async def write(asked: Write) -> Answer:
        return store.write(asked)

    settings = Settings()
    clock = Clock()
    service = LeadRetention(store, lambda: rules_of(settings), write, clock, tmp_path)
    await service.look()
    assert left(store) == [1, 2, 3, 4], "kept for ever"
    settings = replace(settings, lead_days=30)
    await service.look()
    assert left(store) == [1, 2, 3, 4], "it has looked today"
    clock.day += 1
    await service.look()
    assert left(store) == [1, 3, 4]


def test_what_would_go_is_counted() -> None:
    store = people()
    (due,) = due_leads(store, (RULE,), NOW + 101 * DAY)
    assert (due.client, due.leads, due.called) == ("", 4, 1)
    assert left(store) == [1, 2, 3, 4]


def test_a_client_may_have_its_own_time() -> None:
    acme, zeta = ClientSettings("acme", "Acme", lead_days=9), ClientSettings("zeta", "Zeta")
    settings = Settings(clients=(acme, zeta))
    assert [(one.client, one.lead_days) for one in rules_of(settings)] == [("acme", 9)]
    both = replace(settings, lead_days=30, proof_days=400)
    assert [(one.client, one.lead_days, one.proof_days) for one in rules_of(both)] == [
        ("", 30, 400), ("acme", 9, 400), ("zeta", 30, 400),
    ]  # fmt: skip
