"""Leads whose number in turn may never be dialed are found for the sake of their other numbers, in every store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.ports.store import FINAL, Aside, FetchLeads, LeadsLeased, NewLead, ReturnLeads
from dialer.storage.places import LOOKED_AT_ASIDE
from tests.contract.storage_values import (
    LONDON,
    NEW_YORK,
    NOW,
    SYDNEY,
    new_leads,
    phone,
    place_leads,
    save_campaign,
    save_leads,
    update_for,
)
from tests.contract.stores import Store, ids

CLOSED = (SYDNEY, NEW_YORK)


def of_two(index: int, first: str, second: str) -> NewLead:
    return NewLead((phone(index, first), phone(index + 5_000, second)))


def look(store: Store, aside: Aside, limit: int = 10) -> LeadsLeased:
    answer = store.write(FetchLeads("c", limit, NOW, (), aside=aside))
    assert isinstance(answer, LeadsLeased)
    return answer


def stored(store: Store, leads: tuple[NewLead, ...]) -> None:
    store.write(save_leads(leads))
    store.write(save_campaign())
    store.write(place_leads(limit=len(leads)))


def test_those_with_a_number_elsewhere_are_leased_and_the_others_left(store: Store) -> None:
    leads = (
        NewLead((phone(1, SYDNEY),)),
        of_two(2, SYDNEY, LONDON),
        of_two(3, SYDNEY, NEW_YORK),
        of_two(4, LONDON, SYDNEY),
        of_two(5, SYDNEY, LONDON),
    )
    stored(store, leads)
    found = look(store, Aside(SYDNEY, CLOSED))
    assert ids(found) == [2, 5]
    assert (found.seen_to, found.more_ready) == (None, True)
    assert [candidate.phone_position for candidate in found.candidates] == [0, 0]
    assert ids(look(store, Aside(SYDNEY, CLOSED))) == [], "they are leased"
    assert ids(look(store, Aside(NEW_YORK, CLOSED))) == []


def test_a_look_goes_on_where_the_one_before_has_come_to(store: Store) -> None:
    stored(store, tuple(of_two(index, SYDNEY, LONDON) for index in range(3)))
    first = look(store, Aside(SYDNEY, CLOSED), limit=2)
    assert (ids(first), first.seen_to) == ([1, 2], (2, 2))
    store.write(ReturnLeads((replace(update_for(1), zone_group=SYDNEY),)))
    assert first.seen_to is not None
    second = look(store, Aside(SYDNEY, CLOSED, first.seen_to), limit=2)
    assert (ids(second), second.seen_to) == ([3], None)


@pytest.mark.parametrize("count", [LOOKED_AT_ASIDE, LOOKED_AT_ASIDE + 1])
def test_no_more_are_looked_at_in_one_go_than_others_can_wait_for(store: Store, count: int) -> None:
    stored(store, (*new_leads(count, SYDNEY), of_two(4_000, SYDNEY, LONDON)))
    first = look(store, Aside(SYDNEY, CLOSED))
    assert (ids(first), first.seen_to) == ([], (LOOKED_AT_ASIDE, LOOKED_AT_ASIDE))
    assert first.seen_to is not None
    second = look(store, Aside(SYDNEY, CLOSED, first.seen_to))
    assert (ids(second), second.seen_to) == ([count + 1], None)


def test_neither_one_of_a_list_that_was_taken_out_nor_one_that_is_not_due(store: Store) -> None:
    stored(store, tuple(of_two(index, SYDNEY, LONDON) for index in range(2)))
    store.write(save_leads((NewLead((phone(9, LONDON),)),), "others"))
    ids(look(store, Aside(SYDNEY, CLOSED), limit=1))
    store.write(ReturnLeads((replace(update_for(1), zone_group=SYDNEY, due_at=NOW + 60),)))
    store.write(save_campaign(lists=("others",)))
    assert ids(look(store, Aside(SYDNEY, CLOSED))) == []
    place = store.reader.place("c", 2)
    assert place is not None
    assert (place.state, place.reason) == (FINAL, "list_removed")
