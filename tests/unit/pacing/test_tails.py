from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.pacing.predictive import _tails_of, tails_reaching
from dialer.pacing.tails import LEVELS, Tails, _mean_tail, size_reaching

chances = st.lists(st.integers(0, LEVELS).map(lambda level: level / LEVELS), max_size=12)


def exactly(answers: list[float], freed: list[float], at_least: int) -> float:
    """By convolution."""
    law = np.ones(1)
    for q in [*answers, *(1 - g for g in freed)]:  # one who is not freed, like one who answers, counts up
        law = np.convolve(law, [1 - q, q])
    outcomes = np.arange(law.size) - len(freed)
    return float(law[outcomes >= at_least].sum())


@settings(deadline=None)
@given(chances, chances, st.integers(-12, 13))
def test_the_tail_of_a_difference(answers: list[float], freed: list[float], at_least: int) -> None:
    tails = Tails(64)
    phi = tails.phi(np.array(answers).reshape(-1, 1), np.array(freed).reshape(-1, 1))
    found = float((phi @ tails.tail(at_least)).real[0])
    assert found == pytest.approx(exactly(answers, freed, at_least), abs=1e-9)


def test_between_two_tabulated_chances_the_mean_is_exact() -> None:
    tails = Tails(64)
    q = 0.3 / LEVELS  # far below the smallest one tabulated
    phi = tails.phi(np.full((20, 1), q), np.empty((0, 1)))
    at_least_one = float((phi @ tails.tail(1)).real[0])
    assert at_least_one == pytest.approx(1 - (1 - q) ** 20, rel=0.01)


def test_one_more_answer_is_one_more_factor() -> None:
    tails = Tails(64)
    two = tails.phi(np.array([[0.25], [0.5]]), np.empty((0, 1)))
    one = tails.phi(np.array([[0.25]]), np.empty((0, 1)))
    assert two == pytest.approx(one * tails.of_one(np.array([0.5])))


def test_several_horizons_at_once() -> None:
    tails = Tails(64)
    phi = tails.phi(np.array([[0.25, 0.5]]), np.empty((0, 2)))
    assert (phi @ tails.tail(1)).real == pytest.approx([0.25, 0.5])


@pytest.mark.parametrize("agents", [1, 50, 300, 1_000])
def test_a_whole_team_may_be_idle(agents: int) -> None:
    tails = Tails(size_reaching(agents, 0.0))
    assert tails.most >= agents
    certain = tails.phi(np.ones((tails.most, 1)), np.empty((0, 1)))
    assert float((certain @ tails.tail(tails.most)).real[0]) == pytest.approx(1.0)


def test_teams_of_every_size_leave_little_behind() -> None:
    """A shift of a thousand comes in one by one: each moment has tables of its own."""
    for cached in (_tails_of, _mean_tail):
        cached.cache_clear()
    tracemalloc.start()
    try:
        for free in range(1, 1_001, 4):
            tails_reaching(free, [0.0], 0.0).mean_tail(free, (0.2,) * 5)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 25e6


@settings(deadline=None)
@given(st.integers(0, 120), st.integers(0, 120), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(-5, 20))
def test_the_tables_chosen_for_a_moment_reach_far_enough(
    ringing: int, busy: int, answer_p: float, free_p: float, free: int
) -> None:
    answers, freed = np.full((ringing, 1), answer_p), np.full((busy, 1), free_p)
    expected, most = [ringing * answer_p - busy * free_p], ringing * answer_p + busy * free_p
    chosen, ample = tails_reaching(free, expected, most), Tails(2_048)
    found, right = (
        float((tails.phi(answers, freed) @ tails.tail(min(free, tails.most))).real[0]) for tails in (chosen, ample)
    )
    assert found == pytest.approx(right, rel=1e-3, abs=1e-5)  # chances between two levels are split
