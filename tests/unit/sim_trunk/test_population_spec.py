from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from sim_trunk.population_spec import FLAT_DAY, Answering, Duration


@pytest.mark.parametrize(("mean_s", "cv"), [(150.0, 1.0), (11.5, 0.55), (25.0, 0.8)])
def test_a_duration_has_its_mean_and_variation(mean_s: float, cv: float) -> None:
    normal = NormalDist()
    duration = Duration(mean_s, cv)
    values = [duration.at(normal.inv_cdf((n + 0.5) / 100_000)) for n in range(100_000)]
    mean = math.fsum(values) / len(values)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))
    assert mean == pytest.approx(mean_s, rel=0.005)
    assert deviation / mean == pytest.approx(cv, rel=0.03)


@pytest.mark.parametrize(("mean_s", "cv"), [(3.0, 0.0), (0.0, 0.0), (0.0, 1.0)])
def test_without_variation_it_is_always_the_mean(mean_s: float, cv: float) -> None:
    assert [Duration(mean_s, cv).at(z) for z in (-8.0, 0.0, 8.0)] == [mean_s] * 3


def test_hours_matter_only_when_a_table_says_so() -> None:
    assert Answering(0.3, 0.5).is_flat
    assert not Answering(0.3, 0.5, odds_by_hour_weekend=(0.5, *FLAT_DAY[1:])).is_flat
