"""The likelihood against the same by hand."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log
from typing import Any

import numpy as np
import pytest

from lists.freshness.evidence import log_likelihood, of_dying, of_passing_on
from lists.freshness.standing import Standing, State, days

RATE = 1 / 700.0


def standing(state: State, count: int = 1, silent: int = 0, **weeks: Any) -> Standing:
    one = Standing(
        list_name="a", source="a", region="US", field=0, state=state, age_w=90, silent=silent, count=count
    )
    return replace(one, **weeks)


def alive(age_d: float) -> float:
    return exp(-RATE * age_d)


def likelihood(*standings: Standing, passing: bool = False, untold: float = 0.2) -> float:
    unit = of_passing_on(standings) if passing else of_dying(standings)
    return float(log_likelihood(unit, np.array([log(RATE * 350.0)]), np.array([1.0]), 350.0, untold)[0, 0])


def test_working_and_dead_numbers() -> None:
    found = likelihood(
        standing(State.UNKNOWN, 5, worked_w=10, first_w=10, called_w=10),
        standing(State.INVALID, 3, gone_w=20, first_w=20, called_w=20),
        standing(State.CHANGED, 2, worked_w=10, gone_w=30, first_w=10, called_w=30),
        standing(State.UNCALLED, 100),
    )
    by_hand = 5 * log(alive(days(10))) + 3 * log(1 - alive(days(20))) + 2 * log(alive(days(10)) - alive(days(30)))
    assert found == pytest.approx(by_hand)


def test_a_number_that_died_within_a_week_of_working_is_no_impossibility() -> None:
    one = standing(State.INVALID, worked_w=10, gone_w=10, first_w=10, called_w=10)
    assert likelihood(one) == pytest.approx(log(alive(70) - alive(77)))


def test_silent_numbers_may_be_either() -> None:
    found = likelihood(
        standing(State.UNKNOWN, 60, worked_w=10, first_w=10, called_w=10),
        standing(State.UNREACHED, 40, silent=1, first_w=10, called_w=10),
    )
    works = alive(days(10))
    quiet = (
        0.4  # the likeliest chance that a call is not answered, at first: EM settles where silence is explained
    )
    for _ in range(200):
        waiting = 40 * works * quiet / (works * quiet + (1 - works) * 0.2)
        quiet = waiting / (60 + waiting)
    by_hand = 60 * log(works * (1 - quiet)) + 40 * log(works * quiet + (1 - works) * 0.2)
    assert found == pytest.approx(by_hand, abs=1e-3)


def test_a_number_that_told_late_was_silent_or_died_between() -> None:
    working = standing(State.UNKNOWN, 50, worked_w=10, first_w=10, called_w=10)
    silent = standing(State.UNREACHED, 50, silent=1, first_w=10, called_w=10)
    late = standing(State.INVALID, silent=1, gone_w=14, first_w=10, called_w=14)
    first, last = alive(days(10)), alive(days(14))
    quiet = 0.5
    for _ in range(200):
        waiting = 50 * first * quiet / (first * quiet + (1 - first) * 0.2)
        quiet = waiting / (50 + waiting)
    difference = likelihood(working, silent, late) - likelihood(working, silent)
    assert difference == pytest.approx(log((1 - first) * 0.2 + (first - last) * quiet), abs=1e-3)


def test_passing_on_asks_only_numbers_whose_owner_was_told() -> None:
    found = likelihood(
        standing(State.CONFIRMED, 8, worked_w=12, ours_w=10, first_w=9, called_w=12),
        standing(State.WRONG_PERSON, 4, worked_w=20, gone_w=20, first_w=20, called_w=20),
        standing(State.INVALID, 2, worked_w=10, ours_w=10, gone_w=30, first_w=10, called_w=30),
        standing(State.UNKNOWN, 50, worked_w=10, first_w=10, called_w=10),
        standing(State.UNREACHED, 50, silent=2, first_w=10, called_w=10),
        passing=True,
    )
    assert found == pytest.approx(10 * log(alive(days(10))) + 4 * log(1 - alive(days(20))))
