from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.callback import Callback
from dialer.errors import UnknownName
from dialer.operations.callbacks import list_callbacks
from dialer.ports.store import DROPPED, FINAL, KEPT, CallbackEnd, ReturnLeads
from dialer.storage.memory import MemoryStore
from tests.contract.storage_values import (
    NOW,
    close_attempt,
    new_leads,
    phone,
    place_leads,
    save_attempt,
    save_campaign,
    save_leads,
    update_for,
)


def promised(lead_id: int) -> Callback:
    return Callback(
        lead_id, "c", lead_id, phone(lead_id - 1).e164, "2026-09-21T15:00:00", "Europe/London",
        NOW + lead_id, NOW, "ana", "ana" * (lead_id == 1), "late is fine" * (lead_id == 1),
    )  # fmt: skip


@pytest.fixture
def store() -> MemoryStore:
    """Five callbacks: open, waiting for a window, kept in time, kept late, dropped."""
    store = MemoryStore()
    store.write(save_leads(new_leads(5)))
    store.write(save_campaign())
    store.write(place_leads("c", 10))
    for lead_id in range(1, 6):
        callback = promised(lead_id)
        attempt = save_attempt(lead_id, lead_id, callback.number)
        store.write(attempt)
        update = replace(update_for(lead_id, due_at=callback.due_at), callback=callback)
        store.write(replace(close_attempt(attempt, update=update), promised=callback))
    ends = {
        3: CallbackEnd(3, KEPT, "busy", NOW + 100, 71, NOW + 63),
        4: CallbackEnd(4, KEPT, "sale", NOW + 5_000, 72, NOW + 3_604),
        5: CallbackEnd(5, DROPPED, "dnc", NOW + 6),
    }
    waits = replace(update_for(2, due_at=NOW + 9_000, reason="window_closed"), callback=promised(2))
    over = [replace(update_for(lead_id, state=FINAL), ended=(end,)) for lead_id, end in ends.items()]
    store.write(ReturnLeads((waits, *over)))
    return store


def test_each_promise_says_what_became_of_it(store: MemoryStore) -> None:
    found = list_callbacks(store, "c")
    assert [(row.callback, row.state, row.reason, row.late_s) for row in found.callbacks] == [
        (1, "open", "", None), (2, "open", "window_closed", None), (3, "kept", "busy", 60.0),
        (4, "kept", "sale", 3_600.0), (5, "dropped", "dnc", None),
    ]  # fmt: skip
    assert (found.open, found.kept, found.dropped) == (2, 2, 1)
    assert (found.on_time, found.median_late_s) == (0.5, 1_830.0)
    first = found.callbacks[0]
    assert (first.local, first.zone, first.agent_id) == ("2026-09-21T15:00:00", "Europe/London", "ana")
    assert (first.consent, first.made_by) == ("late is fine", "ana")


def test_only_what_is_still_to_be_called(store: MemoryStore) -> None:
    found = list_callbacks(store, "c", only_open=True)
    assert [row.callback for row in found.callbacks] == [1, 2]
    assert (found.kept, found.dropped) == (2, 1)


def test_without_any_there_is_no_share(store: MemoryStore) -> None:
    store.write(save_campaign("d"))
    found = list_callbacks(store, "d")
    assert (found.callbacks, found.on_time, found.median_late_s) == ((), None, None)


def test_an_unknown_campaign_is_said(store: MemoryStore) -> None:
    with pytest.raises(UnknownName, match='"c"'):
        list_callbacks(store, "cc")
