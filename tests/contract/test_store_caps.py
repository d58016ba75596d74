"""Caps and cool-offs as the inserting transaction enforces them: on numbers, leads, persons and debts, over all
campaigns, and nobody called twice at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from campaigns.cap import MAX_COOLOFF_S
from campaigns.outcome import Counts
from campaigns.permission.caps import CapCheck
from campaigns.refusal import Refusal
from dialer.ports.store import Answer, AttemptAccepted, AttemptDenied, CloseAttempt, NewLead, SaveAttempt, Write
from tests.contract.storage_values import (
    NOW,
    close_attempt,
    past_of,
    phone,
    save_attempt,
    save_campaign,
    save_leads,
)
from tests.contract.stores import Store, add, fetch

DAY = 86_400.0
ANNA, DEBT = ":anna", ":7:anna"


def filled(store: Store) -> None:
    """Two campaigns call two lists: Anna is in both, with another number each time."""
    anna = NewLead((phone(0),), person_key="anna", debt_id="7")
    again = NewLead((phone(1),), person_key="anna")
    store.write(save_leads((anna, again, NewLead((phone(2),)))))
    add(store, save_campaign())
    add(store, save_campaign("d"))


def reason(answer: Answer | Exception) -> Refusal | None:
    return answer.reason if isinstance(answer, AttemptDenied) else None


def closed(save: SaveAttempt, **changes: Any) -> CloseAttempt:
    closing = close_attempt(save)
    return replace(closing, record=replace(closing.record, **changes))


def on(whom: dict[str, Any], limit: int = 1, since: float = NOW - DAY, **changes: Any) -> CapCheck:
    return CapCheck("law", limit, since, **whom, **changes)


WHOM: list[dict[str, Any]] = [
    {"whom": ("person", ANNA)},
    {"whom": ("debt", DEBT)},
    {"lead_id": 1},
    {"number": phone(0).e164},
]


@pytest.mark.parametrize("in_one_group", [True, False])
@pytest.mark.parametrize("whom", WHOM)
def test_a_cap_counts_over_campaigns_and_numbers(store: Store, whom: dict[str, Any], in_one_group: bool) -> None:
    filled(store)
    first = save_attempt(1, 1, phone(0).e164, campaign="d", person=ANNA, debt=DEBT)
    further = save_attempt(2, 2, phone(1).e164, person=ANNA, caps=(on(whom, 2),))
    last = save_attempt(3, 2, phone(1).e164, at=NOW + 5, person=ANNA, caps=(on(whom),))
    writes: list[Write] = [first, further, closed(first), last]
    answers = store.group(writes) if in_one_group else [store.write(write) for write in writes]
    assert [reason(answer) for answer in answers] == [None, None, None, Refusal.CAP]
    assert isinstance(answers[3], AttemptDenied)
    assert answers[3].detail.startswith("law: 1 counted attempts on ")


def test_a_cap_on_one_purpose_counts_that_and_what_is_not_known(store: Store) -> None:
    filled(store)
    number = phone(0).e164
    sales = on({"number": number}, purpose="sales")
    store.write(save_attempt(1, 1, number, purpose="debt"))
    assert store.write(save_attempt(2, 1, number, purpose="", caps=(sales,))) == AttemptAccepted(2)
    assert reason(store.write(save_attempt(3, 1, number, purpose="sales", caps=(sales,)))) is Refusal.CAP


@pytest.mark.parametrize("in_one_group", [True, False])
@pytest.mark.parametrize(
    ("counts", "contact", "whom", "binds"),
    [
        (Counts.CONVERSATIONS, "conversation", WHOM[0], True),
        (Counts.CONVERSATIONS, "refusal", WHOM[1], True),
        (Counts.CONVERSATIONS, "none", WHOM[2], False),
        (Counts.REFUSALS, "refusal", WHOM[2], True),
        (Counts.ABANDONMENTS, "abandoned", WHOM[3], True),
        (Counts.MACHINES, "unknown", WHOM[0], True),
    ],
)
def test_a_cool_off_counts_from_the_end_of_the_call(
    store: Store, counts: Counts, contact: str, whom: dict[str, Any], binds: bool, in_one_group: bool
) -> None:
    filled(store)
    first = save_attempt(1, 1, phone(0).e164, at=NOW - 600, person=ANNA, debt=DEBT)
    closing = closed(first, contact=contact, ended_at=NOW - 100.0)
    attempts = [
        save_attempt(attempt_id, 3, phone(2).e164, caps=(on(whom, since=since, counts=counts),))
        for attempt_id, since in ((2, NOW - 99.0), (3, NOW - 100.0))
    ]
    writes: list[Write] = [first, closing, *attempts]
    answers = store.group(writes) if in_one_group else [store.write(write) for write in writes]
    assert answers[2] == AttemptAccepted(2)
    assert reason(answers[3]) is (Refusal.COOLOFF if binds else None)


@pytest.mark.parametrize("in_one_group", [True, False])
@pytest.mark.parametrize(
    ("lead_id", "number", "person"),
    [(1, phone(0).e164, ""), (2, phone(1).e164, ANNA), (1, phone(5).e164, ""), (2, phone(0).e164, "")],
)
def test_nobody_is_called_while_another_call_is_open(
    store: Store, lead_id: int, number: str, person: str, in_one_group: bool
) -> None:
    filled(store)
    first = save_attempt(1, 1, phone(0).e164, campaign="d", person=person)
    second = save_attempt(2, lead_id, number, person=person)
    alone = replace(second, intent=replace(second.intent, alone=True))
    writes: list[Write] = [first, alone, closed(first), alone]
    answers = store.group(writes) if in_one_group else [store.write(write) for write in writes]
    assert reason(answers[1]) is Refusal.IN_CALL
    assert answers[3] == AttemptAccepted(2)


def test_a_candidate_knows_what_was_done_about_its_person(store: Store) -> None:
    filled(store)
    first = save_attempt(1, 1, phone(0).e164, campaign="d", at=NOW - 60, person=ANNA, debt=DEBT, purpose="debt")
    store.write(first)
    store.write(closed(first, contact="conversation"))
    candidates = {one.lead.lead_id: one for one in fetch(store).candidates}
    known = replace(past_of(first), contact="conversation", person=ANNA, debt=DEBT, purpose="debt")
    assert (candidates[1].history, candidates[1].elsewhere) == ((known,), ())
    assert (candidates[2].history, candidates[2].elsewhere) == ((), (known,))
    assert (candidates[3].history, candidates[3].elsewhere) == ((), ())
    assert (candidates[1].lead.person, candidates[1].lead.debt) == (ANNA, DEBT)


def test_history_reaches_as_far_back_as_a_cool_off_lasts(store: Store) -> None:
    filled(store)
    long_ago = NOW - MAX_COOLOFF_S - DAY
    first = save_attempt(1, 1, phone(0).e164, campaign="d", at=long_ago, person=ANNA)
    store.write(first)
    store.write(closed(first, contact="refusal"))
    candidates = {one.lead.lead_id: one for one in fetch(store).candidates}
    assert [past.contact for past in candidates[1].history] == ["refusal"]
    assert [past.contact for past in candidates[2].elsewhere] == ["refusal"]


def test_a_debt_is_known_where_nobody_says_whose(store: Store) -> None:
    store.write(save_leads((NewLead((phone(0),), debt_id="7"), NewLead((phone(1),), debt_id="7"))))
    add(store, save_campaign())
    first = save_attempt(1, 1, phone(0).e164, at=NOW - 60, debt=":7:")
    store.write(first)
    (_, second) = fetch(store).candidates
    assert [past.debt for past in second.elsewhere] == [":7:"]


def test_attempts_are_found_by_person_and_by_debt(store: Store) -> None:
    filled(store)
    store.write(save_attempt(1, 1, phone(0).e164, campaign="d", person=ANNA, debt=DEBT, purpose="debt"))
    store.write(save_attempt(2, 3, phone(2).e164, at=NOW + 1))
    reader = store.reader
    assert [one.attempt_id for one in reader.attempts_on([], ANNA)] == [1]
    assert [one.attempt_id for one in reader.attempts_on([phone(2).e164], "", DEBT)] == [1, 2]
    assert [one.attempt_id for one in reader.attempts_on([phone(2).e164])] == [2]
    (found,) = reader.attempts_on([], ANNA, DEBT)
    assert (found.person, found.debt, found.purpose) == (ANNA, DEBT, "debt")
