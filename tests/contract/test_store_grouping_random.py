"""Leads are leased while the hours of their groups are open, of every store: those and no others, and none is lost
while a campaign whose hours were changed has its leads put in other groups."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from campaigns.campaign import Campaign
from campaigns.grouping import grouping_of
from campaigns.reach import reach_of
from campaigns.rule_choice import Rules
from campaigns.zone_group import finest_of, parts_of
from dialer.engine.zone_group import opening_of
from dialer.ports.store import (
    FINAL,
    FetchLeads,
    LeadsLeased,
    LeadsPlaced,
    NewLead,
    PlaceLeads,
    ReturnLeads,
    SaveLeads,
)
from lists.lead import Lead
from tests.contract.storage_values import save_campaign, update_for
from tests.contract.stores import Store
from tests.properties.decisions import DAYS, SPAN_DAYS, _random_moment, _subject
from tests.properties.test_grouping import asked, is_window_open

LEADS = 60


def new_leads(rng: random.Random, campaign: Campaign, rules: Rules, first_day: int) -> Iterator[NewLead]:
    for n in range(1, LEADS + 1):
        one, other = (_subject(rng, n + m, campaign, rules, first_day) for m in (0, LEADS))
        phones = (one.number, other.number) if rng.random() < 0.5 else (one.number,)
        yield NewLead(phones, country=one.lead.country, region=one.lead.region)


def lease(store: Store, campaign: Campaign, rules: Rules, now: float, limit: int) -> list[tuple[Lead, int]]:
    """As the engine asks: of the groups that are open."""
    reach_s = reach_of(campaign)
    names = store.reader.zone_group_names("c")
    opened = tuple(name for name in names if opening_of(campaign, rules, parts_of(name), reach_s, now).is_open)
    answer = store.write(FetchLeads("c", limit, now, opened))
    assert isinstance(answer, LeadsLeased)
    return [(candidate.lead, candidate.phone_position) for candidate in answer.candidates]


@pytest.mark.parametrize("seed", range(8))
def test_none_is_lost_and_none_leased_in_vain(store: Store, seed: int) -> None:
    rng = random.Random(seed)
    before, after = asked(rng), asked(rng)
    first_day = rng.randrange(DAYS - SPAN_DAYS)
    start = _random_moment(rng, first_day)
    leads = tuple(new_leads(rng, *after, first_day))
    store.write(SaveLeads("sample", leads[::2], "", "", start))
    store.write(SaveLeads("another", leads[1::2], "", "", start))
    store.write(save_campaign(lists=("sample", "another")))
    store.write(PlaceLeads("c", LEADS, grouping_of(*before).to_text()))

    numbers = [
        (lead, one) for name in ("sample", "another") for lead in store.reader.leads(name) for one in lead.phones
    ]
    moments = [start, *(_random_moment(rng, first_day) for _ in range(9))]
    now = max(moments, key=lambda at: sum(is_window_open(*after, *number, at) for number in numbers))

    in_flight: list[tuple[Lead, int]] = []
    finished: set[int] = set()
    more = True
    while more or in_flight:
        for lead, turn in in_flight:
            number = lead.phones[turn]
            may_be_called = is_window_open(*after, lead, number, now)
            assert may_be_called or more, "leased in vain"
            if may_be_called and rng.random() < 0.7:
                finished.add(lead.lead_id)
                store.write(ReturnLeads((update_for(lead.lead_id, state=FINAL, group=finest_of(lead, number)),)))
            else:
                turn = rng.randrange(len(lead.phones))
                group = finest_of(lead, lead.phones[turn])
                back = update_for(lead.lead_id, due_at=now, position=turn, group=group)
                store.write(ReturnLeads((back,)))
        placed = store.write(PlaceLeads("c", 7, grouping_of(*after).to_text()))
        assert isinstance(placed, LeadsPlaced)
        more = placed.more
        in_flight = lease(store, *after, now, 5)
    for place in store.reader.places("c"):
        lead_of_it = store.reader.lead(place.lead_id)
        assert lead_of_it is not None
        number = lead_of_it.phones[place.phone_position]
        assert (place.state == FINAL) == (place.lead_id in finished)
        if place.state != FINAL:
            assert place.zone_group == grouping_of(*after).group_of(lead_of_it, number)
            assert not is_window_open(*after, lead_of_it, number, now), "lost"
