"""Leads that become another list's, in every store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.callback import Callback
from campaigns.consent import Consent
from dialer.ports.store import (
    BlockNumbers,
    CloseAttempt,
    ExpireList,
    LeadCalls,
    LeadsMoved,
    LeadsStored,
    MoveLeads,
    NewLead,
    ReturnLeads,
    SaveAttempt,
    SaveConsents,
)
from tests.contract.storage_values import (
    LONDON,
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
from tests.contract.stores import Store, add, fetch, filled, ids


def move(store: Store, *lead_ids: int, source: str = "people", target: str = "others") -> LeadsMoved:
    answer = store.write(MoveLeads(source, target, lead_ids, NOW))
    assert isinstance(answer, LeadsMoved)
    return answer


def called(store: Store, attempt_id: int, lead_id: int, promised: bool = False) -> None:
    lead = store.reader.lead(lead_id)
    assert lead is not None
    save = save_attempt(attempt_id, lead_id, lead.phones[0].e164)
    store.write(save)
    closing = close_attempt(save)
    callback = None
    if promised:
        callback = Callback(
            promised_in=attempt_id, campaign="c", lead_id=lead_id, number=lead.phones[0].e164,
            wall="2026-09-22T10:00:00", zone="Europe/London", due_at=NOW + 7_200, made_at=NOW, made_by="a1",
        )  # fmt: skip
    update = replace(update_for(lead_id, due_at=NOW + 7_200), callback=callback)
    store.write(replace(closing, update=update, promised=callback))


def sizes(store: Store) -> dict[str, tuple[int, int]]:
    return {one.name: (one.leads, one.numbers) for one in store.reader.lists()}


def list_of(store: Store, lead_id: int) -> str:
    lead = store.reader.lead(lead_id)
    assert lead is not None
    return lead.list_name


def test_a_list_that_a_move_makes_has_the_last_day_of_the_one_it_is_made_from(store: Store) -> None:
    filled(store, 3)
    store.write(ExpireList("people", "2026-09-30", NOW - 90))
    move(store, 1)
    store.write(ExpireList("people", "", NOW + 1))
    move(store, 2)
    days = {one.name: one.expires_on for one in store.reader.lists()}
    assert days == {"people": "", "others": "2026-09-30"}
    assert store.reader.list_expiries()["others"] == ((NOW, "2026-09-30"),)
    found = [store.reader.lead(lead_id) for lead_id in (1, 2, 3)]
    assert [lead.expires_on for lead in found if lead is not None] == ["2026-09-30", "2026-09-30", ""]


def test_leads_go_with_all_that_is_known_of_them(store: Store) -> None:
    filled(store, 3)
    add(store, save_campaign(lists=("people",)))
    fetch(store, limit=2)
    called(store, 1, 1)
    store.write(ReturnLeads((update_for(2, attempts=0, tries=(), reason=""),)))
    number = phone(0).e164
    store.write(BlockNumbers((number,), "a test", NOW))
    store.write(SaveConsents((Consent(number, "call", "", NOW),), NOW))
    assert move(store, 1, 2) == LeadsMoved(2)
    assert sizes(store) == {"people": (1, 1), "others": (2, 2)}
    assert [lead.lead_id for lead in store.reader.leads("others")] == [1, 2]
    (other,) = [one for one in store.reader.lists() if one.name == "others"]
    assert (other.source, other.as_of) == ("a test", "2026-01-31")
    assert store.reader.lead_calls([1, 2, 9]) == {1: LeadCalls(1, NOW, "busy", "")}
    assert [one.attempt_id for one in store.reader.attempts("c")] == [1]
    assert store.reader.blocked_numbers([number]) == {number}
    assert len(store.reader.consents([number])) == 1
    versions = store.reader.lead_versions([1, 2])
    assert [(one.until, one.lead.list_name) for one in versions[1]] == [(NOW, "people")]
    assert 2 not in versions  # nobody will ask what it was


def test_a_campaign_that_dials_both_goes_on_where_it_was(store: Store) -> None:
    store.write(save_leads(new_leads(3)))
    store.write(save_leads(new_leads(1, first=10), "others"))
    add(store, save_campaign(lists=("people", "others")))
    fetch(store, limit=1)
    called(store, 1, 1)
    before = [store.reader.place("c", lead_id) for lead_id in (1, 2)]
    assert move(store, 1, 2) == LeadsMoved(2, joined=(("c", (LONDON,)),))
    assert [store.reader.place("c", lead_id) for lead_id in (1, 2)] == before
    assert store.reader.lead_counts("c").total == 4


def test_a_campaign_of_the_other_list_gets_them_and_that_of_the_first_lets_go(store: Store) -> None:
    filled(store, 3)
    store.write(save_leads(new_leads(1, first=10), "others"))
    add(store, save_campaign("d", ("others",)))
    assert move(store, 2) == LeadsMoved(1, joined=(("d", (LONDON,)),))
    assert ids(fetch(store)) == [1, 3]
    assert ids(fetch(store, campaign="d")) == [2, 4]
    place = store.reader.place("c", 2)
    assert place is not None
    assert (place.state, place.reason) == ("final", "list_removed")
    assert store.write(place_leads("d")).placed == 0  # type: ignore[union-attr]
    assert store.write(save_leads(new_leads(1, first=20), "others")) == LeadsStored((("d", (LONDON,)),))
    assert not store.write(place_leads("d")).more  # type: ignore[union-attr]


def test_back_again_they_are_dialed_as_before(store: Store) -> None:
    filled(store, 3)
    move(store, 2)
    assert move(store, 2, source="others", target="people") == LeadsMoved(1, joined=(("c", (LONDON,)),))
    assert ids(fetch(store)) == [1, 2, 3]
    assert sizes(store) == {"people": (3, 3), "others": (0, 0)}


def test_twice_is_once(store: Store) -> None:
    filled(store, 3)
    assert move(store, 1, 1, 2, 99) == LeadsMoved(2)
    assert move(store, 1, 2) == LeadsMoved(0)
    assert sizes(store) == {"people": (1, 1), "others": (2, 2)}


def test_those_in_a_call_stay(store: Store) -> None:
    filled(store, 3)
    fetch(store, limit=1)
    assert move(store, 1, 2) == LeadsMoved(1, at_hand=(1,))
    assert (list_of(store, 1), list_of(store, 2)) == ("people", "others")


def test_those_promised_a_callback_stay_where_nobody_else_would_keep_it(store: Store) -> None:
    filled(store, 2)
    fetch(store, limit=1)
    called(store, 1, 1, promised=True)
    assert move(store, 1, 2) == LeadsMoved(1, promised=(1,))
    add(store, save_campaign(lists=("people", "others")))
    assert move(store, 1) == LeadsMoved(1, joined=(("c", (LONDON,)),))
    (callback,) = store.reader.callbacks("c")
    assert callback.state == "open"
    assert ids(fetch(store, now=NOW + 7_200, limit=1)) == [1]


@pytest.mark.parametrize(("source", "target"), [("people", "people"), ("people", "acme/people")])
def test_what_is_no_move_is_refused(store: Store, source: str, target: str) -> None:
    store.write(save_leads((NewLead((phone(1),)),)))
    with pytest.raises(ValueError, match="list"):
        move(store, 1, source=source, target=target)
    with pytest.raises(LookupError, match="nobody"):
        move(store, 1, source="nobody")


def test_what_calls_came_to(store: Store) -> None:
    filled(store, 2)
    fetch(store, limit=2)
    called(store, 1, 1)
    lead = store.reader.lead(2)
    assert lead is not None
    first, withdrawn = save_attempt(2, 2, lead.phones[0].e164, at=NOW + 1), save_attempt(3, 2, lead.phones[0].e164)
    for save in (first, withdrawn):
        assert isinstance(save, SaveAttempt)
        store.write(save)
    closing = close_attempt(withdrawn, "withdrawn")
    assert isinstance(closing, CloseAttempt)
    store.write(closing)
    assert store.reader.lead_calls([1, 2]) == {1: LeadCalls(1, NOW, "busy", ""), 2: LeadCalls(1, NOW + 1, "", "")}
