"""Campaign states, and leads getting their places by portions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.life import CampaignState
from dialer.ports.access import Change, StoredChange
from dialer.ports.store import (
    FINAL,
    READY,
    Audited,
    Done,
    LeadCounts,
    LeadsPlaced,
    LeadsStored,
    NewLead,
    ReturnLeads,
    SetCampaignState,
    StoredCampaign,
)
from dialer.storage.errors import StateConflict, UnknownCampaign
from tests.contract.storage_values import (
    LONDON,
    NEW_YORK,
    NOW,
    SYDNEY,
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

# --- states ------------------------------------------------------------------------------------------------


def test_a_new_campaign_is_a_draft_and_moves_on(store: Store) -> None:
    filled(store, 1)
    draft = StoredCampaign("c", save_campaign().body, NOW, CampaignState.DRAFT, "", NOW)
    assert store.reader.campaign("c") == draft
    ready = SetCampaignState("c", CampaignState.READY, NOW + 5, "all there", expected=CampaignState.DRAFT)
    assert store.write(ready) == Done()
    after = replace(draft, state=CampaignState.READY, state_reason="all there", state_at=NOW + 5)
    assert store.reader.campaign("c") == after
    assert list(store.reader.campaigns()) == [after]


def test_a_state_that_has_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    filled(store, 1)
    running = SetCampaignState("c", CampaignState.RUNNING, NOW + 5, expected=CampaignState.READY)
    with pytest.raises(StateConflict, match="'c' is draft by now, no longer ready"):
        store.write(running)
    before = store.reader.campaign("c")
    assert before is not None
    assert (before.state, before.state_at) == (CampaignState.DRAFT, NOW)
    assert store.write(replace(running, expected=None)) == Done()
    after = store.reader.campaign("c")
    assert after is not None
    assert after.state is CampaignState.RUNNING
    with pytest.raises(UnknownCampaign):
        store.write(replace(running, name="nowhere"))


def test_stored_again_a_campaign_stays_in_its_state(store: Store) -> None:
    filled(store, 1)
    store.write(SetCampaignState("c", CampaignState.PAUSED, NOW + 5, "lunch"))
    add(store, replace(save_campaign(), body="changed", now=NOW + 9))
    assert store.reader.campaign("c") == StoredCampaign(
        "c", "changed", NOW, CampaignState.PAUSED, "lunch", NOW + 5
    )


# --- places by portions ------------------------------------------------------------------------------------


def test_leads_get_their_places_by_portions_until_none_is_left(store: Store) -> None:
    store.write(save_leads(new_leads(3)))
    store.write(save_leads(new_leads(2, SYDNEY), "abroad"))
    store.write(save_campaign(lists=("abroad", "people")))
    assert store.reader.lead_counts("c") == LeadCounts(0, 0, 0)
    assert list(store.reader.zone_group_names("c")) == []
    assert store.write(place_leads(limit=2)) == LeadsPlaced(2, more=True, zone_groups=(LONDON,))
    assert store.reader.lead_counts("c") == LeadCounts(2, 0, 0)
    assert store.write(place_leads(limit=2)) == LeadsPlaced(2, more=True, zone_groups=(SYDNEY, LONDON))
    assert store.write(place_leads(limit=1)) == LeadsPlaced(1, more=False, zone_groups=(SYDNEY,))
    assert store.write(place_leads(limit=2)) == LeadsPlaced(0, more=False)
    assert list(store.reader.zone_group_names("c")) == [SYDNEY, LONDON]
    assert ids(fetch(store, groups=(LONDON, SYDNEY))) == [1, 2, 3, 4, 5]


def test_a_portion_must_have_a_size_and_a_campaign(store: Store) -> None:
    filled(store, 1)
    with pytest.raises(ValueError, match="1 or more"):
        store.write(place_leads(limit=0))
    with pytest.raises(UnknownCampaign):
        store.write(place_leads("nowhere"))


def test_dialing_begins_before_the_last_lead_has_its_place(store: Store) -> None:
    store.write(save_leads(new_leads(4)))
    store.write(save_campaign())
    store.write(place_leads(limit=2))
    assert ids(fetch(store)) == [1, 2]
    store.write(place_leads(limit=2))
    assert ids(fetch(store)) == [3, 4]


def test_leads_that_join_before_the_others_have_their_place_keep_theirs(store: Store) -> None:
    store.write(save_leads(new_leads(2)))
    store.write(save_campaign())
    joined = store.write(save_leads((NewLead((phone(7), phone(8, NEW_YORK))),)))
    assert joined == LeadsStored((("c", (LONDON, NEW_YORK)),))
    assert ids(fetch(store)) == [3]
    assert store.write(place_leads()) == LeadsPlaced(2, more=False, zone_groups=(LONDON,))
    assert store.reader.lead_counts("c") == LeadCounts(3, 0, 0)


def test_an_import_says_which_campaigns_its_leads_joined(store: Store) -> None:
    filled(store, 1)
    add(store, save_campaign("d", lists=("people",)))
    add(store, save_campaign("out"))
    store.write(save_leads((), "other"))
    store.write(save_campaign("out", lists=("other",)))
    assert store.write(save_leads(new_leads(2, SYDNEY, first=5))) == LeadsStored(
        (("c", (SYDNEY,)), ("d", (SYDNEY,)))
    )
    assert store.write(save_leads(())) == LeadsStored()
    assert list(store.reader.zone_group_names("d")) == [SYDNEY, LONDON]
    # Nothing of it is left to be placed.
    assert store.write(place_leads("d", 1)) == LeadsPlaced(0, more=False)


def test_leads_of_a_list_taken_out_are_not_leased_from_that_moment_on(store: Store) -> None:
    """Though their places are let go by portions."""
    filled(store, 4)
    store.write(save_leads(new_leads(2, first=4), "more"))
    add(store, save_campaign(lists=("people", "more")))
    store.write(save_campaign(lists=("more",)))
    assert ids(fetch(store, limit=1)) == [5]
    assert ids(fetch(store)) == [6]
    assert fetch(store).more_ready is False
    assert store.write(place_leads(limit=3)) == LeadsPlaced(0, more=True)
    assert store.write(place_leads(limit=3)) == LeadsPlaced(0, more=False)
    places = list(store.reader.places("c"))
    assert [place.state for place in places[:4]] == [FINAL] * 4
    assert {place.reason for place in places[:4]} == {"list_removed"}


def test_a_call_that_ends_after_its_list_was_taken_out_is_not_followed_by_another(store: Store) -> None:
    filled(store, 2)
    store.write(save_leads(new_leads(1, first=4), "more"))
    fetch(store, limit=1)
    save = save_attempt(1, 1, phone(0).e164)
    store.write(save)
    add(store, save_campaign(lists=("more",)))
    store.write(close_attempt(save, update=update_for(1, due_at=NOW + 60)))
    assert ids(fetch(store, now=NOW + 90)) == [3]


def test_a_lead_at_hand_is_not_leased_again_when_its_list_is_taken_out_and_put_back(store: Store) -> None:
    """Or whoever says yes in the call that is on meanwhile is called again behind it."""
    filled(store, 2)
    store.write(save_leads(new_leads(1, first=4), "more"))
    assert ids(fetch(store, limit=1)) == [1]
    add(store, save_campaign(lists=("more",)))
    add(store, save_campaign(lists=("people", "more")))
    assert ids(fetch(store)) == [2, 3]
    store.write(ReturnLeads((update_for(1, due_at=NOW + 60),)))
    assert ids(fetch(store, now=NOW + 90)) == [1]


def test_put_back_in_a_list_goes_on_where_it_was(store: Store) -> None:
    filled(store, 3)
    store.write(save_leads(new_leads(1, SYDNEY), "more"))
    save = save_attempt(1, 1, phone(0).e164)
    store.write(save)
    store.write(close_attempt(save, update=update_for(1, state=FINAL, reason="sale")))
    store.write(save_campaign(lists=("more",)))
    store.write(place_leads(limit=2))  # and not yet the third
    store.write(save_campaign(lists=("people", "more")))
    assert store.write(place_leads(limit=2)) == LeadsPlaced(1, more=True, zone_groups=(LONDON,))
    assert store.write(place_leads(limit=2)) == LeadsPlaced(1, more=False, zone_groups=(SYDNEY,))
    places = list(store.reader.places("c"))
    assert [(place.state, place.reason) for place in places] == [
        (FINAL, "sale"), (READY, ""), (READY, ""), (READY, ""),
    ]  # fmt: skip
    assert ids(fetch(store)) == [2, 3]


def test_another_order_is_taken_by_portions(store: Store) -> None:
    filled(store, 4)
    store.write(save_campaign(order="newest"))
    assert store.write(place_leads(limit=2)) == LeadsPlaced(0, more=True)
    assert [place.order_key for place in store.reader.places("c")] == [-1, -2, 3, 4]
    store.write(save_leads(new_leads(1, first=9)))  # new ones have their place in it at once
    while store.write(place_leads(limit=2)) != LeadsPlaced(0, more=False):
        pass
    assert ids(fetch(store)) == [5, 4, 3, 2, 1]


# --- open attempts -----------------------------------------------------------------------------------------


def test_open_attempts_are_those_of_every_campaign_that_have_no_record(store: Store) -> None:
    filled(store, 3)
    add(store, save_campaign("d"))
    assert list(store.reader.open_attempts()) == []
    first, second, third = (save_attempt(n, n, phone(n - 1).e164) for n in (3, 2, 1))
    for save in (first, replace(second, intent=replace(second.intent, campaign="d")), third):
        store.write(save)
    store.write(close_attempt(first))
    found = store.reader.open_attempts()
    assert [(one.attempt_id, one.campaign, one.record) for one in found] == [(1, "c", None), (2, "d", None)]
    assert found[0].call_id == "call-1"


# --- one transaction ---------------------------------------------------------------------------------------


def started(at: float = NOW) -> Change:
    return Change(at, "user:ana", "manager", "api", "", "campaign.start", "c", (("why", "é"),))


def test_a_write_and_its_entry_in_the_log_are_one(store: Store) -> None:
    filled(store, 1)
    move = SetCampaignState("c", CampaignState.RUNNING, NOW, expected=CampaignState.READY)
    with pytest.raises(StateConflict):
        store.write(Audited(move, started()))
    with pytest.raises(UnknownCampaign):
        store.write(Audited(place_leads("nowhere"), started()))
    assert list(store.reader.changes()) == []
    assert store.write(Audited(replace(move, expected=None), started())) == Done()
    assert list(store.reader.changes()) == [StoredChange(1, started())]
    placed = store.write(Audited(place_leads(), started(NOW + 1)))
    assert placed == LeadsPlaced(0, more=False)


def test_of_a_group_only_what_was_stored_is_in_the_log(store: Store) -> None:
    filled(store, 3)
    save = save_attempt(1, 1, phone(0).e164)
    answers = store.group([
        Audited(save, started(NOW + 1)),
        Audited(save_attempt(1, 2, phone(1).e164), started(NOW + 2)),
        Audited(close_attempt(save_attempt(9, 2, phone(1).e164)), started(NOW + 3)),
        Audited(close_attempt(save), started(NOW + 4)),
    ])  # fmt: skip
    assert [isinstance(answer, Exception) for answer in answers] == [False, True, True, False]
    assert [one.change.at for one in store.reader.changes()] == [NOW + 4, NOW + 1]
