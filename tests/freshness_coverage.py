"""How often the intervals of freshness hold the truth, on lists whose laws are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lists.freshness.laws import laws_of
from lists.freshness.outlook import estimate
from lists.freshness.standing import Standing, days
from tests.synthetic_lists import USUAL, Calling, Law, called_list

HORIZONS_D = (0, 30, 90, 180)


@dataclass(frozen=True, slots=True)
class World:
    """Sellers of one kind: `sizes` of the list of each, half-lives that differ by `spread` (log). Calls begin at
    an age between `ages_d`; those of one list are spread over 120 days."""

    name: str
    sizes: tuple[int, ...] = (100, 300, 1_000, 100, 300, 1_000)
    shape: float = 1.0
    how: Calling = USUAL
    spread: float = 0.4
    dying_d: float = 500.0
    passing_d: float = 1_500.0
    ages_d: tuple[float, float] = (30.0, 500.0)


WORLDS = (
    World("exponential"),
    World("Weibull 0.75", shape=0.75),
    World("Weibull 1.4", shape=1.4),
    World("one source of 400", sizes=(400,)),
    World("one call each", how=Calling(calls=1)),
    World("hard to reach, dead numbers silent", how=Calling(calls=6, shows=0.25, alike=1.0, tells=0.5)),
)


def held(world: World, seeds: Iterable[int]) -> Mapping[str, float]:
    """The share of the intervals that held the truth, by what they were of."""
    hits: defaultdict[str, list[bool]] = defaultdict(list)
    for seed in seeds:
        for what, hit in _once(world, np.random.default_rng(seed)):
            hits[what].append(hit)
    return {what: sum(each) / len(each) for what, each in hits.items()}


def _once(world: World, random: np.random.Generator) -> Iterable[tuple[str, bool]]:
    truths: dict[str, Law] = {}
    units: dict[str, list[Standing]] = {}
    for place, size in enumerate(world.sizes):
        source = f"s{place}"
        dying, passing = np.exp(random.normal(0.0, world.spread, 2))
        truths[source] = Law(world.dying_d * dying, world.passing_d * passing, world.shape)
        ages = random.uniform(*world.ages_d) + random.uniform(0, 120, size)
        units[source] = called_list(source, truths[source], ages, random, world.how)
    laws = laws_of(units)
    for source, truth in truths.items():
        now = float(np.mean([days(one.age_w) for one in units[source]]))
        for later in HORIZONS_D:
            works = estimate(laws.dying.alive(source, now + later)[:, 0])
            yield f"works in {later} days", bool(works.low <= truth.alive(now + later) <= works.high)
            ours = estimate(laws.passing.alive(source, now + later)[:, 0])
            yield f"ours in {later} days", bool(ours.low <= 0.5 ** ((now + later) / truth.passing_d) <= ours.high)
        half = estimate(laws.dying.age_at(source, 0.5))
        yield "half dead", bool(half.low <= truth.dying_d <= half.high)
