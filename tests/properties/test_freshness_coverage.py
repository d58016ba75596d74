"""90 % intervals hold the truth about nine times in ten. `python -m tests.bench freshness` counts more of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.freshness_coverage import WORLDS, World, held


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_intervals_hold_the_truth(world: World) -> None:
    alone = len(world.sizes) == 1
    found = held(world if alone else replace(world, sizes=(100, 300, 600)), range(12 if alone else 4))
    together = sum(found.values()) / len(found)
    assert together >= 0.7, found  # of so few, correlated, nine in ten is not to be had to the last
    assert min(found.values()) >= 0.5, found
