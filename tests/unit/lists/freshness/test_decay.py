"""Laws found again in lists that follow them."""

from __future__ import annotations

import numpy as np
import pytest

from lists.freshness.decay import USUAL_HALF_LIFE_D, Decay, estimate_decay
from lists.freshness.evidence import of_dying
from tests.synthetic_lists import Calling, Law, called_list

ONCE = Calling(calls=1, shows=1 - 1e-9, alike=1e6, ours=1.0, tells=1.0)


def decay_of(*laws: tuple[str, Law, float, float, int], seed: int = 5) -> Decay:
    """Sources by name: their law, the ages between which they are called, how many numbers."""
    random = np.random.default_rng(seed)
    units = {
        name: of_dying(called_list(name, law, random.uniform(low, high, count), random, ONCE))
        for name, law, low, high, count in laws
    }
    return estimate_decay({**units, "new": of_dying(())})


def test_an_exponential_is_found_again() -> None:
    found = decay_of(("a", Law(500), 30, 900, 4_000))
    assert np.median(found.age_at("a", 0.5)) == pytest.approx(500, rel=0.06)
    assert found.form == "exponential"
    assert found.told["a"] == 4_000


@pytest.mark.parametrize("shape", [0.6, 1.6])
def test_a_weibull_is_found_again(shape: float) -> None:
    found = decay_of(("a", Law(400, shape=shape), 20, 900, 4_000))
    assert np.median(found.shape) == pytest.approx(shape, rel=0.1)
    assert np.median(found.age_at("a", 0.5)) == pytest.approx(400, rel=0.06)
    assert found.form == "weibull"


def test_few_calls_leave_the_exponential() -> None:
    assert decay_of(("a", Law(400, shape=1.6), 100, 300, 40)).form == "exponential"


def test_a_small_source_is_drawn_towards_the_whole_and_a_large_one_is_not() -> None:
    def beside_others(count: int) -> tuple[float, float]:
        """The median half-life of such a source alone, and beside five that live longer."""
        odd = ("odd", Law(150), 100.0, 300.0, count)
        others = [(f"s{place}", Law(900), 100.0, 500.0, 600) for place in range(5)]
        alone, together = (np.median(decay_of(*sources).age_at("odd", 0.5)) for sources in ([odd], [odd, *others]))
        return float(alone), float(together)

    alone, together = beside_others(10)
    assert alone * 1.15 < together < 900
    alone, together = beside_others(1_000)
    assert alone == pytest.approx(together, rel=0.15)


def test_a_source_of_which_nothing_is_known_is_one_more_of_its_kind() -> None:
    found = decay_of(*((f"s{place}", Law(300), 100.0, 500.0, 500) for place in range(6)))
    low, middle, high = np.quantile(found.age_at("new", 0.5), (0.05, 0.5, 0.95))
    assert middle == pytest.approx(300, rel=0.25)
    one = np.quantile(found.age_at("s0", 0.5), (0.05, 0.95))
    assert low < one[0]
    assert one[1] < high


def test_without_any_call_the_usual_is_believed() -> None:
    found = decay_of()
    low, middle, high = np.quantile(found.age_at("new", 0.5), (0.05, 0.5, 0.95))
    assert middle == pytest.approx(USUAL_HALF_LIFE_D, rel=0.25)
    assert low < USUAL_HALF_LIFE_D / 4
    assert high > USUAL_HALF_LIFE_D * 4


def test_the_same_calls_give_the_same_figures() -> None:
    sources = ("a", Law(500), 30.0, 900.0, 200), ("b", Law(900), 30.0, 900.0, 50)
    first, second = decay_of(*sources), decay_of(*sources)
    assert first.alive("b", 100.0).tolist() == second.alive("b", 100.0).tolist()
    assert first.alive("a", 0.0).min() == 1.0
