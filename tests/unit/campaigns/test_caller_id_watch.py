from __future__ import annotations

from dataclasses import replace
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.caller_id_watch import ALPHA, LEAST_CALLS, CallerIdWatch, fisher_less
from tests.contract.storage_values import record_for, save_attempt

RECORD = replace(record_for(save_attempt(1, 1, "+442079460001")), stage="alerted")


def watched(*counts: tuple[str, int, int]) -> CallerIdWatch:
    """Caller ids, each with its calls and how many of them were answered."""
    watch = CallerIdWatch()
    for caller_id, calls, answered in counts:
        for n in range(calls):
            stage = "answered" if n < answered else "alerted"
            watch.add(replace(RECORD, caller_id=caller_id, stage=stage))
    return watch


def test_one_that_is_answered_far_less_is_found() -> None:
    (worse,) = watched(("+1", 200, 60), ("+2", 200, 64), ("+3", 200, 20)).worse()
    assert (worse.caller_id, worse.calls, worse.rate) == ("+3", 200, 0.1)
    assert worse.others == pytest.approx(0.31)
    assert worse.p < ALPHA / 3


@pytest.mark.parametrize(
    "counts",
    [
        [("+1", 200, 60), ("+2", 200, 50)],  # may be chance
        [("+1", 200, 60), ("+2", LEAST_CALLS - 1, 0)],  # too few calls
        [("+1", LEAST_CALLS - 1, 40), ("+2", 200, 0)],  # nothing to compare with
        [("+1", 20_000, 6_000), ("+2", 20_000, 5_500)],  # significant, and small
        [("+1", 500, 0)],
    ],
)
def test_what_may_be_chance_or_does_not_matter_is_not_told(counts: list[tuple[str, int, int]]) -> None:
    assert list(watched(*counts).worse()) == []


def test_faults_of_the_route_and_calls_that_never_left_say_nothing() -> None:
    watch = watched(("+1", 200, 60))
    for _ in range(200):
        watch.add(replace(RECORD, caller_id="+2", charged=False))
        watch.add(replace(RECORD, caller_id="+2", dialed_at=None))
    assert list(watch.worse()) == []


def test_campaigns_are_judged_apart() -> None:
    watch = watched(("+1", 200, 60))
    for _ in range(200):
        watch.add(replace(RECORD, caller_id="+2", campaign="another"))
    assert list(watch.worse()) == []


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_the_chance_is_that_of_the_hypergeometric_distribution(a: int, b: int, c: int, d: int) -> None:
    n, other, marked = a + b, c + d, a + c
    ways = sum(
        comb(marked, k) * comb(n + other - marked, n - k) for k in range(a + 1) if 0 <= n - k <= n + other - marked
    )
    assert fisher_less(a, n, c, other) == pytest.approx(ways / comb(n + other, n), rel=1e-9)
