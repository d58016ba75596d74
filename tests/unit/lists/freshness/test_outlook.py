"""What a list is worth today and later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lists.freshness.decay import Decay
from lists.freshness.outlook import Laws, Outlook, crossing
from lists.freshness.standing import Standing, State, days


def decay(half_life_d: float) -> Decay:
    """A law that is known."""
    return Decay(1.0, {"a": np.full(400, np.log(np.log(2) / half_life_d))}, np.ones(400), {"a": 10.0})


LAWS = Laws(decay(300), decay(1e9), 0.2)
UNCALLED = Standing(list_name="l", source="a", region="US", field=0, state=State.UNCALLED, age_w=42, count=100_000)
CALLED = replace(UNCALLED, first_w=42, called_w=42)


def alive(age_d: float) -> float:
    return float(0.5 ** (age_d / 300))


def middle(*standings: Standing, later_d: float = 0.0) -> float:
    return Outlook(standings, LAWS).alive_in([later_d])[0].middle


def test_numbers_that_nobody_has_called_go_by_the_law() -> None:
    assert middle(UNCALLED) == pytest.approx(alive(days(42)), abs=0.005)
    assert middle(UNCALLED, later_d=300) == pytest.approx(alive(days(42)) / 2, abs=0.005)


def test_a_number_is_as_fresh_as_the_last_call_that_reached_it() -> None:
    confirmed = replace(CALLED, state=State.CONFIRMED, worked_w=42, ours_w=42)
    assert middle(confirmed) == pytest.approx(1.0, abs=0.001)
    assert middle(confirmed, later_d=300) == pytest.approx(0.5, abs=0.005)
    assert middle(replace(CALLED, state=State.INVALID, gone_w=42)) == 0.0
    half = replace(confirmed, count=50), replace(UNCALLED, state=State.WRONG_PERSON, gone_w=42, count=50)
    assert middle(*half) == pytest.approx(0.5, abs=0.01)


def test_silence_makes_a_number_a_little_more_likely_dead() -> None:
    shown = replace(CALLED, state=State.UNKNOWN, worked_w=42, count=1)
    silent = replace(CALLED, state=State.UNREACHED, silent=3)
    once = replace(silent, silent=1)
    works = alive(days(42))
    assert works * 0.9 < middle(silent) <= 1.0
    assert middle(once, shown) != pytest.approx(middle(silent, shown), abs=1e-6)


def test_a_small_list_has_its_own_chance() -> None:
    large, small = (Outlook([replace(UNCALLED, count=count)], LAWS).alive_in([0])[0] for count in (100_000, 25))
    assert large.high - large.low < 0.01
    assert small.high - small.low == pytest.approx(
        2 * 1.645 * (alive(days(42)) * (1 - alive(days(42))) / 25) ** 0.5, rel=0.1
    )


def test_dates() -> None:
    due = Outlook([replace(UNCALLED, age_w=0)], LAWS).due(0.5)[0]
    assert due.middle == pytest.approx(300 - days(0), rel=0.02)
    assert due.low == pytest.approx(due.high)
    assert Outlook([UNCALLED], LAWS).due(0.9)[0].middle == 0.0
    never = Laws(decay(1e7), decay(1e9), 0.2)
    assert Outlook([UNCALLED], never).due(0.5)[0].middle is None
    assert Outlook([], LAWS).due(0.5)[0].middle == 0.0


def test_crossing() -> None:
    shares = np.array([[1.0, 0.8, 0.6], [0.4, 0.3, 0.2], [1.0, 0.9, 0.8]])
    assert crossing(shares, np.array([0.0, 10.0, 20.0]), 0.7).tolist() == pytest.approx([15.0, 0.0, np.inf])


def test_the_life_of_a_source_ends_with_either_hazard() -> None:
    both = Laws(decay(600), decay(600), 0.2)
    assert both.life("a", 0.5).middle == pytest.approx(300, rel=0.01)
    assert both.alive("a", np.array([300.0])).mean() == pytest.approx(0.5)
