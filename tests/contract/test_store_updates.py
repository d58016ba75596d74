"""Leads that a later list knows better, in every store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.ports.store import (
    BlockNumbers,
    CloseAttempt,
    LeadsUpdated,
    LeadVersion,
    NewLead,
    SaveAttempt,
    UnblockNumbers,
    UpdateLeads,
)
from lists.lead import Details, Lead, Origin, PhoneNumber, ZoneSource
from tests.contract.storage_values import (
    LONDON,
    NEW_YORK,
    NOW,
    SYDNEY,
    close_attempt,
    phone,
    save_attempt,
    save_campaign,
    save_leads,
    update_for,
)
from tests.contract.stores import Store, add, fetch, filled, ids


def lead(store: Store, lead_id: int = 1) -> Lead:
    found = store.reader.lead(lead_id)
    assert found is not None
    return found


def placed(found: PhoneNumber, zone: str) -> PhoneNumber:
    return replace(found, zones=(zone,), zone_source=ZoneSource.REGION)


def called(store: Store, attempt_id: int, at: float, lead_id: int = 1) -> None:
    save = save_attempt(attempt_id, lead_id, lead(store, lead_id).phones[0].e164, at=at)
    assert isinstance(save, SaveAttempt)
    store.write(save)
    closing = close_attempt(save)
    assert isinstance(closing, CloseAttempt)
    store.write(replace(closing, update=update_for(lead_id, due_at=NOW)))


def test_a_lead_keeps_its_list_attempts_and_place(store: Store) -> None:
    filled(store, 3)
    fetch(store, limit=1)
    called(store, 1, NOW)
    before = lead(store)
    more = replace(phone(8, SYDNEY), source="a form", as_of="2026-05-05", use="work")
    better = replace(
        before,
        first_name="Ida",
        external_id="X9",
        person_key="p",
        phones=(replace(before.phones[0], use="home", extension=""), more),
        fields=(("plan", "gold"),),
        details=Details(city="Bari", rank=3),
        origins=(Origin("first_name", "a form", "2026-05-05"),),
        list_name="elsewhere",
        source="elsewhere",
    )
    answer = store.write(UpdateLeads("people", (better, replace(better, lead_id=99)), NOW))
    assert answer == LeadsUpdated(1, (), (("c", tuple(sorted((LONDON, SYDNEY)))),))
    assert lead(store) == replace(better, list_name="people", source=before.source)
    (summary,) = store.reader.lists()
    assert (summary.leads, summary.numbers) == (3, 4)
    assert [one.attempt_id for one in store.reader.attempts("c")] == [1]
    place = store.reader.place("c", 1)
    assert place is not None
    assert (place.attempts, place.tries, place.reason) == (1, (("busy", 1),), "busy")
    assert set(store.reader.zone_group_names("c")) == {LONDON, SYDNEY}
    assert store.reader.leads_by_number(more.e164) == [lead(store)]
    assert store.reader.leads_by_id([3, 1, 99, 1]) == [lead(store, 1), lead(store, 3)]


def test_what_is_there_already_is_no_update(store: Store) -> None:
    filled(store, 2)
    assert store.write(UpdateLeads("people", (lead(store, 1), lead(store, 2)), NOW)) == LeadsUpdated(0)
    assert store.write(UpdateLeads("people", (), NOW)) == LeadsUpdated(0)


def test_whose_number_is_in_another_zone_waits_among_those(store: Store) -> None:
    filled(store, 3)
    known = lead(store, 2)
    moved = replace(known, phones=(placed(known.phones[0], "America/New_York"),), country="US")
    group = f"{moved.phones[0].zone_group};US"
    assert store.write(UpdateLeads("people", (moved,), NOW)) == LeadsUpdated(1, (), (("c", (group,)),))
    assert ids(fetch(store, groups=(LONDON,))) == [1, 3]
    assert ids(fetch(store, groups=(group,))) == [2]


def test_what_a_lead_was_is_kept_for_the_attempts_made_by_it(store: Store) -> None:
    filled(store, 2)
    fetch(store, limit=2)
    called(store, 1, NOW)
    called(store, 2, NOW + 1, 2)
    first = lead(store)
    sydney = replace(first, phones=(placed(first.phones[0], "Australia/Sydney"),), region="AU-NSW", country="AU")
    store.write(UpdateLeads("people", (sydney,), NOW))
    store.write(
        UpdateLeads("people", (replace(sydney, country="NZ"),), NOW)
    )  # no attempt between: nobody will ask
    place = store.reader.place("c", 1)
    assert place is not None
    assert ids(fetch(store, now=NOW + 100, groups=(place.zone_group,))) == [1]
    called(store, 3, NOW + 60)
    now = replace(sydney, country="NZ", first_name="Ida", region="")
    store.write(UpdateLeads("people", (now, replace(lead(store, 2), last_name="King")), NOW))
    versions = store.reader.lead_versions([1, 2, 9])
    assert set(versions) == {1}
    facts = [(one.until, one.lead.country, one.lead.region, one.lead.phones[0].zones) for one in versions[1]]
    assert facts == [
        (NOW, "", "", first.phones[0].zones),
        (NOW + 60, "NZ", "AU-NSW", ("Australia/Sydney",)),
    ]
    assert isinstance(versions[1][0], LeadVersion)
    assert versions[1][0].lead.list_name == "people"


def test_one_at_hand_is_left_as_it_is_where_a_decision_rests_on_it(store: Store) -> None:
    filled(store, 2)
    assert ids(fetch(store, limit=2)) == [1, 2]
    moved = replace(lead(store, 1), country="US")
    renamed = replace(lead(store, 2), last_name="King")
    assert store.write(UpdateLeads("people", (moved, renamed), NOW)) == LeadsUpdated(1, (1,), (("c", (LONDON,)),))
    assert (lead(store, 1).country, lead(store, 2).last_name) == ("", "King")


def test_leads_of_another_client_and_other_numbers_are_refused(store: Store) -> None:
    store.write(save_leads((NewLead((phone(1), phone(2))),), "acme/people"))
    store.write(save_leads((NewLead((phone(3),)),)))
    add(store, save_campaign())
    theirs, ours = lead(store, 1), lead(store, 2)
    for name, wrong in (
        ("people", replace(theirs, first_name="Ida")),
        ("acme/more", replace(theirs, phones=(phone(1),))),
        ("acme/more", replace(theirs, phones=(phone(2), phone(1)))),
        ("people", replace(ours, phones=(phone(4, NEW_YORK), phone(3)))),
    ):
        with pytest.raises(ValueError, match=f"lead {wrong.lead_id}"):
            store.write(UpdateLeads(name, (wrong,), NOW))
    assert (lead(store, 1), lead(store, 2)) == (theirs, ours)
    assert store.write(UpdateLeads("acme/more", (replace(theirs, first_name="Ida"),), NOW)) == LeadsUpdated(1)


def test_new_numbers_of_who_has_refused_go_onto_the_register(store: Store) -> None:
    store.write(save_leads((NewLead((phone(1),), person_key="p"), NewLead((phone(2),)), NewLead((phone(3),)))))
    add(store, save_campaign())
    store.write(BlockNumbers((phone(1).e164,), "a call", NOW, person=lead(store).person))
    more = replace(lead(store, 1), phones=(phone(1), phone(8)))
    theirs = replace(lead(store, 2), person_key="p")
    store.write(UpdateLeads("people", (more, theirs, replace(lead(store, 3), person_key="q")), NOW + 100))
    asked = [phone(n).e164 for n in (1, 2, 3, 8)]
    assert store.reader.blocked_numbers(asked) == {phone(n).e164 for n in (1, 2, 8)}


def test_new_numbers_of_a_lead_that_has_refused_go_onto_the_register_whoever_it_turns_out_to_be(
    store: Store,
) -> None:
    store.write(save_leads((NewLead((phone(1),)), NewLead((phone(2),)))))
    store.write(BlockNumbers((phone(1).e164,), "a call", NOW, person=lead(store).party))
    more = replace(lead(store, 1), phones=(phone(1), phone(8)), person_key="p")
    store.write(UpdateLeads("people", (more, replace(lead(store, 2), phones=(phone(2), phone(9)))), NOW + 100))
    asked = [phone(n).e164 for n in (2, 8, 9)]
    assert store.reader.blocked_numbers(asked) == {phone(8).e164}
    store.write(UnblockNumbers((phone(1).e164, phone(8).e164), NOW + 200))
    again = replace(lead(store, 1), phones=(phone(1), phone(8), phone(7)))
    store.write(UpdateLeads("people", (again,), NOW + 300))
    assert store.reader.blocked_numbers([phone(7).e164]) == set()


def test_what_a_lead_has_refused_its_person_has_once_it_is_known_who_that_is(store: Store) -> None:
    """Numbers of the person's other leads as well, those that are there and those that come."""
    theirs = NewLead((phone(2),), person_key="p")
    store.write(save_leads((NewLead((phone(1),)), theirs, NewLead((phone(3),), person_key="q"))))
    store.write(BlockNumbers((phone(1).e164,), "a call", NOW, "", "sales", person=lead(store).party))
    store.write(UpdateLeads("people", (replace(lead(store), person_key="p"),), NOW + 100))
    store.write(replace(save_leads((NewLead((phone(4),), person_key="p"),)), now=NOW + 200))
    asked = [phone(n).e164 for n in (1, 2, 3, 4)]
    assert store.reader.blocked_numbers(asked, "", "sales") == {phone(n).e164 for n in (1, 2, 4)}
    assert store.reader.blocked_numbers(asked, "", "debt") == set()
    store.write(UnblockNumbers(tuple(asked), NOW + 300))
    store.write(replace(save_leads((NewLead((phone(5),), person_key="p"),)), now=NOW + 400))
    assert store.reader.blocked_numbers([phone(5).e164], "", "sales") == set()


