from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from campaigns.loader import parse_campaign
from dialer.errors import InputError, UnknownName
from dialer.operations.reset_campaign import Reset, plan_reset, reset_campaign
from dialer.ports.access import Actor
from dialer.ports.store import BlockNumbers, FetchLeads, LeadsLeased, SaveCampaign
from dialer.storage.memory import MemoryStore
from lists.errors import OptionError
from tests.contract.storage_values import (
    LONDON,
    NOW,
    close_attempt,
    new_leads,
    phone,
    place_leads,
    save_attempt,
    save_leads,
    update_for,
)
from tests.walls import SAVE_SIMULATED, SIMULATED

TEXT = """
name = "c"
lists = ["people"]
rules = "fictional"
trunks = ["sim"]
caller_ids = ["+442079460000"]
[pacing]
mode = "progressive"
[hours]
daily = "00:00-24:00"
[limits]
per_lead = 3
"""
AT = NOW + 7_200.0
ME = Actor("ana", "admin", "", "command")
CLOSED = {1: "no_answer", 2: "no_answer", 3: "busy", 4: "dnc", 5: "no_answer"}


@pytest.fixture
def store() -> MemoryStore:
    """Five leads, each closed by a result after one attempt; the fifth is on the register by now."""
    store = MemoryStore()
    store.write(SAVE_SIMULATED)
    store.write(save_leads(new_leads(5)))
    store.write(SaveCampaign("c", TEXT, parse_campaign(TEXT).lists, "oldest", NOW))
    store.write(place_leads("c", 10))
    for lead_id, reason in CLOSED.items():
        attempt = save_attempt(lead_id, lead_id, phone(lead_id - 1).e164)
        store.write(attempt)
        tries = (("congestion", 1), ("not_interested", 1), (reason, 5))
        closed = replace(update_for(lead_id, state="final", reason=reason), attempts=2, tries=tries)
        store.write(close_attempt(attempt, update=closed))
    store.write(BlockNumbers((phone(4).e164,), "register", NOW))
    return store


def test_a_result_that_there_is_not_is_told(store: MemoryStore) -> None:
    with pytest.raises(InputError, match='no_anser: no result of this campaign; did you mean "no_answer"'):
        plan(store, "no_anser")
    assert plan(store, "rejected")[0].leads == 0


def plan(store: MemoryStore, *outcomes: str) -> tuple[Reset, list[int]]:
    return plan_reset(store, "c", outcomes, walls=SIMULATED, now=AT)


def reset(store: MemoryStore, outcomes: Sequence[str]) -> Reset:
    return reset_campaign(store, "c", outcomes, walls=SIMULATED, write=store.write, actor=ME, now=AT)


def due(store: MemoryStore) -> LeadsLeased:
    answer = store.write(FetchLeads("c", 10, AT, (LONDON,)))
    assert isinstance(answer, LeadsLeased)
    return answer


def test_a_plan_says_who_comes_back_and_who_stays_by_what_and_changes_nothing(store: MemoryStore) -> None:
    planned, back = plan(store, "no_answer", "busy")
    assert (planned.leads, planned.back, planned.barred, planned.stored) == (4, 3, {"dnc": 1}, False)
    assert back == [1, 2, 3]
    assert due(store).candidates == ()


def test_they_are_dialed_again_with_their_retries_begun_anew_and_their_attempts_kept(store: MemoryStore) -> None:
    done = reset(store, ["no_answer"])
    assert (done.back, done.barred, done.stored) == (2, {"dnc": 1}, True)
    candidates = due(store).candidates
    assert [one.lead.lead_id for one in candidates] == [1, 2]
    for one in candidates:
        assert one.attempts == 2
        assert one.tries == (("congestion", 1), ("not_interested", 1)), "a route's fault, and a refusal"
        assert one.charged_attempts == 1
        assert [past.outcome for past in one.history] == ["busy"], "what caps count"


def test_it_is_in_the_log_of_changes_with_who_and_how_many(store: MemoryStore) -> None:
    reset(store, ["no_answer", "busy"])
    (entry,) = [one.change for one in store.changes() if one.change.action == "campaign.reset"]
    assert (entry.by, entry.subject, entry.at) == ("ana", "c", AT)
    assert dict(entry.detail) == {"outcomes": "no_answer, busy", "leads": "3"}


def test_without_anybody_to_come_back_nothing_is_written(store: MemoryStore) -> None:
    done = reset(store, ["cut"])
    assert (done.leads, done.back) == (0, 0)
    assert not [one for one in store.changes() if one.change.action == "campaign.reset"]


def test_the_limit_of_the_campaign_bars_whom_it_barred(store: MemoryStore) -> None:
    text = TEXT.replace("per_lead = 3", "per_lead = 1")
    store.write(SaveCampaign("c", text, parse_campaign(text).lists, "oldest", NOW))
    planned, back = plan(store, "busy")
    assert (back, planned.barred) == ([], {"lead_limit": 1})


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("dnc", "do-not-call"),
        ("unwanted", "do-not-call"),
        ("opted_out", "no more calls"),
        ("not_interested", r"\[retry.not_interested\]"),
        ("refused_before", "once more"),
        ("list_removed", "put it back"),
    ],
)
def test_who_refused_does_not_come_back(store: MemoryStore, code: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        plan(store, "busy", code)


def test_it_has_to_be_said_who(store: MemoryStore) -> None:
    with pytest.raises(InputError, match="--outcome"):
        plan(store)
    with pytest.raises(UnknownName):
        plan_reset(store, "d", ["busy"], walls=SIMULATED, now=AT)


def test_a_segment_of_them_alone_comes_back(store: MemoryStore) -> None:
    def planned(*where: str) -> list[int]:
        return plan_reset(store, "c", ["no_answer", "busy"], walls=SIMULATED, now=AT, where=where)[1]

    assert planned("external_id=X1,X2") == [2, 3]
    assert planned("status=busy", "attempts=1") == [1, 2, 3]
    assert planned("status=new") == []
    with pytest.raises(OptionError, match="did you mean plan"):
        planned("plann=gold")
