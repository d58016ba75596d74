"""Leads that are final taken up again, in every store."""

from __future__ import annotations

from dataclasses import replace

from dialer.ports.store import FINAL, LeadsPlaced, RequeueLeads, ReturnLeads
from tests.contract.storage_values import LONDON, NOW, update_for
from tests.contract.stores import Store, fetch, filled, ids


def test_only_final_ones_come_back_and_forget_what_is_not_kept(store: Store) -> None:
    filled(store, 4)
    fetch(store, limit=3)
    tries = (("congestion", 2), ("busy", 4))
    closed = [
        replace(update_for(lead_id, state=FINAL, reason=reason), attempts=6, tries=tries)
        for lead_id, reason in ((1, "busy"), (2, "sale"))
    ]
    store.write(ReturnLeads(tuple(closed)))
    assert list(store.reader.closed_leads("c", ["busy", "no_answer"])) == [1]
    assert list(store.reader.closed_leads("c", [])) == []
    answer = store.write(RequeueLeads("c", (1, 3, 4, 99), ("congestion",), NOW + 60))
    assert answer == LeadsPlaced(1, False, (LONDON,))
    assert list(store.reader.closed_leads("c", ["busy", "sale"])) == [2]
    found = fetch(store, now=NOW + 60)
    assert ids(found) == [1, 4]
    assert (found.candidates[0].tries, found.candidates[0].attempts) == ((("congestion", 2),), 6)
    place = store.reader.place("c", 1)
    assert place is not None
    assert place.reason == "reset"
