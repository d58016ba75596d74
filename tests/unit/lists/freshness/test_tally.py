"""Numbers counted by what they have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lists.freshness.standing import Standing, State
from lists.freshness.tally import By, tallies, tally


def standing(state: State, count: int, region: str = "US", field: int = 0, **weeks: Any) -> Standing:
    one = Standing(list_name="l", source="a", region=region, field=field, state=state, count=count, age_w=60)
    return replace(one, **weeks)


NUMBERS = [
    standing(State.CONFIRMED, 40, worked_w=2, ours_w=2),
    standing(State.INVALID, 6, "CA", gone_w=20),
    standing(State.CHANGED, 4, gone_w=20),
    standing(State.UNREACHED, 50, "CA", 1, called_w=2),
    standing(State.UNCALLED, 100, "CA", 1),
]


def test_shares_are_of_those_called() -> None:
    found = tally(NUMBERS).as_dict()
    assert (found["numbers"], found["called"], found["not_called"]) == (200, 100, 100)
    dead = found["dead"]
    assert isinstance(dead, dict)
    assert (dead["count"], dead["of"], dead["share"], dead["invalid"], dead["changed"]) == (10, 100, 0.1, 6, 4)


def test_they_are_told_apart_in_order() -> None:
    assert {key: one.numbers for key, one in tallies(NUMBERS, By.REGION).items()} == {"CA": 156, "US": 44}
    assert {key: one.numbers for key, one in tallies(NUMBERS, By.FIELD).items()} == {"phone": 50, "phone2": 150}
    ages = tallies(NUMBERS, By.AGE)
    assert list(ages) == ["0 to 30 days", "90 to 180 days", "365 to 730 days"]
    assert [one.numbers for one in ages.values()] == [90, 10, 100]
