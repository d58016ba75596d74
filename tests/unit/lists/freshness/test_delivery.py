"""A delivery beside its seller's others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lists.freshness.delivery import Comparison, Hazard, Score, compare
from lists.freshness.standing import Standing
from tests.synthetic_lists import Calling, Law, called_list


def delivery(name: str, law: Law, count: int, seed: int, age_d: float = 200.0) -> list[Standing]:
    random = np.random.default_rng(seed)
    standings = called_list("seller", law, age_d + random.uniform(0, 20, count), random, Calling())
    return [replace(one, list_name=name) for one in standings]


OTHERS = [one for place in range(3) for one in delivery(f"d{place}", Law(700), 400, place, 100.0 + 60 * place)]


def dead(*standings: Standing) -> Comparison:
    found, _ = compare("new", "seller", [*standings, *OTHERS])
    assert found.hazard is Hazard.DEAD
    return found


@pytest.mark.parametrize(
    ("law", "score"), [(Law(700), Score.AS_USUAL), (Law(150), Score.WORSE), (Law(20_000), Score.BETTER)]
)
def test_three_hundred_calls_tell(law: Law, score: Score) -> None:
    found = dead(*delivery("new", law, 300, 9))
    assert found.score is score
    assert found.others == 3


def test_the_usual_share_is_that_of_its_age() -> None:
    young, old = (dead(*delivery("new", Law(700), 300, 9, age_d)).usual for age_d in (30.0, 600.0))
    assert young is not None
    assert old is not None
    assert young.high < old.low


def test_strangers_are_compared_apart() -> None:
    _, found = compare("new", "seller", [*delivery("new", Law(700, passing_d=120), 400, 9), *OTHERS])
    assert (found.hazard, found.score) == (Hazard.WRONG_PERSON, Score.WORSE)


def test_few_calls_and_no_other_delivery() -> None:
    assert dead(*delivery("new", Law(150), 12, 9)).score is Score.TOO_EARLY
    alone, _ = compare("new", "seller", delivery("new", Law(150), 300, 9))
    assert (alone.score, alone.usual) == (Score.NOTHING_TO_COMPARE, None)
    foreign = [replace(one, source="another") for one in OTHERS]
    alone, _ = compare("new", "seller", [*delivery("new", Law(150), 300, 9), *foreign])
    assert alone.score is Score.NOTHING_TO_COMPARE
