"""Stretches on a register as one sequence."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lists.dnc import Span, merged

MOMENTS = st.integers(0, 30).map(float)
SPANS = st.lists(st.tuples(MOMENTS, st.one_of(st.none(), MOMENTS)), max_size=8)


def holds(spans: tuple[Span, ...] | list[Span], at: float) -> bool:
    return any(since <= at and (until is None or at < until) for since, until in spans)


@given(SPANS)
def test_the_same_moments_without_overlaps_in_order(spans: list[Span]) -> None:
    found = merged(spans)
    for half in range(64):
        assert holds(found, half / 2) == holds(spans, half / 2)
    for (_, until), (since, _) in pairwise(found):
        assert until is not None
        assert until < since
    assert all(until is None or since < until for since, until in found)


def test_one_that_goes_on_swallows_what_follows() -> None:
    assert merged([(5.0, None), (1.0, 3.0), (7.0, 9.0), (3.0, 4.0)]) == ((1.0, 4.0), (5.0, None))
    assert merged([(1.0, 9.0), (2.0, 3.0)]) == ((1.0, 9.0),)
    assert merged([(5.0, 5.0), (7.0, 6.0)]) == ()
