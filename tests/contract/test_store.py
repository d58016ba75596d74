"""What every store must do, memory and database alike: `dialer/ports/store/` as tests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.outcome import Counts
from campaigns.permission.caps import CapCheck
from campaigns.permission.past import PastAttempt
from campaigns.permission.permit import from_json
from campaigns.record import LONGEST_STRETCH_S
from campaigns.refusal import Refusal
from dialer.ports.store import (
    FINAL,
    LEASED,
    READY,
    AttemptAccepted,
    AttemptDenied,
    BlockNumbers,
    CloseAttempt,
    Done,
    FetchLeads,
    LeadCounts,
    LeadsLeased,
    ListSummary,
    NewLead,
    ReturnLeads,
    SaveAgentTime,
    SaveAttempt,
    SaveCampaign,
    SaveWalls,
    StoredCampaign,
    Write,
)
from dialer.storage.errors import AttemptNotOpen, UnknownCampaign, UnknownList, UnknownPlace, WriteConflict
from dialer.storage.memory import MemoryStore
from dialer.storage.places import HISTORY_S
from lists.dedupe import KnownLead, MatchBy, twin_key
from lists.dnc import blocked_since
from lists.lead import NO_DETAILS, Details, Origin
from tests.contract.storage_values import (
    LONDON,
    NEW_YORK,
    NOW,
    SYDNEY,
    close_attempt,
    idle,
    new_leads,
    number_cap,
    past_of,
    phone,
    record_for,
    save_attempt,
    save_campaign,
    save_leads,
    update_for,
)
from tests.contract.stores import Store, add, fetch, filled, ids

# --- lists and campaigns -----------------------------------------------------------------------------------


def test_a_stored_lead_comes_back_as_it_was(store: Store) -> None:
    two_phones = NewLead((phone(1), phone(2, SYDNEY)), "Ada", "Byron", "X1", (("plan", "gold"), ("città", "Bari")))
    two_phones = replace(two_phones, country="IT", region="IT-BA")
    store.write(save_leads((two_phones,)))
    (lead,) = store.reader.leads("people")
    assert lead == store.reader.lead(lead.lead_id)
    assert (lead.list_name, lead.phones, lead.first_name) == ("people", two_phones.phones, "Ada")
    assert (lead.last_name, lead.external_id, lead.fields) == ("Byron", "X1", two_phones.fields)
    assert (lead.country, lead.region) == ("IT", "IT-BA")


def test_all_that_a_list_says_of_a_person_is_kept_with_where_it_comes_from(store: Store) -> None:
    at_work = replace(phone(1), use="work", extension="42", source="a form", as_of="2026-02-03")
    at_work = replace(at_work, zone_evidence="region=America/Chicago;number=America/New_York")
    details = Details("2 Mill Lane, Flat 3", "Derby", "DE1 2AB", "en-GB", "agent-7", -4)
    moved = (Origin("city", "a letter", "2026-03-04"),)
    first = NewLead(
        (at_work, phone(2)), "Ada", details=details, source="a shop", as_of="2026-01-02", origins=moved
    )
    store.write(save_leads((first, NewLead((phone(3),), details=Details(rank=0)), NewLead((phone(4),)))))
    ada, second, third = store.reader.leads("people")
    assert (ada.phones, ada.details, ada.origins) == (first.phones, details, moved)
    assert ada.origin_of("city") == ("a letter", "2026-03-04")
    assert ada.origin_of("owner") == ("a shop", "2026-01-02")
    assert (second.details, third.details) == (Details(rank=0), NO_DETAILS)
    assert (third.source, third.as_of) == ("a test", "2026-01-31")
    assert store.reader.leads_by_number(phone(1).e164) == [ada]


def test_lists_are_summed_up_and_grow(store: Store) -> None:
    store.write(save_leads(new_leads(3)))
    store.write(save_leads(new_leads(2, first=3)))
    store.write(save_leads(new_leads(1, SYDNEY), "abroad"))
    assert list(store.reader.lists()) == [
        ListSummary("abroad", "a test", "2026-01-31", NOW, 1, 1),
        ListSummary("people", "a test", "2026-01-31", NOW, 5, 5),
    ]
    assert [lead.lead_id for lead in store.reader.leads("people")] == [1, 2, 3, 4, 5]


def test_known_numbers_are_those_of_that_list(store: Store) -> None:
    store.write(save_leads(new_leads(2)))
    store.write(save_leads(new_leads(1, SYDNEY), "abroad"))
    asked = [phone(0).e164, phone(9).e164, phone(0, SYDNEY).e164]
    for names, found in (
        (["people"], {phone(0).e164: KnownLead(1, "people")}),
        (["abroad"], {phone(0, SYDNEY).e164: KnownLead(3, "abroad")}),
        (["nowhere"], {}),
    ):
        assert store.reader.known_leads(names, MatchBy.PHONE, asked) == found


def test_a_number_is_known_with_its_extension(store: Store) -> None:
    exchange = [replace(phone(0), extension=digits) for digits in ("", "1", "2")]
    store.write(save_leads(tuple(NewLead((one,)) for one in exchange)))
    keys = [phone(0).e164, f"{phone(0).e164};2", f"{phone(0).e164};3"]
    known = store.reader.known_leads(["people"], MatchBy.PHONE, keys)
    assert known == {keys[0]: KnownLead(1, "people"), keys[1]: KnownLead(3, "people")}


def test_of_several_leads_the_first_of_the_earliest_list_is_known(store: Store) -> None:
    there = NewLead((phone(0),), "Ada", "Byron", person_key="p", details=Details("1 Main St", "Albany"))
    for name in ("old", "people", "people"):
        store.write(save_leads((there,), name))
    key = twin_key("Ada", "Byron", "1 Main St", "Albany")
    for by, asked in ((MatchBy.PHONE, phone(0).e164), (MatchBy.PERSON, "p"), (MatchBy.ADDRESS, key)):
        found = store.reader.known_leads(["people", "old"], by, [asked, "", "?"])
        assert found == {asked: KnownLead(2, "people")}
        assert store.reader.known_leads(["old", "people"], by, [asked]) == {asked: KnownLead(1, "old")}


def test_a_lead_without_numbers_is_refused_and_nothing_of_its_portion_stored(store: Store) -> None:
    with pytest.raises(ValueError, match="lead 2 of this portion has no number"):
        store.write(save_leads((*new_leads(1), NewLead(()))))
    assert list(store.reader.lists()) == []


def test_an_unknown_list_or_lead_reads_as_nothing(store: Store) -> None:
    assert list(store.reader.leads("nowhere")) == []
    assert store.reader.lead(1) is None


def test_a_campaign_of_an_unknown_list_is_refused(store: Store) -> None:
    with pytest.raises(UnknownList, match="nowhere"):
        add(store, save_campaign(lists=("nowhere",)))
    assert store.reader.campaign("c") is None


def test_a_campaign_is_stored_with_its_text_and_a_place_for_each_lead(store: Store) -> None:
    filled(store, 3)
    assert store.reader.campaign("c") == StoredCampaign("c", 'name = "c"\n', NOW, state_at=NOW)
    assert list(store.reader.campaigns()) == [StoredCampaign("c", 'name = "c"\n', NOW, state_at=NOW)]
    assert store.reader.lead_counts("c") == LeadCounts(total=3, attempted=0, final=0)
    assert store.reader.lead_counts("nowhere") == LeadCounts(0, 0, 0)


def test_saved_again_a_campaign_takes_the_new_text_and_leads_keep_their_place(store: Store) -> None:
    filled(store, 3)
    store.write(ReturnLeads((update_for(1, state=FINAL),)))
    store.write(save_leads(new_leads(1, SYDNEY), "abroad"))
    add(store, SaveCampaign("c", "changed", ("people", "abroad"), "oldest", NOW + 5, order_seed=7))
    assert store.reader.campaign("c") == StoredCampaign("c", "changed", NOW, state_at=NOW)
    assert store.reader.lead_counts("c") == LeadCounts(total=4, attempted=1, final=1)


def test_every_text_a_campaign_has_had_is_kept(store: Store) -> None:
    """Attempts are judged by the text they were permitted under: none may get lost."""
    filled(store, 1)
    first = save_campaign()
    for at, body in ((5, "changed"), (9, first.body), (12, "changed again")):
        add(store, replace(first, body=body, now=NOW + at))
    add(store, save_campaign("d"))
    assert list(store.reader.campaign_versions("c")) == [
        StoredCampaign("c", first.body, NOW),
        StoredCampaign("c", "changed", NOW + 5),
        StoredCampaign("c", "changed again", NOW + 12),
    ]
    assert [one.body for one in store.reader.campaign_versions("d")] == [save_campaign("d").body]
    assert list(store.reader.campaign_versions("nowhere")) == []


def test_the_place_of_one_lead_is_that_among_all_places(store: Store) -> None:
    filled(store, 3)
    store.write(ReturnLeads((update_for(2, state=FINAL, reason="sale"),)))
    store.write(ReturnLeads((update_for(3, due_at=NOW + 60),)))
    fetch(store, limit=1)
    assert [store.reader.place("c", lead_id) for lead_id in (1, 2, 3)] == list(store.reader.places("c"))
    found = store.reader.place("c", 2)
    assert found is not None
    assert (found.state, found.reason, found.attempts) == (FINAL, "sale", 1)
    assert [store.reader.place("c", 9), store.reader.place("nowhere", 1)] == [None, None]


def test_moments_are_floats_also_where_they_are_whole(store: Store) -> None:
    """An event log writes 0 and 0.0 differently, and would not replay."""
    filled(store, 2)
    assert [type(candidate.due_at) for candidate in fetch(store).candidates] == [float, float]


def test_leads_are_found_by_any_of_their_numbers_in_every_list(store: Store) -> None:
    shared = phone(0)
    store.write(save_leads((NewLead((phone(1), shared)), NewLead((phone(2),)))))
    store.write(save_leads((NewLead((shared, phone(3))),), "more"))
    first, other, last = (lead for name in ("people", "more") for lead in store.reader.leads(name))
    assert list(store.reader.leads_by_number(shared.e164)) == [first, last]
    assert list(store.reader.leads_by_number(phone(2).e164)) == [other]
    assert list(store.reader.leads_by_number(phone(9).e164)) == []


def test_a_lists_own_ids_are_known(store: Store) -> None:
    store.write(save_leads((*new_leads(2), NewLead((phone(7),)))))
    store.write(save_leads(new_leads(1, SYDNEY, first=5), "abroad"))
    known = store.reader.known_leads
    assert known(["people"], MatchBy.ID, ["X1", "X5", "", "X1", "?"]) == {"X1": KnownLead(2, "people")}
    assert known(["abroad"], MatchBy.ID, ["X1", "X5"]) == {"X5": KnownLead(4, "abroad")}
    assert known(["nowhere"], MatchBy.ID, ["X1"]) == {}


def test_attempts_on_numbers_are_those_of_every_campaign_open_ones_too(store: Store) -> None:
    filled(store, 3)
    add(store, save_campaign("d"))
    late, early = save_attempt(1, 1, phone(0).e164, at=NOW + 9), save_attempt(2, 2, phone(1).e164, campaign="d")
    store.write(late)
    store.write(early)
    store.write(save_attempt(3, 3, phone(2).e164))
    store.write(close_attempt(early, "withdrawn"))
    found = store.reader.attempts_on([phone(0).e164, phone(1).e164, phone(0).e164])
    assert list(found) == [
        *store.reader.attempts("d"),
        *(a for a in store.reader.attempts("c") if a.attempt_id == 1),
    ]
    assert [one.record for one in found] == [record_for(early, "withdrawn"), None]
    assert list(store.reader.attempts_on([])) == []


def test_leads_imported_later_join_the_campaigns_of_their_list(store: Store) -> None:
    filled(store, 1)
    store.write(save_leads(new_leads(2, first=1)))
    assert ids(fetch(store)) == [1, 2, 3]


def test_leads_of_a_list_taken_out_are_not_dialed_until_it_is_put_back(store: Store) -> None:
    filled(store, 2)
    store.write(save_leads(new_leads(1, first=2), "more"))
    add(store, save_campaign(lists=("people", "more")))
    add(store, save_campaign(lists=("more",)))
    assert ids(fetch(store)) == [3]
    assert store.reader.lead_counts("c") == LeadCounts(total=3, attempted=0, final=2)
    add(store, save_campaign(lists=("people", "more")))
    assert ids(fetch(store)) == [1, 2]


def test_zone_groups_hold_every_number_of_every_lead(store: Store) -> None:
    both = NewLead((phone(1), phone(1, SYDNEY)))
    store.write(save_leads((both, *new_leads(2, NEW_YORK))))
    add(store, save_campaign())
    assert list(store.reader.zone_groups("c")) == [(SYDNEY, 0), (LONDON, 1), (NEW_YORK, 2)]
    store.write(ReturnLeads((update_for(1, position=1, group=SYDNEY), update_for(2, state=FINAL, group=NEW_YORK))))
    assert list(store.reader.zone_groups("c")) == [(SYDNEY, 1), (LONDON, 0), (NEW_YORK, 1)]


# --- leasing -----------------------------------------------------------------------------------------------


def test_leads_are_leased_once_in_the_order_of_the_list(store: Store) -> None:
    filled(store, 5)
    assert ids(fetch(store, limit=2)) == [1, 2]
    assert ids(fetch(store, limit=2)) == [3, 4]
    assert ids(fetch(store, limit=2)) == [5]
    last = fetch(store, limit=2)
    assert last == LeadsLeased((), None)


def test_the_newest_come_first_when_the_campaign_says_so(store: Store) -> None:
    filled(store, 4, order="newest")
    store.write(save_leads(new_leads(1, first=9)))
    assert ids(fetch(store)) == [5, 4, 3, 2, 1]


def test_a_random_order_is_the_same_in_every_store(store: Store) -> None:
    filled(store, 8, order="random")
    store.write(save_leads(new_leads(2, first=8)))
    assert ids(fetch(store, limit=20)) == [2, 5, 10, 4, 1, 6, 9, 3, 8, 7]


def test_a_changed_order_takes_effect_on_leads_that_have_their_place(store: Store) -> None:
    filled(store, 4)
    add(store, save_campaign(order="newest"))
    assert ids(fetch(store)) == [4, 3, 2, 1]


def test_an_unknown_order_is_refused(store: Store) -> None:
    store.write(save_leads(new_leads(1)))
    with pytest.raises(ValueError, match="sideways"):
        add(store, save_campaign(order="sideways"))
    assert store.reader.campaign("c") is None


def test_only_the_zone_groups_asked_for_are_leased_merged_in_order(store: Store) -> None:
    for index in range(6):
        store.write(save_leads(new_leads(1, (LONDON, SYDNEY, NEW_YORK)[index % 3], first=index)))
    add(store, save_campaign())
    assert ids(fetch(store, groups=())) == []
    assert ids(fetch(store, limit=3, groups=(SYDNEY, LONDON, SYDNEY))) == [1, 2, 4]
    assert ids(fetch(store, groups=(SYDNEY,))) == [5]
    assert ids(fetch(store, groups=(NEW_YORK, LONDON))) == [3, 6]


def test_all_of_the_next_leads_may_lie_in_one_of_many_zone_groups(store: Store) -> None:
    """More of them than are asked of a group at once."""
    store.write(save_leads(new_leads(1, SYDNEY)))
    store.write(save_leads(new_leads(40, LONDON, first=1)))
    store.write(save_leads(new_leads(2, NEW_YORK, first=41)))
    add(store, save_campaign())
    groups = (SYDNEY, LONDON, NEW_YORK)
    assert ids(fetch(store, limit=30, groups=groups)) == list(range(1, 31))
    assert ids(fetch(store, limit=30, groups=groups)) == list(range(31, 44))


def test_a_retry_is_leased_when_it_is_due_in_order_with_the_rest(store: Store) -> None:
    filled(store, 3)
    assert ids(fetch(store, limit=2)) == [1, 2]
    store.write(ReturnLeads((update_for(1, due_at=NOW + 60), update_for(2, due_at=NOW + 30))))
    early = fetch(store, limit=0)
    assert early == LeadsLeased((), NOW + 30, more_ready=True)
    assert ids(fetch(store, now=NOW + 59.5, limit=1)) == [2]
    due = fetch(store, now=NOW + 60)
    assert ids(due) == [1, 3]
    assert due.next_due_at is None


@pytest.mark.parametrize("order", ["oldest", "random"])
def test_a_lead_starts_at_its_first_number_that_has_a_zone(store: Store, order: str) -> None:
    nowhere = replace(phone(7), zones=())
    numbers = ((nowhere, phone(0, SYDNEY)), (nowhere,), (phone(1), nowhere))
    store.write(save_leads(tuple(NewLead(phones) for phones in numbers)))
    add(store, save_campaign(order=order))
    leased = fetch(store, groups=(SYDNEY, LONDON))
    assert {c.lead.lead_id: c.phone_position for c in leased.candidates} == {1: 1, 3: 0}
    assert leased.more_ready, "the lead without any zone stays where it is"


def test_a_fetch_sees_what_was_given_back_before_it_though_nobody_has_been_answered(store: Store) -> None:
    filled(store, 3)
    assert ids(fetch(store)) == [1, 2, 3]
    gone = save_attempt(3, 3, phone(2).e164)
    again, fetched, accepted, _ = store.group([
        ReturnLeads((update_for(2, due_at=NOW),)),
        FetchLeads("c", 10, NOW, (LONDON,)),
        gone,
        close_attempt(gone),
    ])  # fmt: skip
    assert (again, accepted) == (Done(), AttemptAccepted(3))
    assert isinstance(fetched, LeadsLeased)
    assert ids(fetched) == [2]


def test_more_ready_is_of_any_zone_group(store: Store) -> None:
    filled(store, 2)
    store.write(ReturnLeads((update_for(1, due_at=NOW, group=SYDNEY),)))
    assert fetch(store, groups=(LONDON,)).more_ready
    assert not fetch(store, groups=(SYDNEY,)).more_ready


def test_next_due_at_is_of_any_zone_group(store: Store) -> None:
    filled(store, 2)
    store.write(ReturnLeads((update_for(1, due_at=NOW + 60, group=SYDNEY),)))
    assert fetch(store).next_due_at == NOW + 60


def test_a_lead_due_later_is_not_leased_when_the_clock_goes_back(store: Store) -> None:
    filled(store, 1)
    store.write(ReturnLeads((update_for(1, due_at=NOW + 60),)))
    assert fetch(store, limit=0, now=NOW + 60) == LeadsLeased((), None, more_ready=True)
    assert ids(fetch(store, now=NOW)) == []
    assert ids(fetch(store, now=NOW + 60)) == [1]


def test_more_coming_due_at_once_than_is_looked_at_is_not_lost(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("dialer.storage.fetching", "dialer.storage.memory_places"):
        monkeypatch.setattr(f"{module}.PROMOTED_AT_ONCE", 2)
        monkeypatch.setattr(f"{module}.PROMOTION_ROUNDS", 2)
    filled(store, 9)
    store.write(ReturnLeads(tuple(update_for(lead_id, due_at=NOW) for lead_id in range(1, 10))))
    first = fetch(store, limit=9)
    assert (ids(first), first.next_due_at) == ([1, 2, 3, 4], NOW)
    second = fetch(store, limit=9)
    assert (ids(second), second.next_due_at) == ([5, 6, 7, 8], NOW)
    assert fetch(store, limit=9).next_due_at is None


def test_final_leads_are_never_leased(store: Store) -> None:
    filled(store, 2)
    store.write(ReturnLeads((update_for(1, state=FINAL),)))
    assert ids(fetch(store, now=NOW + 1e9)) == [2]


def test_a_lead_cannot_be_returned_as_leased(store: Store) -> None:
    filled(store, 2)
    with pytest.raises(ValueError, match="leased"):
        store.write(ReturnLeads((update_for(1, state=FINAL), update_for(2, state=LEASED))))
    assert store.reader.lead_counts("c").final == 0


def test_a_lead_without_a_place_cannot_be_returned(store: Store) -> None:
    filled(store, 1)
    with pytest.raises(UnknownPlace):
        store.write(ReturnLeads((update_for(99),)))


def test_two_campaigns_lease_the_same_lead_apart(store: Store) -> None:
    filled(store, 1)
    add(store, save_campaign("d"))
    assert ids(fetch(store, campaign="d")) == ids(fetch(store)) == [1]


def test_an_unknown_campaign_cannot_be_fetched_from(store: Store) -> None:
    with pytest.raises(UnknownCampaign, match="nowhere"):
        fetch(store, campaign="nowhere")


def test_a_candidate_carries_its_place_history_and_dnc(store: Store) -> None:
    lead = NewLead((phone(1), phone(2, SYDNEY)))
    store.write(save_leads((lead, *new_leads(1))))
    add(store, save_campaign())
    add(store, save_campaign("d"))
    before = NOW - HISTORY_S - 86_400
    old = save_attempt(1, 1, phone(1).e164, campaign="d", at=before)
    mine = save_attempt(2, 1, phone(2, SYDNEY).e164, at=before)
    theirs = save_attempt(3, 1, phone(1).e164, campaign="d", at=NOW - 3600)
    gone = save_attempt(4, 1, phone(1).e164, at=NOW - 1800)
    open_ = save_attempt(5, 1, phone(1).e164, campaign="d", at=NOW - 5)
    for save in (old, mine, theirs, gone, open_):
        assert store.write(save) == AttemptAccepted(save.intent.attempt_id)
    store.write(close_attempt(old))
    store.write(close_attempt(theirs, "no_answer"))
    store.write(close_attempt(gone, "withdrawn"))
    place = update_for(
        1, due_at=NOW - 1, position=1, group=SYDNEY, attempts=3, tries=(("busy", 2), ("refused", 1))
    )
    store.write(close_attempt(mine, update=place))
    store.write(BlockNumbers((phone(2, SYDNEY).e164, phone(7).e164), "register", NOW))
    (candidate,) = fetch(store, groups=(SYDNEY,)).candidates
    assert candidate.lead == store.reader.lead(1)
    assert (candidate.phone_position, candidate.due_at, candidate.attempts) == (1, NOW - 1, 3)
    assert candidate.tries == (("busy", 2), ("refused", 1))
    assert candidate.history == (
        past_of(mine),
        past_of(theirs, "no_answer"),
        PastAttempt(phone(1).e164, "d", NOW - 5, "unknown", None, "t1", "answered", contact="open"),
    )
    assert (candidate.dnc, candidate.dnc_version) == ((phone(2, SYDNEY).e164,), 1)
    (plain,) = fetch(store).candidates
    assert (plain.due_at, plain.attempts, plain.tries, plain.history, plain.dnc) == (0.0, 0, (), (), ())


def test_a_candidate_knows_what_agents_said_of_its_numbers(store: Store) -> None:
    filled(store)
    fetch(store, limit=1)
    save = save_attempt(1, 1, phone(0).e164)
    store.write(save)
    closing = close_attempt(save, "connected", update=update_for(1, attempts=1))
    store.write(replace(closing, record=replace(closing.record, disposition="wrong_number")))
    past = next(c for c in fetch(store).candidates if c.lead.lead_id == 1).history
    assert [(one.outcome, one.disposition) for one in past] == [("connected", "wrong_number")]


# --- attempts ----------------------------------------------------------------------------------------------


def test_an_attempt_is_committed_with_its_permit_and_closed_with_its_record(store: Store) -> None:
    filled(store)
    save = save_attempt(1, 2, phone(1).e164)
    assert store.write(save) == AttemptAccepted(1)
    (stored,) = store.reader.attempts("c")
    assert stored.record is None
    assert from_json(stored.permit) == save.intent.permitted.evidence
    assert (stored.attempt_id, stored.lead_id, stored.number) == (1, 2, phone(1).e164)
    assert (stored.call_id, stored.created_at, stored.trunk) == ("call-1", NOW, "t1")
    assert list(store.reader.records("c", 0.0, NOW * 2)) == []
    closing = close_attempt(save, update=update_for(2, state=FINAL, attempts=1))
    assert store.write(closing) == Done()
    assert list(store.reader.records("c", 0.0, NOW * 2)) == [closing.record]
    assert next(store.reader.attempts("c")).record == closing.record
    assert store.reader.lead_counts("c") == LeadCounts(total=5, attempted=1, final=1)


def test_every_field_of_a_record_survives(store: Store) -> None:
    filled(store)
    save = save_attempt(1, 1, phone(0).e164)
    store.write(save)
    record = record_for(
        save, "connected", answered_at=NOW + 3.125, assigned_at=NOW + 3.25, connected_at=NOW + 3.5,
        sip_status=None, q850=None, agent_id="a1", disposition="sale", live=True, rpc=True, queued=False,
        talk_s=12.75, hold_s=0.5,
        wrapup_s=3.25, answer_to_agent_s=0.0125, final=True, next_attempt_at=None, progress_at=None, machine=True,
        abandoned=True, hung_up_waiting=True, ended_by="agent", note="«ok»",
        amd_policy="hold", amd_verdict="human", amd_cause="short-greeting", amd_at_s=0.9,
        rtp_received=1_500, rtp_lost=3, rtp_sent=1_490, rtp_jitter_ms=1.25, rtp_far_lost=2, rtp_far_jitter_ms=0.5,
        rtp_round_trip_ms=42.5, recording="2026-11-23/c-1-120000.wav", recording_rule="allowed",
    )  # fmt: skip
    store.write(CloseAttempt(record, update_for(1, state=FINAL)))
    (back,) = store.reader.records("c", NOW, NOW + 1)
    assert back == record
    assert isinstance(back.live, bool)


def test_records_come_in_the_order_of_creation_within_their_period(store: Store) -> None:
    filled(store)
    for attempt_id, at in ((4, NOW + 2), (2, NOW + 3), (3, NOW + 1), (1, NOW + 2)):
        save = save_attempt(attempt_id, attempt_id, phone(attempt_id).e164, at=at)
        store.write(save)
        store.write(close_attempt(save))
    assert [one.attempt_id for one in store.reader.records("c", NOW, NOW + 10)] == [3, 1, 4, 2]
    assert [one.attempt_id for one in store.reader.records("c", NOW + 2, NOW + 3)] == [1, 4]
    assert [one.attempt_id for one in store.reader.attempts("c")] == [3, 1, 4, 2]
    assert store.reader.next_attempt_id() == 5
    assert store.reader.last_attempt_at() == NOW + 2


def test_the_first_attempt_id_is_one(store: Store) -> None:
    assert store.reader.next_attempt_id() == 1
    assert store.reader.last_attempt_at() is None


@pytest.mark.parametrize("again", [save_attempt(1, 2, phone(1).e164), save_attempt(2, 99, phone(1).e164)])
def test_an_attempt_that_contradicts_the_store_is_refused(store: Store, again: Write) -> None:
    filled(store)
    store.write(save_attempt(1, 1, phone(0).e164))
    with pytest.raises(WriteConflict):
        store.write(again)
    assert [one.attempt_id for one in store.reader.attempts("c")] == [1]


def test_an_attempt_is_closed_once(store: Store) -> None:
    filled(store)
    save = save_attempt(1, 1, phone(0).e164)
    with pytest.raises(AttemptNotOpen):
        store.write(close_attempt(save))
    store.write(save)
    store.write(close_attempt(save))
    with pytest.raises(AttemptNotOpen, match="attempt 1 is not open"):
        store.write(close_attempt(save, "no_answer", update=update_for(1, state=FINAL)))
    assert [one.outcome for one in store.reader.records("c", 0, NOW * 2)] == ["busy"]
    assert store.reader.lead_counts("c").final == 0


def test_a_cap_counts_attempts_of_every_campaign_open_ones_too(store: Store) -> None:
    filled(store)
    add(store, save_campaign("d"))
    number = phone(0).e164
    caps = (number_cap(2, number),)
    assert store.write(save_attempt(1, 1, number, campaign="d", caps=caps)) == AttemptAccepted(1)
    assert store.write(save_attempt(2, 1, number, caps=caps)) == AttemptAccepted(2)
    denied = store.write(save_attempt(3, 1, number, caps=caps))
    assert isinstance(denied, AttemptDenied)
    assert (denied.attempt_id, denied.reason) == (3, Refusal.CAP)
    assert "per_number_day" in denied.detail
    assert [one.attempt_id for one in store.reader.attempts("c")] == [2]


def test_two_campaigns_racing_for_the_last_attempt_cannot_both_win(store: Store) -> None:
    filled(store)
    add(store, save_campaign("d"))
    number = phone(0).e164
    caps = (number_cap(1, number),)
    answers = store.group([
        save_attempt(1, 1, number, caps=caps),
        save_attempt(2, 2, phone(1).e164, caps=(number_cap(1, phone(1).e164),)),
        save_attempt(3, 1, number, campaign="d", caps=caps),
    ])  # fmt: skip
    assert answers[:2] == [AttemptAccepted(1), AttemptAccepted(2)]
    assert isinstance(answers[2], AttemptDenied)


def test_a_withdrawn_attempt_gives_its_place_under_the_cap_back(store: Store) -> None:
    filled(store)
    number = phone(0).e164
    caps = (number_cap(1, number),)
    first = save_attempt(1, 1, number, caps=caps)
    answers = store.group([
        first,
        save_attempt(2, 1, number, caps=caps),
        close_attempt(first, "withdrawn"),
        save_attempt(3, 1, number, caps=caps),
    ])  # fmt: skip
    assert isinstance(answers[1], AttemptDenied)
    assert [answers[0], *answers[2:]] == [AttemptAccepted(1), Done(), AttemptAccepted(3)]


@pytest.mark.parametrize(("counts", "used"), [("placed", 3), ("alerted", 2), ("answered", 1), ("charged", 2)])
def test_a_cap_counts_how_far_calls_got(store: Store, counts: str, used: int) -> None:
    filled(store)
    number = phone(0).e164
    for attempt_id, (stage, charged) in enumerate([("placed", False), ("alerted", True), ("answered", True)], 1):
        save = save_attempt(attempt_id, 1, number, at=NOW + attempt_id)
        store.write(save)
        closing = close_attempt(save)
        store.write(replace(closing, record=replace(closing.record, stage=stage, charged=charged)))
    for limit, answer in ((used, AttemptDenied), (used + 1, AttemptAccepted)):
        cap = replace(number_cap(limit, number), counts=Counts(counts))
        assert isinstance(store.write(save_attempt(9, 1, number, at=NOW + 9, caps=(cap,))), answer)


def test_caps_count_from_their_moment_on_and_by_campaign_and_lead(store: Store) -> None:
    filled(store)
    add(store, save_campaign("d"))
    number = phone(0).e164
    store.write(save_attempt(1, 1, number, campaign="d", at=NOW - 10))
    since = number_cap(1, number, since=NOW - 10)
    after = number_cap(1, number, since=NOW - 9.5)
    here = number_cap(1, number, since=0.0, campaign="c")
    lead = CapCheck("per_lead", 1, 0.0, lead_id=1, campaign="d")
    refused = store.write(save_attempt(2, 2, number, caps=(after, here, since)))
    assert isinstance(refused, AttemptDenied)
    assert refused.reason is Refusal.CAP
    assert store.write(save_attempt(3, 2, number, caps=(after, here))) == AttemptAccepted(3)
    by_number = store.write(save_attempt(4, 2, number, caps=(here,)))
    assert isinstance(by_number, AttemptDenied)
    assert by_number.reason is Refusal.NUMBER_LIMIT
    by_lead = store.write(save_attempt(5, 1, phone(3).e164, campaign="d", caps=(lead,)))
    assert isinstance(by_lead, AttemptDenied)
    assert by_lead.reason is Refusal.LEAD_LIMIT


def test_a_number_blocked_just_before_is_not_dialed(store: Store) -> None:
    filled(store)
    answers = store.group([
        BlockNumbers((phone(0).e164,), "register", NOW),
        save_attempt(1, 1, phone(0).e164),
        save_attempt(2, 2, phone(1).e164),
    ])  # fmt: skip
    assert isinstance(answers[1], AttemptDenied)
    assert answers[1].reason is Refusal.DNC
    assert answers[2] == AttemptAccepted(2)
    assert [one.attempt_id for one in store.reader.attempts("c")] == [2]


def test_closing_may_block_the_number(store: Store) -> None:
    filled(store)
    add(store, save_campaign("d"))
    number = phone(0).e164
    first = save_attempt(1, 1, number)
    answers = store.group([first, close_attempt(first, block=number), save_attempt(2, 1, number, campaign="d")])
    assert isinstance(answers[2], AttemptDenied)
    assert answers[2].reason is Refusal.DNC
    assert blocked_since(store.reader.dnc_entries([number, phone(1).e164])) == {number: NOW + 10.0}


def test_a_bad_write_takes_no_other_of_its_group_down(store: Store) -> None:
    filled(store)
    one, two = save_attempt(1, 1, phone(0).e164), save_attempt(2, 2, phone(1).e164)
    answers = store.group([
        one,
        save_attempt(1, 3, phone(2).e164),
        close_attempt(save_attempt(77, 3, phone(2).e164)),
        two,
        close_attempt(one),
        ReturnLeads((update_for(99),)),
        close_attempt(two, update=update_for(2, state=FINAL)),
    ])  # fmt: skip
    assert [type(answer) for answer in answers] == [
        AttemptAccepted, WriteConflict, AttemptNotOpen, AttemptAccepted, Done, UnknownPlace, Done,
    ]  # fmt: skip
    assert [one.attempt_id for one in store.reader.records("c", 0.0, NOW * 2)] == [1, 2]


# --- the rest ----------------------------------------------------------------------------------------------


def test_the_register_keeps_the_first_moment_and_raises_its_version(store: Store) -> None:
    number = phone(0).e164
    store.write(BlockNumbers((number, number), "register", NOW))
    store.write(BlockNumbers((number, phone(1).e164), "register", NOW + 5))
    store.write(BlockNumbers((number,), "another", NOW - 5))
    assert store.reader.blocked_numbers([number, phone(1).e164, phone(2).e164]) == {number, phone(1).e164}
    assert blocked_since(store.reader.dnc_entries([number, phone(1).e164])) == {
        number: NOW - 5,
        phone(1).e164: NOW + 5,
    }
    assert store.reader.dnc_version() == 3


def test_agents_time_is_cut_to_the_period_asked_for(store: Store) -> None:
    stretches = (idle("b", NOW, NOW + 10), idle("a", NOW + 4, NOW + 8), idle("a", NOW + 8, NOW + 30))
    store.write(SaveAgentTime((*stretches, idle("a", NOW, NOW + 10, campaign="d"))))
    assert list(store.reader.agent_times("c", 0.0, NOW * 2)) == list(stretches)
    assert list(store.reader.agent_times("c", NOW + 5, NOW + 8)) == [
        idle("b", NOW + 5, NOW + 8), idle("a", NOW + 5, NOW + 8),
    ]  # fmt: skip
    longest = idle("z", NOW + 100, NOW + 100 + LONGEST_STRETCH_S)
    store.write(SaveAgentTime((longest,)))
    assert list(store.reader.agent_times("c", longest.until - 0.5, NOW * 2)) == [
        idle("z", longest.until - 0.5, longest.until)
    ]


def test_a_copy_goes_its_own_way_from_the_same_place(store: Store) -> None:
    filled(store, 6, order="random")
    add(store, save_campaign("d"))
    before = save_attempt(1, 4, phone(3).e164, at=NOW - 60)
    elsewhere = save_attempt(2, 2, phone(1).e164, campaign="d", at=NOW - 50)
    for save in (before, elsewhere):
        store.write(save)
        store.write(close_attempt(save, update=update_for(save.intent.lead_id, campaign=save.intent.campaign)))
    store.write(ReturnLeads((update_for(5, state=FINAL),)))
    store.write(BlockNumbers((phone(2).e164,), "register", NOW))
    leased = ids(fetch(store, limit=1))
    copy = MemoryStore.copy_of(store.reader, "c", NOW)
    assert list(copy.attempts("c")) == []
    assert copy.campaign("c") == store.reader.campaign("c")
    assert list(copy.lists()) == list(store.reader.lists())
    assert list(copy.zone_groups("c")) == list(store.reader.zone_groups("c"))
    assert copy.lead_counts("c") == store.reader.lead_counts("c")
    mine = copy.write(FetchLeads("c", 10, NOW, (LONDON,)))
    theirs = fetch(store)
    assert isinstance(mine, LeadsLeased)
    assert ids(mine) == leased + ids(theirs)
    assert mine.candidates[1:] == theirs.candidates
    denied = copy.write(save_attempt(1, 4, phone(3).e164, caps=(number_cap(1, phone(3).e164),)))
    assert isinstance(denied, AttemptDenied)
    assert [place.state for place in store.reader.places("c")].count(READY) == 0


def test_only_a_stored_campaign_can_be_copied(store: Store) -> None:
    with pytest.raises(UnknownCampaign):
        MemoryStore.copy_of(store.reader, "nowhere", NOW)


def test_what_may_be_dialed_is_kept_by_its_hash(store: Store) -> None:
    assert store.reader.walls() == {}
    for saved in (
        SaveWalls("aa", "{}", NOW),
        SaveWalls("bb", '{"house":null}', NOW),
        SaveWalls("aa", "{}", NOW + 9),
    ):
        assert store.write(saved) == Done()
    assert store.reader.walls() == {"aa": "{}", "bb": '{"house":null}'}


def test_usage_is_what_was_placed_and_what_it_cost(store: Store) -> None:
    filled(store)
    at = 60.0 * (NOW // 60.0) + 20.0
    for attempt_id, (moment, outcome, cost) in enumerate(
        [(at, "busy", 0), (at + 5, "connected", 900), (at + 90, "withdrawn", None), (at - 86_400, "busy", 7)], 1
    ):
        save = save_attempt(attempt_id, 1, phone(0).e164, at=moment)
        store.write(save)
        closing = close_attempt(save, outcome)
        store.write(replace(closing, record=replace(closing.record, cost_micro=cost)))
    open_one = save_attempt(9, 2, phone(1).e164, at=at + 200)
    permitted = open_one.intent.permitted
    evidence = replace(permitted.evidence, expected_cost_micro=500, currency="EUR")
    store.write(SaveAttempt(replace(open_one.intent, permitted=replace(permitted, evidence=evidence))))
    found = store.reader.usage(NOW - 3_600)
    assert [(one.client, one.trunk, one.calls, one.cost_micro) for one in found] == [
        ("", "t1", 2, 900), ("", "t1", 1, 500),
    ]  # fmt: skip
    assert all(0 < one.at - moment <= 120 for one, moment in zip(found, (at, at + 200), strict=True))
    assert found[0].at < found[1].at


def test_people_who_answered_are_counted_by_spans_of_time(store: Store) -> None:
    filled(store, 5)
    begin = 900.0 * (NOW // 900.0)
    told = [
        (begin + 20, True, False),
        (begin + 40, True, True),
        (begin + 60, False, False),
        (begin + 2_000, True, False),
        (begin - 90_000, True, True),
    ]
    for attempt_id, (at, live, abandoned) in enumerate(told, 1):
        save = save_attempt(attempt_id, attempt_id, phone(attempt_id - 1).e164, at=at)
        store.write(save)
        closing = close_attempt(save, "abandoned" if abandoned else "connected")
        store.write(replace(closing, record=replace(closing.record, live=live, abandoned=abandoned)))
    hour = begin - 3_600, begin + 3_600
    assert list(store.reader.answers("c", *hour, 900.0)) == [(begin, 2, 1), (begin + 1_800, 1, 0)]
    assert list(store.reader.answers("c", begin - 3_600, begin + 40, 900.0)) == [(begin, 1, 0)]
    assert list(store.reader.answers("another", *hour, 900.0)) == []
