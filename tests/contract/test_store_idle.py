"""Leads about which nothing has happened for long, in every store."""

from __future__ import annotations

from dataclasses import replace

from campaigns.callback import Callback
from campaigns.consent import Consent
from dialer.ports.store import CloseAttempt, ErasePerson, SaveAttempt, SaveConsents
from tests.contract.storage_values import (
    NOW,
    close_attempt,
    new_leads,
    phone,
    save_attempt,
    save_leads,
    update_for,
)
from tests.contract.stores import Store, fetch, filled

DAY = 86_400.0
LATER = NOW + 100 * DAY


def idle(store: Store, called_before: float = LATER, **more: object) -> list[int]:
    return list(store.reader.idle_leads(["people"], LATER, called_before, **more))  # type: ignore[arg-type]


def called(store: Store, lead_id: int, *, promised: bool = False) -> None:
    save = save_attempt(lead_id, lead_id, phone(lead_id - 1).e164)
    assert isinstance(save, SaveAttempt)
    store.write(save)
    closing = close_attempt(save)
    assert isinstance(closing, CloseAttempt)
    callback = None
    if promised:
        callback = Callback(
            lead_id, "c", lead_id, phone(lead_id - 1).e164, "2026-09-22T10:00:00", "Europe/London", NOW, NOW, "a1"
        )
    place = replace(update_for(lead_id, due_at=NOW), callback=callback)
    store.write(replace(closing, update=place, promised=callback))


def test_who_was_neither_added_nor_called_since_is_idle(store: Store) -> None:
    filled(store, 4)
    store.write(save_leads(new_leads(1, first=9), "others"))
    fetch(store, limit=3)
    called(store, 1)
    called(store, 2, promised=True)
    assert idle(store) == [1, 3, 4]
    assert idle(store, called_before=NOW) == [3, 4]
    assert list(store.reader.idle_leads(["people"], NOW, LATER)) == []
    assert list(store.reader.idle_leads(["people", "others"], LATER, LATER)) == [1, 3, 4, 5]
    assert idle(store, after=1, limit=1) == [3]
    assert idle(store, among=[2, 3]) == [3]


def test_who_has_agreed_to_calls_since_is_not_idle(store: Store) -> None:
    filled(store, 3)
    agreed = [
        Consent(phone(n).e164, "calls", "", given_at, source="form") for n, given_at in ((0, NOW), (1, LATER))
    ]
    store.write(SaveConsents((*agreed, replace(agreed[1], number=phone(2).e164, withdrawn_at=LATER)), NOW))
    assert idle(store) == [1, 3]


def test_who_was_erased_is_not_there_any_more(store: Store) -> None:
    filled(store, 2)
    store.write(ErasePerson((1,), ("k",), (phone(0).e164,), ("",), NOW))
    assert idle(store) == [2]
