"""Leads in groups, and what a decision about one is given without leasing it."""

from __future__ import annotations

import pytest

from dialer.operations.funnel import funnel
from dialer.ports.store import FINAL, LEASED, READY, BlockNumbers, LeadGroup, NewLead, ReturnLeads, ZoneLeads
from dialer.storage.memory import MemoryStore
from tests.contract.storage_values import (
    LONDON,
    NOW,
    SYDNEY,
    close_attempt,
    new_leads,
    phone,
    save_attempt,
    save_campaign,
    save_leads,
    update_for,
)
from tests.contract.stores import Store, add, fetch, filled
from tests.unit.operations.random_store import NOW as RANDOM_NOW
from tests.unit.operations.random_store import fill
from tests.walls import SIMULATED

Seen = set[tuple[int, int, str, str, bool]]


def groups(store: Store, at: float = NOW, digits: int = 0) -> Seen:
    return set(map(_seen, store.reader.lead_groups("c", at, digits)))


def _seen(one: LeadGroup) -> tuple[int, int, str, str, bool]:
    return one.lead_id, one.count, one.state, one.reason, one.more


def test_leads_nobody_has_called_are_together_by_zone_group(store: Store) -> None:
    store.write(save_leads((*new_leads(3), *new_leads(2, SYDNEY, first=5))))
    add(store, save_campaign())
    assert groups(store) == {(1, 3, READY, "", False), (4, 2, READY, "", False)}
    assert groups(store, digits=12) == {(n, 1, READY, "", False) for n in range(1, 6)}
    assert list(store.reader.lead_groups("nowhere", NOW)) == []


def test_leads_that_live_elsewhere_come_under_other_rules_and_are_apart(store: Store) -> None:
    at_home = NewLead((phone(1),))
    in_rome = NewLead((phone(2),), country="IT")
    in_bari = NewLead((phone(3),), country="IT", region="IT-BA")
    store.write(save_leads((at_home, in_rome, in_bari)))
    add(store, save_campaign())
    assert groups(store) == {(n, 1, READY, "", False) for n in (1, 2, 3)}


def test_who_was_called_or_shares_a_number_with_one_is_a_group_of_its_own(store: Store) -> None:
    shared = NewLead((phone(7, SYDNEY), phone(0)))
    store.write(save_leads((*new_leads(3), shared, NewLead((phone(8, SYDNEY), phone(9))))))
    add(store, save_campaign())
    add(store, save_campaign("d"))
    fetch(store, limit=1, campaign="d")
    save = save_attempt(1, 1, phone(0).e164, campaign="d")
    store.write(save)
    assert groups(store) == {
        (1, 1, READY, "", False), (2, 2, READY, "", False), (4, 1, READY, "", True), (5, 1, READY, "", True),
    }  # fmt: skip
    store.write(close_attempt(save, "withdrawn", update=update_for(1, campaign="d", attempts=0, tries=())))
    assert (1, 3, READY, "", False) in groups(store)  # never placed: it does not count


def test_places_on_register_and_due_later_are_told_apart(store: Store) -> None:
    filled(store, 7)
    fetch(store, limit=4)
    store.write(ReturnLeads((
        update_for(1, state=FINAL, reason="sale"), update_for(2, state=FINAL, reason="sale"),
        update_for(3, due_at=NOW + 60, reason="window_closed", attempts=0, tries=()),
    )))  # fmt: skip
    store.write(BlockNumbers((phone(4).e164,), "a test", NOW))
    expected = {
        (1, 2, FINAL, "sale", False), (3, 1, READY, "", False), (4, 1, LEASED, "", False),
        (5, 1, READY, "", False), (6, 2, READY, "", False),
    }  # fmt: skip
    assert groups(store) == expected
    assert {(3, 3, READY, "", False)} < groups(store, NOW + 60)  # with those that are due as well


def test_leads_that_wait_are_counted_by_zone_group(store: Store) -> None:
    store.write(save_leads((*new_leads(5), *new_leads(2, SYDNEY, first=5))))
    add(store, save_campaign())
    fetch(store, limit=4)
    store.write(ReturnLeads((
        update_for(1, state=FINAL), update_for(2, due_at=NOW + 60), update_for(3, due_at=NOW + 30),
    )))  # fmt: skip
    sydney = ZoneLeads(SYDNEY, 2, 0, None)
    assert list(store.reader.waiting_leads("c", NOW)) == [sydney, ZoneLeads(LONDON, 1, 2, NOW + 30)]
    assert list(store.reader.waiting_leads("c", NOW + 30)) == [sydney, ZoneLeads(LONDON, 2, 1, NOW + 60)]
    assert list(store.reader.waiting_leads("nowhere", NOW)) == []


def test_the_leads_of_a_group_are_named_one_by_one(store: Store) -> None:
    filled(store, 3)
    (one,) = store.reader.lead_groups("c", NOW)
    assert list(store.reader.leads_of_groups("c", NOW, 0, [one.key])) == [1, 2, 3]
    assert list(store.reader.leads_of_groups("c", NOW, 0, [])) == []


def test_a_candidate_that_is_only_looked_at_is_the_one_that_would_be_leased(store: Store) -> None:
    filled(store, 3)
    fetch(store, limit=1)
    save = save_attempt(1, 1, phone(0).e164)
    store.write(save)
    store.write(close_attempt(save))
    store.write(BlockNumbers((phone(0).e164,), "a test", NOW))
    looked = list(store.reader.candidates("c", [1, 2, 99], NOW + 7_200))
    assert [place for place, _ in looked] == [store.reader.place("c", 1), store.reader.place("c", 2)]
    assert len(looked[0][1].history) == 1
    leased = fetch(store, limit=2, now=NOW + 7_200, groups=(LONDON,)).candidates
    assert sorted(c.lead.lead_id for c in leased) == [1, 2]
    assert {c.lead.lead_id: c for c in leased} == {place.lead_id: c for place, c in looked}


@pytest.mark.parametrize("seed", range(6))
def test_the_funnel_is_the_same_from_every_store(store: Store, seed: int) -> None:
    memory = MemoryStore()
    fill(memory.write, memory, seed)
    fill(store.write, store.reader, seed)
    for digits in (0, 6):
        mine, theirs = (
            sorted(map(_seen, reader.lead_groups("spring", RANDOM_NOW + 3_600, digits)))
            for reader in (memory, store.reader)
        )
        assert mine == theirs
    asked = ("spring", RANDOM_NOW + 3_600, RANDOM_NOW)
    assert funnel(store.reader, *asked, walls=SIMULATED, trunks=()) == funnel(
        memory, *asked, walls=SIMULATED, trunks=()
    )
