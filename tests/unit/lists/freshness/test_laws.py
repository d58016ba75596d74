"""The laws of all sources together."""

from __future__ import annotations

import numpy as np

from lists.freshness.laws import laws_of


def test_without_any_call_as_many_are_lost_in_a_year_as_others_have_published() -> None:
    """20 to 30 %, for either reason."""
    lost = 1 - laws_of({"new": ()}).alive("new", np.array([365.0]))
    low, middle, high = np.quantile(lost, (0.05, 0.5, 0.95))
    assert 0.2 < middle < 0.3
    assert low < 0.1
    assert high > 0.7
