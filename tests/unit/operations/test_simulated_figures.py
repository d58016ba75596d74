from __future__ import annotations

import random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.errors import InputError
from dialer.operations.find_agents import MOST_AGENTS, find_agents
from dialer.operations.simulated_figures import (
    FIGURES,
    Goal,
    Spread,
    differences_of,
    figures_of,
    parse_goal,
    spread_of,
    spreads_of,
)


def test_a_mean_comes_with_the_interval_of_students_t() -> None:
    # Worked by hand: mean 4, s = 1, n = 3, t(2) = 4.303, half = 4.303 / sqrt(3).
    found = spread_of([3.0, 4.0, 5.0])
    assert (found.mean, found.low, found.high) == pytest.approx((4.0, 4.0 - 2.4843, 4.0 + 2.4843), abs=1e-3)
    assert spread_of([7.0]) == Spread(7.0, None, None)
    assert spread_of([7.0]).as_dict() == {"mean": 7.0, "low": None, "high": None}


@pytest.mark.parametrize("runs", [2, 5, 30, 60])
def test_the_interval_holds_the_truth_in_95_of_100_cases(runs: int) -> None:
    draws = random.Random(runs)
    held = 0
    for _ in range(2_000):
        found = spread_of([draws.gauss(10.0, 3.0) for _ in range(runs)])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 10.0 <= found.high
    assert 0.935 <= held / 2_000 <= 0.965


def test_differences_are_taken_run_by_run() -> None:
    ours = [dict.fromkeys(FIGURES, 10.0), dict.fromkeys(FIGURES, 30.0)]
    theirs = [dict.fromkeys(FIGURES, 11.0), dict.fromkeys(FIGURES, 31.0)]
    assert differences_of(ours, theirs)["rpc"] == Spread(1.0, 1.0, 1.0)
    assert spreads_of(ours)["rpc"].mean == 20.0


def test_figures_of_a_summary() -> None:
    summary = {"rpc": 12, "busy_share": 0.5, "leads": {"penetration": 0.25, "final": 9}}
    found = figures_of(summary, 8.0)
    assert tuple(found) == FIGURES
    assert (found["rpc_per_hour"], found["busy_share"], found["penetration"], found["final"]) == (
        1.5,
        0.5,
        0.25,
        9,
    )


def test_goals_as_typed() -> None:
    assert parse_goal("rpc_per_hour=12") == Goal("rpc_per_hour", 12.0)
    assert parse_goal("busy_share = 0.8").rises is False
    for wrong in ("rpc", "fun=3", "rpc=", "rpc=nan", "rpc=-1", "rpc=0", "abandonment_rate=0.1"):
        with pytest.raises(InputError, match="--goal"):
            parse_goal(wrong)


@given(st.floats(0.1, 700.0), st.integers(1, 40))
def test_the_fewest_agents_that_reach_a_rising_goal(at_least: float, first: int) -> None:
    needed = find_agents(Goal("rpc", at_least), lambda agents: Spread(float(agents), None, None), first)
    fewest = next((agents for agents in range(1, MOST_AGENTS + 1) if agents >= at_least), None)
    assert needed.agents == fewest
    assert len(needed.tried) <= 20


@given(st.floats(0.001, 1.5), st.integers(1, 40))
def test_the_most_agents_that_keep_a_falling_one(at_least: float, first: int) -> None:
    needed = find_agents(Goal("busy_share", at_least), lambda agents: Spread(1.0 / agents, None, None), first)
    kept = [agents for agents in range(1, MOST_AGENTS + 1) if 1.0 / agents >= at_least]
    assert needed.agents == (max(kept) if kept else None)


def test_what_was_tried_is_told() -> None:
    tried: list[int] = []

    def come_to(agents: int) -> Spread:
        tried.append(agents)
        return Spread(2.0 * agents, None, None)

    needed = find_agents(Goal("rpc", 13.0), come_to, 3)
    assert needed.agents == 7
    assert sorted(tried) == [agents for agents, _ in needed.tried]
    assert len(tried) == len(set(tried))
    assert needed.as_dict()["goal"] == {"figure": "rpc", "at_least": 13.0}
    assert mean(spread.mean for _, spread in needed.tried) > 0
