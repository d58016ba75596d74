"""Do-not-call registers by purpose, and that the inserting transaction looks at them again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.refusal import Refusal
from dialer.ports.store import AttemptDenied, BlockNumbers, FetchLeads, LeadsLeased, UnblockNumbers
from lists.dnc import DncEntry, PersonRefused
from tests.contract.storage_values import (
    LONDON,
    NOW,
    close_attempt,
    new_leads,
    phone,
    save_attempt,
    save_campaign,
    save_leads,
)
from tests.contract.stores import Store, add, filled

NUMBER, OTHER = phone(0).e164, phone(1).e164


def refused(store: Store, attempt_id: int, purpose: str) -> bool:
    answer = store.write(save_attempt(attempt_id, 1, NUMBER, purpose=purpose))
    if isinstance(answer, AttemptDenied):
        assert answer.reason is Refusal.DNC
    return isinstance(answer, AttemptDenied)


def leased_dnc(store: Store, purpose: str) -> tuple[str, ...]:
    answer = store.write(FetchLeads("c", 1, NOW, (LONDON,), purpose))
    assert isinstance(answer, LeadsLeased)
    return answer.candidates[0].dnc


@pytest.mark.parametrize("client", ["", "acme"])
def test_an_entry_for_one_purpose_keeps_calls_for_it_away_and_no_others(store: Store, client: str) -> None:
    store.write(BlockNumbers((NUMBER,), "letter", NOW, client, "sales"))
    found = {
        (asked, purpose): store.reader.blocked_numbers([NUMBER, OTHER], asked, purpose)
        for asked in ("", "acme", "zeta")
        for purpose in ("sales", "research", "")
    }
    concerned = {client} if client else {"", "acme", "zeta"}
    assert {key for key, numbers in found.items() if numbers} == {(one, "sales") for one in concerned}


def test_attempts_and_candidates_are_asked_about_by_their_purpose(store: Store) -> None:
    filled(store)
    store.write(BlockNumbers((NUMBER,), "letter", NOW, purpose="sales"))
    assert [refused(store, n, purpose) for n, purpose in enumerate(("sales", "research", "debt"), 1)] == [
        True, False, False,
    ]  # fmt: skip
    (sales, research) = (
        next(store.reader.candidates("c", [1], NOW, purpose))[1].dnc for purpose in ("sales", "research")
    )
    assert (sales, research) == ((NUMBER,), ())
    groups = {
        purpose: max(group.count for group in store.reader.lead_groups("c", NOW, purpose=purpose))
        for purpose in ("sales", "research")
    }
    assert groups["sales"] == groups["research"]  # lead 1 is a group of its own by its attempts
    assert leased_dnc(store, "sales") == (NUMBER,)


def test_leads_are_grouped_by_what_the_registers_have_for_the_purpose(store: Store) -> None:
    filled(store)
    store.write(BlockNumbers((NUMBER,), "letter", NOW, purpose="sales"))
    sizes = {
        purpose: sorted(group.count for group in store.reader.lead_groups("c", NOW, purpose=purpose))
        for purpose in ("sales", "research")
    }
    assert len(sizes["sales"]) == len(sizes["research"]) + 1
    (alone,) = [group for group in store.reader.lead_groups("c", NOW, purpose="sales") if group.lead_id == 1]
    assert list(store.reader.leads_of_groups("c", NOW, 0, [alone.key], "sales")) == [1]


def test_a_group_of_writes_sees_what_went_onto_the_register_before(store: Store) -> None:
    filled(store)
    answers = store.group([
        save_attempt(1, 1, NUMBER, purpose="sales"),
        BlockNumbers((NUMBER,), "letter", NOW, purpose="sales"),
        save_attempt(2, 1, NUMBER, purpose="sales"),
        save_attempt(3, 1, NUMBER, purpose="service"),
    ])  # fmt: skip
    assert [isinstance(answer, AttemptDenied) for answer in answers] == [False, False, True, False]


def test_an_entry_is_taken_off_for_its_purpose_or_whatever_it_is_for(store: Store) -> None:
    for purpose in ("", "sales", "research"):
        store.write(BlockNumbers((NUMBER,), "letter", NOW, "acme", purpose))
    store.write(UnblockNumbers((NUMBER,), NOW + 5, "acme", "sales"))
    entry = DncEntry(NUMBER, "acme", "", "letter", NOW)
    assert store.reader.dnc_entries([NUMBER, OTHER], "acme") == [
        entry, replace(entry, purpose="research"), replace(entry, purpose="sales", until=NOW + 5),
    ]  # fmt: skip
    store.write(BlockNumbers((NUMBER,), "letter", NOW + 5, "acme", "sales"))
    store.write(UnblockNumbers((NUMBER,), NOW + 6, "acme"))
    assert store.reader.blocked_numbers([NUMBER], "acme", "sales") == set()
    assert store.reader.dnc_entries([NUMBER], "zeta") == []


def test_it_is_on_the_register_once_from_each_source_for_each_purpose(store: Store) -> None:
    for now, purpose in ((NOW, "sales"), (NOW + 1, "sales"), (NOW + 2, "debt")):
        store.write(BlockNumbers((NUMBER,), "letter", now, purpose=purpose))
    assert [(one.purpose, one.since) for one in store.reader.dnc_entries([NUMBER])] == [
        ("sales", NOW), ("debt", NOW + 2),
    ]  # fmt: skip


def test_who_is_meant_as_a_person_is_blocked_on_every_number_that_the_client_knows(store: Store) -> None:
    people = {"acme/people": "p-1", "acme/more": "p-1", "acme/others": "p-2", "zeta/people": "p-1"}
    for index, (name, key) in enumerate(people.items()):
        lead = replace(new_leads(1, first=2 * index)[0], person_key=key)
        store.write(save_leads((replace(lead, phones=(phone(2 * index), phone(2 * index + 1))),), name))
    add(store, save_campaign("acme/spring", lists=("acme/people",)))
    save = save_attempt(1, 1, NUMBER, campaign="acme/spring")
    store.write(save)
    block = BlockNumbers((NUMBER,), "campaign acme/spring", NOW, "acme", person="acme:p-1")
    store.write(replace(close_attempt(save), block=block))
    everybody = [phone(index).e164 for index in range(8)]
    assert store.reader.blocked_numbers(everybody, "acme") == set(everybody[:4])
    assert store.reader.blocked_numbers(everybody, "zeta") == set()


def numbered(store: Store, number: int, name: str = "acme/people", key: str = "p-1") -> str:
    """A lead of that person with that number alone."""
    lead = replace(new_leads(1, first=number)[0], person_key=key)
    store.write(replace(save_leads((lead,), name), now=NOW + number))
    return phone(number).e164


def test_a_number_that_comes_later_of_who_has_refused_as_a_person_is_blocked_too(store: Store) -> None:
    first = numbered(store, 0)
    store.write(BlockNumbers((first,), "campaign acme/spring", NOW, "acme", "sales", person="acme:p-1"))
    store.write(BlockNumbers((first,), "campaign acme/spring", NOW, "acme", "sales", person="acme:p-1"))
    later = [numbered(store, 1), numbered(store, 2, "acme/more"), numbered(store, 3, key="p-2")]
    elsewhere = numbered(store, 4, "zeta/people")
    assert store.reader.blocked_numbers([*later, elsewhere], "acme", "sales") == set(later[:2])
    assert store.reader.blocked_numbers([*later, elsewhere], "acme", "debt") == set()
    assert store.reader.blocked_numbers([*later, elsewhere], "zeta", "sales") == set()
    (entry,) = store.reader.dnc_entries(later[:1], "acme")
    assert (entry.source, entry.since) == ("campaign acme/spring", NOW + 1)
    add(store, save_campaign("acme/spring", lists=("acme/people",)))
    answer = store.write(save_attempt(1, 2, later[0], campaign="acme/spring", purpose="sales"))
    assert isinstance(answer, AttemptDenied)


def test_who_refused_to_everybody_is_blocked_for_everybody(store: Store) -> None:
    store.write(BlockNumbers((numbered(store, 0),), "campaign acme/spring", NOW, "", person="acme:p-1"))
    later = numbered(store, 1)
    assert store.reader.blocked_numbers([later], "zeta") == {later}


def test_a_person_of_whom_a_number_was_reviewed_and_taken_off_has_not_refused_any_more(store: Store) -> None:
    first = numbered(store, 0)
    for purpose in ("sales", "debt"):
        store.write(BlockNumbers((first,), "campaign acme/spring", NOW, "acme", purpose, person="acme:p-1"))
    store.write(UnblockNumbers((first,), NOW + 0.5, "zeta"))
    store.write(UnblockNumbers((first,), NOW + 0.5, "acme", "sales"))
    later = numbered(store, 1)
    assert store.reader.blocked_numbers([later], "acme", "sales") == set()
    assert store.reader.blocked_numbers([later], "acme", "debt") == {later}
    store.write(UnblockNumbers((first, later), NOW + 2, "acme"))
    assert store.reader.blocked_numbers([numbered(store, 3)], "acme", "debt") == set()
    store.write(BlockNumbers((first,), "campaign acme/spring", NOW + 4, "acme", "debt", person="acme:p-1"))
    assert store.reader.blocked_numbers([numbered(store, 5)], "acme", "debt") == {phone(5).e164}


def test_who_refused_as_a_person_still_does_while_another_of_their_numbers_is_there(store: Store) -> None:
    """A number that is taken off may be somebody else's too."""
    first, shared = numbered(store, 0), numbered(store, 1)
    numbered(store, 1, key="p-2")
    store.write(BlockNumbers((first,), "campaign acme/spring", NOW, "acme", "sales", person="acme:p-1"))
    store.write(UnblockNumbers((shared,), NOW + 2, "acme"))
    later = numbered(store, 3)
    assert store.reader.blocked_numbers([first, shared, later], "acme", "sales") == {first, later}
    store.write(UnblockNumbers((first, later), NOW + 4, "acme"))
    assert store.reader.blocked_numbers([numbered(store, 5)], "acme", "sales") == set()


def test_who_has_refused_as_a_person_is_told_with_what_was_taken_off(store: Store) -> None:
    first = numbered(store, 0)
    ours = BlockNumbers((first,), "campaign acme/spring", NOW, "acme", "sales", person="acme:p-1")
    for write in (
        ours,
        replace(ours, now=NOW + 1),
        replace(ours, client="", purpose=""),
        replace(ours, person="#1"),
    ):
        store.write(write)
    store.write(UnblockNumbers((first,), NOW + 2, "acme"))
    store.write(replace(ours, now=NOW + 3))
    sales, everything = ("sales", "campaign acme/spring"), ("", "campaign acme/spring")
    of_house = PersonRefused("acme:p-1", "", *everything, NOW)
    assert store.reader.refused_by(("acme:p-1", "#1", "acme:p-2"), "acme") == [
        PersonRefused("#1", "acme", *sales, NOW, NOW + 2),
        of_house,
        PersonRefused("acme:p-1", "acme", *sales, NOW, NOW + 2),
        PersonRefused("acme:p-1", "acme", *sales, NOW + 3),
    ]
    assert store.reader.refused_by(("acme:p-1",), "zeta") == [of_house]
