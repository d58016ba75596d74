"""A person erased: nothing says any more who it was, and every count stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.callback import Callback
from campaigns.consent import Consent
from dialer.ports.access import Actor
from dialer.ports.store import (
    DROPPED,
    ERASED,
    ERASURE_REQUEST,
    FINAL,
    Audited,
    BlockNumbers,
    CloseAttempt,
    Done,
    ErasePerson,
    NewLead,
    SaveConsents,
)
from dialer.storage.errors import PersonAtHand
from lists.erased import keys_of
from lists.lead import Lead
from tests.contract.storage_values import (
    NOW,
    close_attempt,
    new_leads,
    phone,
    place_leads,
    record_for,
    save_attempt,
    save_campaign,
    save_leads,
    update_for,
)
from tests.contract.stores import Store, add, fetch, filled, ids

ADA = phone(1).e164
KEYS = keys_of("people", (ADA,), "ada", "X1")


def erasing(*lead_ids: int, numbers: tuple[str, ...] = (ADA,)) -> ErasePerson:
    return ErasePerson(lead_ids, KEYS, numbers, ("",), NOW + 60.0)


def called(store: Store) -> None:
    """Lead 2 was called, promised a callback, agreed to something, and is named in the log of changes."""
    filled(store, 4)
    save = save_attempt(1, 2, ADA)
    store.write(save)
    record = record_for(save, "answered", note="asks for Ada", recording="2026-09-21/c-1-100000.wav", answers="{}")
    promise = Callback(
        promised_in=1, campaign="c", lead_id=2, number=ADA, wall="2026-09-22T10:00", zone="Europe/London",
        due_at=NOW + 9_000.0, made_at=NOW, made_by="ana", consent="said so",
    )  # fmt: skip
    store.write(CloseAttempt(record, replace(update_for(2), callback=promise), promised=promise))
    store.write(SaveConsents((Consent(ADA, "call", "", NOW, source="web form", evidence="ada@example"),), NOW))
    by = Actor("os:ana", "admin", "", "command")
    blocked = BlockNumbers((ADA,), ERASURE_REQUEST, NOW)
    store.write(Audited(blocked, by.change(NOW, "dnc.block", "dnc", "", numbers=f"{ADA} {phone(2).e164}")))


def test_nothing_says_who_it_was_and_what_happened_stays(store: Store) -> None:
    called(store)
    before = store.reader.lead_counts("c")
    assert store.write(erasing(2)) == Done()
    assert [lead.lead_id for lead in store.reader.leads("people")] == [1, 3, 4]
    (people,) = store.reader.lists()
    assert (people.leads, people.numbers) == (3, 3)
    reader = store.reader
    lead = reader.lead(2)
    assert lead is not None
    assert lead.is_erased
    assert (lead.first_name, lead.last_name, lead.external_id, lead.fields) == ("", "", "", ())
    assert lead.phones[0].zones == ("Europe/London",)
    (attempt,) = reader.attempts("c")
    assert (attempt.number, attempt.permit, attempt.person) == ("", "", "")
    assert attempt.record is not None
    assert (attempt.record.number, attempt.record.note, attempt.record.recording) == ("", "", None)
    assert (attempt.record.outcome, attempt.record.dialed_at) == ("answered", NOW + 0.25)
    (callback,) = reader.callbacks("c")
    assert (callback.state, callback.reason, callback.callback.number) == (DROPPED, ERASED, "")
    assert callback.callback.consent == ""
    assert reader.consents((ADA,)) == []
    assert reader.dnc_entries((ADA,)) == []
    (change,) = reader.changes()
    assert dict(change.change.detail)["numbers"] == f"{ERASED} {phone(2).e164}"
    assert reader.leads_by_number(ADA) == []
    assert reader.attempts_on((ADA,)) == []
    assert reader.lead_counts("c") == replace(before, final=before.final + 1)
    place = reader.place("c", 2)
    assert place is not None
    assert (place.state, place.reason) == (FINAL, ERASED)
    assert 2 not in ids(fetch(store, now=NOW + 86_400.0))


def test_an_import_can_ask_whom_not_to_bring_back(store: Store) -> None:
    filled(store, 4)
    assert store.reader.erased_keys(KEYS) == set()
    store.write(erasing(2))
    assert store.reader.erased_keys(
        [*KEYS, *keys_of("acme/people", (ADA,)), *keys_of("people", (phone(2).e164,))]
    ) == set(KEYS)
    store.write(erasing(2))  # again: nothing to be done, and no error
    assert store.reader.erased_keys(KEYS) == set(KEYS)


def test_who_is_at_hand_or_in_a_call_is_not_erased_yet(store: Store) -> None:
    filled(store, 4)
    fetch(store, limit=2)
    with pytest.raises(PersonAtHand, match=r"lead 2 .* campaign 'c'"):
        store.write(erasing(2))
    save = save_attempt(1, 3, phone(2).e164)
    store.write(save)
    with pytest.raises(PersonAtHand, match="lead 3"):
        store.write(erasing(3))
    assert store.reader.erased_keys(KEYS) == set()
    store.write(close_attempt(save))
    assert store.write(erasing(3)) == Done()


def test_a_campaign_added_later_has_no_place_for_them(store: Store) -> None:
    store.write(save_leads(new_leads(3)))
    store.write(erasing(2))
    add(store, save_campaign("later"))
    assert store.reader.lead_counts("later").total == 2
    assert ids(fetch(store, campaign="later")) == [1, 3]
    store.write(place_leads("later"))
    assert store.reader.place("later", 2) is None


def test_what_is_left_of_a_lead_is_where_it_came_from(store: Store) -> None:
    told = replace(phone(1), extension="12", zone_evidence="postal:Europe/London=W1A")
    details = replace(NewLead((told,)).details, address="1 High Street", city="London", language="en", rank=3)
    store.write(save_leads((NewLead((told,), "Ada", "L", "X1", details=details),)))
    store.write(erasing(1))
    lead = store.reader.lead(1)
    assert lead is not None
    bare = replace(told, e164="", extension="", zone_evidence="")
    assert lead == Lead(1, "people", (bare,), source="a test", as_of="2026-01-31")


def test_others_with_the_same_number_keep_theirs(store: Store) -> None:
    store.write(save_leads(new_leads(3)))
    store.write(save_leads(new_leads(2, first=1), "household"))
    store.write(erasing(2, numbers=()))
    assert [lead.lead_id for lead in store.reader.leads_by_number(ADA)] == [4]


def test_of_who_is_erased_it_is_not_kept_either_that_they_refused_as_a_person(store: Store) -> None:
    lead = replace(new_leads(1, first=1)[0], person_key="ada")
    store.write(save_leads((lead,)))
    store.write(BlockNumbers((ADA,), "campaign c", NOW, person=":ada"))
    assert store.write(erasing(1)) == Done()
    again = replace(new_leads(1, first=7)[0], person_key="ada")
    store.write(save_leads((again,)))
    assert store.reader.blocked_numbers([phone(7).e164], "", "sales") == set()
