from __future__ import annotations

from campaigns.consent import Consent
from dialer.operations.due_callbacks import due_callbacks
from dialer.ports.store import FetchLeads, SaveConsents, WithdrawConsents
from dialer.storage.memory import MemoryStore
from tests.contract.storage_values import NOW, save_campaign
from tests.unit.operations.test_callbacks import store as store


def test_the_longest_overdue_come_first_with_who_makes_them_and_why_they_wait(store: MemoryStore) -> None:
    (promised,) = (one.callback for one in store.callbacks("c") if one.callback.promised_in == 1)
    agreed = Consent(promised.number, "callback", "", promised.made_at, source="ana")
    store.write(SaveConsents((agreed,), NOW))
    found = due_callbacks(store, ["c"], NOW + 1.5, 10)
    assert (found.total, found.overdue) == (2, 1)
    first, second = found.callbacks
    assert (first.callback, first.promised_at, first.due_at, first.reason) == (1, NOW + 1, NOW + 1, "")
    assert (first.agent_id, first.agent_until, first.consent) == ("ana", NOW + 1 + 900.0, True)
    assert (second.callback, second.due_at, second.reason) == (2, NOW + 9_000, "window_closed")
    assert (second.agent_id, second.agent_until, second.consent) == ("", None, False)
    assert (first.local, first.zone) == ("2026-09-21T15:00:00", "Europe/London")
    store.write(WithdrawConsents((promised.number,), NOW + 1, kind="callback"))
    assert not due_callbacks(store, ["c"], NOW + 1.5, 10).callbacks[0].consent


def test_a_lead_that_a_service_has_is_at_hand(store: MemoryStore) -> None:
    store.write(FetchLeads("c", 1, NOW + 2, ()))
    assert [one.at_hand for one in due_callbacks(store, ["c"], NOW + 2, 10).callbacks] == [True, False]


def test_of_several_campaigns_the_first_are_shown_and_all_are_counted(store: MemoryStore) -> None:
    store.write(save_campaign("d"))
    found = due_callbacks(store, ["c", "d"], NOW, 1)
    assert (found.total, found.overdue, [one.callback for one in found.callbacks]) == (2, 0, [1])