def test_one_that_is_another_by_now_than_was_read_is_left_as_it_is(store: Store) -> None:
    filled(store, 3)
    first, second, third = (lead(store, n) for n in (1, 2, 3))
    elsewhere = replace(first, phones=(*first.phones, phone(8)), details=Details(city="Bari"))
    store.write(UpdateLeads("people", (elsewhere,), NOW))
    late = tuple(replace(one, first_name="Ida") for one in (first, second, third))
    read_as = (first.mark, second.mark, "")
    answer = store.write(UpdateLeads("people", late, NOW, read_as))
    assert isinstance(answer, LeadsUpdated)
    assert (answer.updated, answer.overtaken) == (2, (1,))
    assert [lead(store, n) for n in (1, 2, 3)] == [elsewhere, *late[1:]]
    again = replace(elsewhere, first_name="Ida")
    answer = store.write(UpdateLeads("people", (again,), NOW, (lead(store).mark,)))
    assert isinstance(answer, LeadsUpdated)
    assert (answer.updated, answer.overtaken, lead(store)) == (1, (), again)


def test_a_portion_with_a_lead_that_is_refused_changes_none(store: Store) -> None:
    filled(store, 2)
    first, second = lead(store, 1), lead(store, 2)
    with pytest.raises(ValueError, match="lead 2"):
        store.write(
            UpdateLeads("people", (replace(first, first_name="Ida"), replace(second, phones=(phone(9),))), NOW)
        )
    assert (lead(store, 1), lead(store, 2)) == (first, second)
