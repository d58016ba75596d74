from __future__ import annotations

from typing import Any

import pytest

from campaigns.cap import After, Calendar, Cap, Cooloff, Scope, read_caps, read_cooloffs
from campaigns.outcome import Counts

WEEK: dict[str, Any] = {"name": "week", "limit": 7, "period": "7d", "scope": "person"}


def test_a_rolling_cap() -> None:
    assert read_caps([WEEK]) == (Cap("week", 7, 7 * 86_400.0, Scope.PERSON),)
    (cap,) = read_caps([WEEK | {"counts": "answered", "same_purpose": True, "scope": "debt"}])
    assert (cap.counts, cap.same_purpose, cap.scope) == (Counts.ANSWERED, True, Scope.DEBT)


@pytest.mark.parametrize("kind", [{}, {"kind": "calendar"}])
@pytest.mark.parametrize("period", list(Calendar))
def test_a_cap_of_the_calendar(kind: dict[str, str], period: Calendar) -> None:
    cap = {"name": "c", "limit": 2, "period": period.value, "scope": "number"}
    assert read_caps([cap | kind]) == (Cap("c", 2, 0.0, calendar=period),)


def test_where_the_text_leaves_it_open_both_readings_are_kept() -> None:
    month = {"name": "month", "limit": 8, "period": "month", "scope": "person", "kind": "both"}
    assert read_caps([month]) == (
        Cap("month", 8, 31 * 86_400.0, Scope.PERSON),
        Cap("month_calendar", 8, 0.0, Scope.PERSON, calendar=Calendar.MONTH),
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": ""}, "a cap's name is a text"),
        ({"limit": 0}, "cap week: limit is 0; it is a whole number of attempts, 1 or more"),
        ({"limit": True}, "cap week: limit is True"),
        ({"limit": 1.5}, "cap week: limit is 1.5"),
        ({"period": "32d"}, "cap week: period is '32d'; it is more than nothing and at most 31 days"),
        ({"period": 0}, "cap week: period is 0; it is more than nothing"),
        ({"period": "fortnight"}, "cap week: 'fortnight' is not a duration"),
        ({"kind": "both"}, "cap week: a both period is day, week or month, not '7d'"),
        ({"kind": "calender"}, "cap week: kind is 'calender'; it is one of rolling, calendar, both"),
        ({"scope": "house"}, "cap week: scope is 'house'; it is one of number, lead, person, debt"),
        ({"counts": "charged"}, "cap week: a law counts calls placed, alerted or answered"),
        ({"counts": "rung"}, "cap week: counts is 'rung'; it is one of placed, "),
        ({"same_purpose": "yes"}, "cap week: same_purpose is 'yes'; it is true or false"),
        ({"per": "number"}, "cap week: unknown key 'per'; known: counts, kind, limit"),
    ],
)
def test_what_is_wrong_is_said_with_the_caps_name(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("?", r"\?")):
        read_caps([WEEK | change])


def test_a_key_that_is_missing_and_a_name_that_stands_there_twice() -> None:
    with pytest.raises(ValueError, match="cap week: limit is missing"):
        read_caps([{"name": "week", "period": "7d", "scope": "number"}])
    with pytest.raises(ValueError, match="cap week: the name stands there twice"):
        read_caps([WEEK, WEEK])


REST: dict[str, Any] = {"name": "rest", "after": "refusal", "period": "60d", "scope": "person"}


def test_a_cool_off() -> None:
    assert read_cooloffs([REST]) == (Cooloff("rest", After.REFUSAL, 60 * 86_400.0, Scope.PERSON),)
    day = REST | {"after": "machine", "period": "day", "unless_agent_waits": True, "same_purpose": True}
    (cooloff,) = read_cooloffs([day])
    assert (cooloff.after, cooloff.calendar, cooloff.period_s) == (After.MACHINE, Calendar.DAY, 0.0)
    assert cooloff.same_purpose
    assert cooloff.unless_agent_waits
    assert read_cooloffs([REST])[0].period == "60 d"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": None}, "a cool-off's name is a text"),
        ({"after": "busy"}, "cool-off rest: after is 'busy'; it is one of conversation, refusal, abandonment"),
        ({"period": "93d"}, "cool-off rest: period is '93d'; it is more than nothing and at most 92 days"),
        ({"limit": 1}, "cool-off rest: unknown key 'limit'"),
    ],
)
def test_what_is_wrong_with_a_cool_off(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_cooloffs([REST | change])
    with pytest.raises(ValueError, match="the name stands there twice"):
        read_cooloffs([REST, REST])


@pytest.mark.parametrize(
    ("cap", "text"),
    [
        (Cap("a", 1, 86_400.0), "24 h"),
        (Cap("a", 1, 36_000.0), "10 h"),
        (Cap("a", 1, 7 * 86_400.0), "7 d"),
        (Cap("a", 1, 0.0, calendar=Calendar.WEEK), "calendar week"),
    ],
)
def test_its_period_in_words(cap: Cap, text: str) -> None:
    assert cap.period == text
