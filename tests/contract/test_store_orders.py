"""Orders of dialing that depend on more than the lead's id, in every store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.ports.store import CloseAttempt, LeadsPlaced, NewLead, SaveAttempt, UpdateLeads
from lists.lead import Details
from tests.contract.storage_values import (
    LONDON,
    NOW,
    close_attempt,
    phone,
    place_leads,
    save_attempt,
    save_campaign,
    save_leads,
    update_for,
)
from tests.contract.stores import InDatabase, Store, add, fetch, filled, ids


def ranked(*ranks: int | None, first: int = 0) -> tuple[NewLead, ...]:
    return tuple(NewLead((phone(index),), details=Details(rank=rank)) for index, rank in enumerate(ranks, first))


def in_order(store: Store) -> list[int]:
    return [place.lead_id for place in sorted(store.reader.places("c"), key=lambda one: one.order_key)]


def call(
    store: Store, attempt_id: int, lead_id: int, at: float, outcome: str = "busy", *, campaign: str = "c"
) -> None:
    save = save_attempt(attempt_id, lead_id, phone(lead_id - 1).e164, at=at, campaign=campaign)
    assert isinstance(save, SaveAttempt)
    store.write(save)
    closing = close_attempt(save, outcome)
    assert isinstance(closing, CloseAttempt)
    store.write(replace(closing, update=update_for(lead_id, due_at=NOW, campaign=campaign)))


def reorder(store: Store, order: str) -> None:
    store.write(save_campaign(order=order))
    while store.write(place_leads(limit=2)) != LeadsPlaced(0, more=False):
        pass


def test_the_highest_rank_is_first(store: Store) -> None:
    store.write(save_leads(ranked(None, 3, -2, 3)))
    add(store, save_campaign(order="rank"))
    store.write(save_leads(ranked(7, None, first=10)))  # new ones at once
    assert in_order(store) == [5, 2, 4, 3, 1, 6]
    assert ids(fetch(store, limit=3)) == [5, 2, 4]


def test_a_list_that_says_another_rank_moves_the_lead(store: Store) -> None:
    store.write(save_leads(ranked(None, 3, 1)))
    add(store, save_campaign(order="rank"))
    add(store, save_campaign("d", order="oldest"))
    lead = store.reader.lead(1)
    assert lead is not None
    store.write(UpdateLeads("people", (replace(lead, details=Details(rank=2)),), NOW))
    assert in_order(store) == [2, 1, 3]
    assert [place.order_key for place in store.reader.places("d")] == [1, 2, 3]


def test_who_was_called_longest_ago_is_next_behind_those_never_called(store: Store) -> None:
    filled(store, 4, order="last_call")
    assert ids(fetch(store, limit=3)) == [1, 2, 3]
    call(store, 1, 2, NOW - 300)
    call(store, 2, 1, NOW - 200)
    call(store, 3, 3, NOW - 100, "withdrawn")
    assert in_order(store) == [3, 4, 2, 1]
    assert ids(fetch(store, groups=(LONDON,))) == [3, 4, 2, 1]


def test_whom_a_killed_service_has_called_has_been_called(store: Store) -> None:
    if not isinstance(store, InDatabase):
        pytest.skip("nothing is left of a store in memory")
    filled(store, 3, order="last_call")
    fetch(store, limit=2)
    call(store, 1, 1, NOW - 300)
    store.write(save_attempt(2, 2, phone(1).e164, at=NOW - 400))
    store.database.recover(NOW)
    assert in_order(store) == [3, 2, 1]


def test_a_campaign_that_takes_up_the_order_knows_its_own_calls(store: Store) -> None:
    filled(store, 4)
    add(store, save_campaign("d"))
    fetch(store, limit=3)
    fetch(store, limit=4, campaign="d")
    call(store, 1, 2, NOW - 300)
    call(store, 2, 1, NOW - 200)
    call(store, 3, 3, NOW - 100, "withdrawn")
    call(store, 4, 4, NOW - 400, campaign="d")
    reorder(store, "last_call")
    assert in_order(store) == [3, 4, 2, 1]
    fetch(store, limit=3)
    call(store, 5, 3, NOW - 50)
    assert in_order(store) == [4, 2, 1, 3]
    reorder(store, "oldest")
    assert in_order(store) == [1, 2, 3, 4]
