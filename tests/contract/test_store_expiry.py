"""Last days of lists, in every store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.refusal import Refusal
from dialer.ports.store import (
    FINAL,
    AttemptAccepted,
    AttemptDenied,
    Done,
    ExpireList,
    MoveLeads,
    RequeueLeads,
    ReturnLeads,
    UpdateLeads,
)
from tests.contract.storage_values import NOW, new_leads, phone, save_attempt, save_leads, update_for
from tests.contract.stores import Store, fetch, filled, ids

TODAY, YESTERDAY = "2026-09-21", "2026-09-20"  # NOW is 2026-09-21T14:13:20 in London


def day_of(store: Store, lead_id: int) -> str:
    lead = store.reader.lead(lead_id)
    assert lead is not None
    return lead.expires_on


def test_the_last_day_said_is_that_of_the_list_and_its_leads(store: Store) -> None:
    filled(store, 2)
    store.write(save_leads(new_leads(1, first=9), "others"))
    assert store.reader.list_expiries() == {}
    for at, day in ((NOW, TODAY), (NOW + 1, ""), (NOW + 2, YESTERDAY)):
        assert store.write(ExpireList("people", day, at)) == Done()
    assert store.write(ExpireList("people", YESTERDAY, NOW + 2)) == Done()
    assert store.reader.list_expiries() == {"people": ((NOW, TODAY), (NOW + 1, ""), (NOW + 2, YESTERDAY))}
    assert {one.name: one.expires_on for one in store.reader.lists()} == {"people": YESTERDAY, "others": ""}
    store.write(save_leads(new_leads(1, first=4)))
    assert [day_of(store, lead_id) for lead_id in (1, 3, 4)] == [YESTERDAY, "", YESTERDAY]
    assert [one.lead.expires_on for one in fetch(store).candidates] == [YESTERDAY] * 3
    with pytest.raises(LookupError, match="nobody"):
        store.write(ExpireList("nobody", TODAY, NOW))


def test_a_lead_has_the_day_of_the_list_that_it_is_in(store: Store) -> None:
    filled(store, 3)
    store.write(MoveLeads("people", "others", (3,), NOW))
    store.write(ExpireList("people", TODAY, NOW))
    lead = store.reader.lead(1)
    assert lead is not None
    store.write(UpdateLeads("people", (replace(lead, last_name="King", expires_on=""),), NOW))
    store.write(MoveLeads("people", "others", (2,), NOW))
    assert (day_of(store, 1), day_of(store, 2)) == (TODAY, "")


def test_who_was_leased_before_the_day_was_said_is_not_called(store: Store) -> None:
    filled(store, 3)
    fetch(store)
    assert store.write(save_attempt(1, 1, phone(0).e164)) == AttemptAccepted(1)
    store.write(ExpireList("people", YESTERDAY, NOW))
    answer = store.write(save_attempt(2, 2, phone(1).e164))
    assert isinstance(answer, AttemptDenied)
    assert (answer.reason, YESTERDAY in answer.detail) == (Refusal.LIST_EXPIRED, True)
    store.write(ExpireList("people", TODAY, NOW + 1))
    assert store.write(save_attempt(3, 3, phone(2).e164)) == AttemptAccepted(3)


def test_who_comes_back_keeps_all_results(store: Store) -> None:
    filled(store, 1)
    fetch(store)
    tries = (("busy", 2), ("no_answer", 1))
    closed = replace(update_for(1, state=FINAL, reason="list_expired"), tries=tries)
    store.write(ReturnLeads((closed,)))
    store.write(RequeueLeads("c", (1,), None, NOW))
    found = fetch(store)
    assert (ids(found), found.candidates[0].tries) == ([1], tries)
