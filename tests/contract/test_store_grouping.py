"""Leads lie in the zone groups that the campaign's grouping says, in every store, and none is lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.zone_group import Grouping, finest_of
from dialer.ports.store import (
    Aside,
    FetchLeads,
    LeadsLeased,
    LeadsPlaced,
    LeadsStored,
    NewLead,
    PlaceLeads,
    ReturnLeads,
)
from dialer.storage.memory import MemoryStore
from dialer.storage.source import Source
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

FLORIDA, TEXAS = "US-FL", "US-TX"
PLAIN = Grouping()
FINE = Grouping(states=((FLORIDA, FLORIDA), (TEXAS, FLORIDA)), lists=("cold",))
IN_FLORIDA = f"{NEW_YORK};{FLORIDA}"
COLD = f"{NEW_YORK};list=cold"
ABROAD = f"{LONDON};US"
PEOPLE = (
    NewLead((phone(1, NEW_YORK),)),
    NewLead((phone(2, NEW_YORK),), country="US", region=FLORIDA),
    NewLead((phone(3, NEW_YORK),), country="US", region=TEXAS),
    NewLead((phone(4, LONDON), phone(5, NEW_YORK)), country="US", region=FLORIDA),
)


def placed(store: Store, grouping: Grouping = PLAIN) -> None:
    store.write(save_leads(PEOPLE))
    store.write(save_leads((NewLead((phone(6, NEW_YORK),)),), "cold"))
    store.write(save_campaign(lists=("people", "cold")))
    store.write(PlaceLeads("c", 1_000, grouping.to_text()))


def lease(
    store: Store, *zone_groups: str, aside: Aside | None = None, now: float = NOW, limit: int = 9
) -> list[int]:
    answer = store.write(FetchLeads("c", limit, now, zone_groups, aside=aside))
    assert isinstance(answer, LeadsLeased)
    return ids(answer)


def groups(reader: Source) -> dict[int, str]:
    return {place.lead_id: place.zone_group for place in reader.places("c")}


def test_a_grouping_tells_leads_apart_and_stays_until_there_is_another(store: Store) -> None:
    placed(store, FINE)
    expected = {1: NEW_YORK, 2: IN_FLORIDA, 3: IN_FLORIDA, 4: f"{ABROAD};{FLORIDA}", 5: COLD}
    assert groups(store.reader) == expected
    assert store.reader.setup("c").grouping == FINE.to_text()
    names = [f"{ABROAD};{FLORIDA}", NEW_YORK, IN_FLORIDA, COLD]
    assert list(store.reader.zone_group_names("c")) == names
    assert list(store.reader.zone_groups("c")) == [(name, list(expected.values()).count(name)) for name in names]
    assert store.write(place_leads()) == LeadsPlaced(0, more=False)
    assert sorted(zone.zone_group for zone in store.reader.waiting_leads("c", NOW)) == names
    assert lease(store, IN_FLORIDA) == [2, 3]


def test_leads_that_join_lie_by_the_grouping(store: Store) -> None:
    placed(store, FINE)
    answer = store.write(save_leads((replace(PEOPLE[1], external_id="X"), *new_leads(1, SYDNEY))))
    assert isinstance(answer, LeadsStored)
    assert answer == replace(answer, joined=(("c", (SYDNEY, IN_FLORIDA)),))
    assert groups(store.reader)[6] == IN_FLORIDA


def test_places_are_changed_by_portions_and_old_groups_forgotten_at_the_end(store: Store) -> None:
    placed(store)
    assert list(store.reader.zone_group_names("c")) == [ABROAD, NEW_YORK]
    fine = FINE.to_text()
    assert store.write(PlaceLeads("c", 2, fine)) == LeadsPlaced(0, True, (NEW_YORK, IN_FLORIDA))
    assert groups(store.reader) == {1: NEW_YORK, 2: IN_FLORIDA, 3: NEW_YORK, 4: ABROAD, 5: NEW_YORK}
    assert list(store.reader.zone_group_names("c")) == [ABROAD, NEW_YORK, IN_FLORIDA]
    assert store.write(PlaceLeads("c", 2)) == LeadsPlaced(0, True, (f"{ABROAD};{FLORIDA}", IN_FLORIDA))
    assert store.write(PlaceLeads("c", 2, fine)) == LeadsPlaced(0, False, (COLD,))
    assert list(store.reader.zone_group_names("c")) == [f"{ABROAD};{FLORIDA}", NEW_YORK, IN_FLORIDA, COLD]
    assert store.write(PlaceLeads("c", 9, "")) == LeadsPlaced(0, False, (ABROAD, NEW_YORK))
    assert list(store.reader.zone_group_names("c")) == [ABROAD, NEW_YORK]


def test_a_lead_that_is_moved_lies_by_the_grouping_of_then_whoever_moves_it(store: Store) -> None:
    placed(store)
    assert lease(store, ABROAD, NEW_YORK) == [1, 2, 3, 4, 5]
    store.write(PlaceLeads("c", 9, FINE.to_text()))
    lead = store.reader.lead(4)
    assert lead is not None
    second = replace(update_for(4), phone_position=1, zone_group=finest_of(lead, lead.phones[1]))
    store.write(ReturnLeads((second, replace(update_for(1), zone_group=NEW_YORK))))
    assert (groups(store.reader)[4], groups(store.reader)[1]) == (IN_FLORIDA, NEW_YORK)
    assert lease(store, IN_FLORIDA, now=NOW + 1e6) == [4]


def test_a_number_elsewhere_is_one_in_another_group(store: Store) -> None:
    store.write(save_leads((NewLead((phone(1, NEW_YORK), phone(2, LONDON)), country="US", region=FLORIDA),)))
    store.write(save_campaign())
    store.write(PlaceLeads("c", 9, FINE.to_text()))
    assert lease(store, aside=Aside(IN_FLORIDA, (IN_FLORIDA, f"{ABROAD};{FLORIDA}"))) == []
    assert lease(store, aside=Aside(IN_FLORIDA, (IN_FLORIDA, ABROAD))) == [1]


def test_a_copy_is_grouped_as_the_campaign_is_to_be(store: Store) -> None:
    placed(store)
    store.write(PlaceLeads("c", 1, FINE.to_text()))
    copy = MemoryStore.copy_of(store.reader, "c", NOW)
    assert copy.setup("c").grouping == FINE.to_text()
    assert groups(copy)[3] == IN_FLORIDA
    assert list(copy.zone_group_names("c")) == [f"{ABROAD};{FLORIDA}", NEW_YORK, IN_FLORIDA, COLD]


def test_of_many_groups_the_next_leads_come_in_order_as_of_few(store: Store) -> None:
    zones = [f"GB:Europe/London|Zone/{n:02d}" for n in range(40)]
    store.write(save_leads(tuple(NewLead((phone(n, zones[n * 7 % 40]),)) for n in range(120))))
    store.write(save_campaign(order="random"))
    store.write(place_leads())
    in_order = [place.lead_id for place in sorted(store.reader.places("c"), key=lambda one: one.order_key)]
    taken = []
    while found := lease(store, *zones, LONDON, limit=7):
        taken += found
    assert taken == in_order


def test_a_group_that_a_returned_lead_is_the_first_of_is_known_afterwards(store: Store) -> None:
    """As when tables of area codes or kinds of numbers have changed since the lead got its place."""
    placed(store)
    assert lease(store, ABROAD, NEW_YORK) == [1, 2, 3, 4, 5]
    moved = (replace(update_for(1), zone_group=SYDNEY), replace(update_for(2), zone_group=SYDNEY))
    store.write(ReturnLeads(moved))
    assert list(store.reader.zone_group_names("c")) == [SYDNEY, ABROAD, NEW_YORK]
    store.write(PlaceLeads("c", 9, FINE.to_text()))
    assert SYDNEY not in store.reader.zone_group_names("c")  # by what is known of its numbers there is none
    store.write(ReturnLeads((replace(update_for(3), zone_group=SYDNEY),)))
    assert SYDNEY in store.reader.zone_group_names("c")
    assert lease(store, SYDNEY, now=NOW + 1e6) == [3]


def test_a_group_is_not_known_by_a_return_that_is_refused(store: Store) -> None:
    placed(store)
    lost = (replace(update_for(1), zone_group=SYDNEY), replace(update_for(99), zone_group=SYDNEY))
    with pytest.raises(LookupError):
        store.write(ReturnLeads(lost))
    assert SYDNEY not in store.reader.zone_group_names("c")
    store.write(ReturnLeads(lost[:1]))
    assert SYDNEY in store.reader.zone_group_names("c")
