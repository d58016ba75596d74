from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_trunk.draws import Draws, normal_pair


@given(seed=st.integers(-(2**127), 2**127 - 1), name=st.text(max_size=20), nth=st.integers(0, 10**6))
def test_draws_are_inside_the_open_interval_and_repeatable(seed: int, name: str, nth: int) -> None:
    eight = Draws(seed, b"call").eight(name, nth)
    assert all(0.0 < draw < 1.0 for draw in eight)
    assert Draws(seed, b"call").eight(name, nth) == eight


def test_draws_do_not_change_between_versions() -> None:
    """Runs are compared over months by their seed, so the numbers themselves are part of the promise."""
    assert Draws(7, b"call").eight("+442079460000", 1)[0] == 0.268119172419404


def test_seed_purpose_name_and_count_all_matter() -> None:
    base = Draws(7, b"call").eight("+442079460000", 1)
    others = [
        Draws(8, b"call").eight("+442079460000", 1),
        Draws(-7, b"call").eight("+442079460000", 1),
        Draws(7, b"number").eight("+442079460000", 1),
        Draws(7, b"call").eight("+442079460001", 1),
        Draws(7, b"call").eight("+442079460000", 2),
    ]
    assert len({base, *others}) == 6


def test_asking_in_another_order_changes_nothing() -> None:
    draws = Draws(3, b"call")
    forward = [draws.eight(f"+4420794600{n:02d}", 1) for n in range(20)]
    backward = [draws.eight(f"+4420794600{n:02d}", 1) for n in reversed(range(20))]
    assert forward == backward[::-1]


def test_uniform_draws_are_uniform() -> None:
    draws = Draws(11, b"call")
    sample = [draws.eight(f"+4930{n:07d}", 1) for n in range(4_000)]
    for column in zip(*sample, strict=True):
        ordered = sorted(column)
        assert max(abs(value - (n + 0.5) / 4_000) for n, value in enumerate(ordered)) < 0.03  # Kolmogorov-Smirnov
    neighbours = [a[0] * b[0] for a, b in pairwise(sample)]
    assert sum(neighbours) / len(neighbours) == pytest.approx(0.25, abs=0.02)


def test_normal_deviates_have_mean_zero_and_variance_one() -> None:
    draws = Draws(5, b"call")
    values: list[float] = []
    for n in range(4_000):
        eight = draws.eight(str(n), 1)
        values += normal_pair(eight[0], eight[1])
    mean = sum(values) / len(values)
    assert mean == pytest.approx(0.0, abs=0.05)
    assert math.fsum((v - mean) ** 2 for v in values) / len(values) == pytest.approx(1.0, abs=0.05)
