"""Callbacks in every store: first when due, whatever the zone group; never gone without an end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.callback import Callback, wall_of
from dialer.ports.store import (
    DROPPED,
    FINAL,
    KEPT,
    OPEN,
    CallbackEnd,
    LeadsLeased,
    ReturnLeads,
    StoredCallback,
)
from dialer.storage.database import Database
from dialer.storage.memory import MemoryStore
from tests.contract.storage_values import (
    NOW,
    SYDNEY,
    close_attempt,
    phone,
    save_attempt,
    save_campaign,
    update_for,
)
from tests.contract.stores import InDatabase, Store, add, fetch, filled, ids


def promise(store: Store, lead_id: int, due_at: float, wall: str = "") -> Callback:
    """An attempt on the lead, in which a call at `due_at` is promised."""
    attempt = save_attempt(100 + lead_id, lead_id, phone(lead_id - 1).e164)
    callback = Callback(
        attempt.intent.attempt_id, "c", lead_id, phone(lead_id - 1).e164,
        wall or wall_of(due_at, "Europe/London"), "Europe/London", due_at, NOW, "ana", "ana", "whenever you like",
    )  # fmt: skip
    store.write(attempt)
    close = close_attempt(attempt, update=replace(update_for(lead_id, due_at=due_at), callback=callback))
    store.write(replace(close, promised=callback))
    return callback


def open_one(callback: Callback, reason: str = "busy") -> StoredCallback:
    return StoredCallback(callback, OPEN, reason, callback.due_at)


def test_a_callback_comes_first_and_as_it_was_promised(store: Store) -> None:
    filled(store)
    later, sooner = promise(store, 4, NOW + 60), promise(store, 5, NOW + 30)
    assert store.reader.callbacks("c") == [open_one(sooner), open_one(later)]
    early = fetch(store, limit=1, now=NOW)
    assert (ids(early), early.next_callback_at, early.next_due_at) == ([1], NOW + 30, None)
    due = fetch(store, limit=3, now=NOW + 60)
    assert ids(due) == [5, 4, 2]
    assert [one.callback for one in due.candidates] == [sooner, later, None]
    assert due.next_callback_at is None
    at_hand = [replace(open_one(one), at_hand=True) for one in (sooner, later)]
    assert store.reader.callbacks("c", ended=False) == at_hand


def test_it_comes_whatever_its_zone_group_and_only_as_many_as_asked_for(store: Store) -> None:
    filled(store)
    for lead_id in (1, 2, 3):
        promise(store, lead_id, NOW + lead_id)
    first = fetch(store, limit=2, now=NOW + 60, groups=())
    assert (ids(first), first.next_callback_at) == ([1, 2], NOW + 60)
    assert ids(fetch(store, limit=2, now=NOW + 60, groups=(SYDNEY,))) == [3]
    assert fetch(store, limit=0, now=NOW + 60) == LeadsLeased((), None, more_ready=True)


def test_one_that_is_given_back_is_a_promise_still(store: Store) -> None:
    filled(store, 1)
    callback = promise(store, 1, NOW + 30)
    fetch(store, now=NOW + 60)
    back = replace(update_for(1, due_at=NOW + 3_600, reason="window_closed"), callback=callback)
    store.write(ReturnLeads((back,)))
    assert store.reader.callbacks("c") == [replace(open_one(callback, "window_closed"), due_at=NOW + 3_600)]
    assert fetch(store, now=NOW + 60).next_callback_at == NOW + 3_600
    assert [one.callback for one in fetch(store, now=NOW + 3_600).candidates] == [callback]


@pytest.mark.parametrize(("state", "reason"), [(KEPT, "no_answer"), (DROPPED, "dnc")])
def test_its_end_is_kept(store: Store, state: str, reason: str) -> None:
    filled(store, 1)
    callback = promise(store, 1, NOW + 30)
    fetch(store, now=NOW + 60)
    end = CallbackEnd(callback.promised_in, state, reason, NOW + 70, 7, NOW + 61)
    store.write(ReturnLeads((replace(update_for(1, state=FINAL), ended=(end,)),)))
    over = StoredCallback(callback, state, reason, None, NOW + 70, 7, NOW + 61)
    assert (store.reader.callbacks("c"), store.reader.callbacks("c", ended=False)) == ([over], [])
    assert fetch(store, now=NOW + 9_999) == LeadsLeased((), None)


def test_a_list_that_is_taken_out_takes_its_callbacks_along_and_brings_them_back(store: Store) -> None:
    filled(store, 2)
    callback = promise(store, 1, NOW + 30)
    add(store, save_campaign(lists=()))
    assert fetch(store, now=NOW + 60).candidates == ()
    (gone,) = store.reader.callbacks("c")
    assert (gone.state, gone.reason) == (OPEN, "list_removed")
    add(store, save_campaign())
    assert [one.callback for one in fetch(store, now=NOW + 60).candidates] == [callback, None]


def test_a_copy_knows_what_was_promised(store: Store) -> None:
    filled(store, 2)
    callback = promise(store, 1, NOW + 30)
    copy = MemoryStore.copy_of(store.reader, "c", NOW)
    assert copy.callbacks("c") == [open_one(callback)]
    assert copy.next_attempt_id() > callback.promised_in, "attempts name callbacks"


def database_of(store: Store) -> Database:
    if not isinstance(store, InDatabase):
        pytest.skip("nothing is left of a store in memory")
    return store.database


def test_after_a_kill_a_leased_callback_is_a_callback(store: Store) -> None:
    database = database_of(store)
    filled(store, 2)
    callback = promise(store, 1, NOW + 30)
    fetch(store, now=NOW + 60)
    database.recover(NOW + 100)
    found = fetch(store, now=NOW + 100)
    assert [one.callback for one in found.candidates] == [callback, None]


def test_a_call_whose_end_nobody_saw_ends_the_promise_with_that_reason(store: Store) -> None:
    database = database_of(store)
    filled(store, 1)
    callback = promise(store, 1, NOW + 30)
    fetch(store, now=NOW + 60)
    store.write(save_attempt(500, 1, phone(0).e164, at=NOW + 61))
    database.recover(NOW + 100)
    assert store.reader.callbacks("c") == [
        StoredCallback(callback, DROPPED, "unknown", None, NOW + 100, 500, None),
    ]


def test_a_start_under_other_zone_data_moves_the_moment_and_not_the_time_of_day(store: Store) -> None:
    database = database_of(store)
    filled(store, 2)
    wrong = promise(
        store, 1, NOW + 30, "2026-12-01T18:00:00"
    )  # not what the clock in London shows at 18:00 on that day
    right = replace(wrong, due_at=1_796_148_000.0)
    database.recover(NOW)
    assert store.reader.callbacks("c") == [open_one(right)]
    assert fetch(store, now=NOW + 60).next_callback_at == right.due_at
