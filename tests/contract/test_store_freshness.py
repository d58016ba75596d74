"""What calls have shown of the numbers of a list, counted alike by every store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dialer.ports.store import CloseAttempt, NewLead
from lists.freshness.standing import Standing, State
from tests.contract.storage_values import (
    NOW,
    phone,
    record_for,
    save_attempt,
    save_campaign,
    save_leads,
    update_for,
)
from tests.contract.stores import Store, add

DAY_S = 86_400.0
AS_OF = datetime(2026, 1, 31, tzinfo=UTC).timestamp()
WRONG = [("c", "stranger")]

Ending = tuple[str, dict[str, object]]
NO_ANSWER: Ending = ("no_answer", {})
OURS: Ending = ("connected", {"rpc": True, "live": True, "disposition": "sale"})
FAMILY: Ending = ("connected", {"live": True, "disposition": "third_party"})
STRANGER: Ending = ("connected", {"live": True, "disposition": "stranger"})
MACHINE: Ending = ("answering_machine", {"machine": True})
INVALID: Ending = ("invalid", {})
CHANGED: Ending = ("changed", {})
CONGESTION: Ending = ("congestion", {"charged": False})


def known(store: Store, *calls: tuple[float, Ending]) -> Standing:
    """The standing of a number that was called so many days after the date of its data."""
    store.write(save_leads((NewLead((phone(1),)),)))
    add(store, save_campaign())
    for attempt_id, (day, (outcome, changes)) in enumerate(calls, 1):
        save = save_attempt(attempt_id, 1, phone(1).e164, at=AS_OF + day * DAY_S + 60)
        store.write(save)
        store.write(CloseAttempt(record_for(save, outcome, **changes), update_for(1), None))
    (one,) = store.reader.standings(["people"], AS_OF + 1000 * DAY_S, WRONG)
    return one


@pytest.mark.parametrize(
    ("calls", "state", "weeks", "silent"),
    [
        ([], State.UNCALLED, (None, None, None, None, None), 0),
        ([(1, CONGESTION)], State.UNCALLED, (None, None, None, None, None), 0),
        ([(-9, INVALID)], State.UNCALLED, (None, None, None, None, None), 0),
        ([(8, NO_ANSWER), (15, NO_ANSWER)], State.UNREACHED, (None, None, None, 1, 2), 2),
        ([(8, NO_ANSWER), (15, OURS), (22, NO_ANSWER)], State.CONFIRMED, (2, 2, None, 1, 3), 1),
        ([(8, FAMILY)], State.CONFIRMED, (1, 1, None, 1, 1), 0),
        ([(8, MACHINE), (15, MACHINE)], State.UNKNOWN, (2, None, None, 1, 2), 0),
        ([(8, OURS), (29, STRANGER), (36, STRANGER)], State.WRONG_PERSON, (5, 1, 4, 1, 5), 0),
        ([(8, STRANGER), (15, OURS)], State.CONFIRMED, (2, 2, None, 1, 2), 0),
        ([(8, MACHINE), (29, INVALID), (36, CHANGED)], State.CHANGED, (1, None, 4, 1, 5), 0),
        ([(8, NO_ANSWER), (9, INVALID), (10, INVALID)], State.INVALID, (None, None, 1, 1, 1), 1),
        ([(8, INVALID), (29, OURS)], State.CONFIRMED, (4, 4, None, 1, 4), 0),
        ([(8, INVALID), (15, MACHINE), (22, INVALID)], State.INVALID, (2, None, 3, 1, 3), 0),
    ],
)
def test_the_last_call_that_told_something_counts(
    store: Store,
    calls: list[tuple[float, Ending]],
    state: State,
    weeks: tuple[int | None, ...],
    silent: int,
) -> None:
    found = known(store, *calls)
    assert (found.state, found.silent) == (state, silent)
    assert (found.worked_w, found.ours_w, found.gone_w, found.first_w, found.called_w) == weeks
    assert (found.list_name, found.source, found.region, found.age_w) == ("people", "a test", "GB", 142)


def counts(found: Sequence[Standing]) -> Counter[tuple[str, str, int, int, bool]]:
    result: Counter[tuple[str, str, int, int, bool]] = Counter()
    for one in found:
        result[one.list_name, one.source, one.field, one.age_w, one.dated] += one.count
    return result


def test_numbers_are_counted_by_their_own_source_and_date(store: Store) -> None:
    own = replace(phone(2), source="shop", as_of="2026-08-01")
    leads = (
        NewLead((phone(1), own)),
        NewLead((phone(3),), source="other", as_of="2026-02-14"),
        NewLead((phone(4),)),
    )
    store.write(save_leads(leads))
    store.write(replace(save_leads((NewLead((phone(5),)),), "undated"), as_of=""))
    store.write(save_leads((NewLead((phone(6),)),), "another"))
    found = store.reader.standings(["people", "undated"], NOW + 15 * DAY_S, [])
    assert counts(found) == {
        ("people", "a test", 0, 35, True): 2,
        ("people", "shop", 1, 9, True): 1,
        ("people", "other", 0, 33, True): 1,
        ("undated", "a test", 0, 2, False): 1,
    }
    assert store.reader.standings(["people"], NOW, [], called=True) == []
    assert store.reader.standings([], NOW, []) == []


def test_calls_made_later_are_not_known_yet(store: Store) -> None:
    known(store, (8, OURS), (29, INVALID))
    (then,) = store.reader.standings(["people"], AS_OF + 15 * DAY_S, WRONG)
    assert (then.state, then.age_w, then.called_w, then.gone_w) == (State.CONFIRMED, 2, 1, None)


def test_a_date_in_the_future_is_none(store: Store) -> None:
    """No call would be about the data until then."""
    store.write(replace(save_leads((NewLead((phone(1),)),)), as_of="2027-01-31", now=AS_OF))
    add(store, save_campaign())
    save = save_attempt(1, 1, phone(1).e164, at=AS_OF + 8 * DAY_S)
    store.write(save)
    store.write(CloseAttempt(record_for(save, "invalid"), update_for(1), None))
    (found,) = store.reader.standings(["people"], AS_OF + 15 * DAY_S, [])
    assert (found.state, found.dated, found.age_w, found.gone_w) == (State.INVALID, False, 2, 1)


def test_a_sample_of_the_leads(store: Store) -> None:
    store.write(save_leads(tuple(NewLead((phone(place),)) for place in range(1, 11))))
    assert sum(one.count for one in store.reader.standings(["people"], NOW, [], one_in=3)) == 3
    assert sum(one.count for one in store.reader.standings(["people"], NOW, [], one_in=11)) == 0
