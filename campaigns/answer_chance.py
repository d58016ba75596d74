"""How likely one call is to be answered, or to reach the person sought, by what is known before it is placed.

A probit regression over traits, learned call by call: each weight is a normal law of its own, which every result
narrows, and moves as far as it was surprising (Graepel, Candela, Borchert and Herbrich 2010, "Web-scale Bayesian
click-through rate prediction"). What has seldom been seen stays near 0 and says nothing.

How many answer at all changes within the day, so the level is learned at several speeds, once for the traits and
once without them. All of these foretell each call before its result is known, and those that have foretold better
are believed more (Herbster and Warmuth 1998, "Tracking the best expert"): traits which tell nothing do no harm.

Pure and deterministic: the same calls in the same order give the same chances.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from statistics import NormalDist

Traits = tuple[Hashable, ...]

HALF_LIVES = (60.0, 200.0, 600.0, 2_000.0)
"""In calls: how fast levels are forgotten."""
_PRIOR_VARIANCE = 0.15
"""Of a weight before anything is known of its trait: few do more than double the odds."""
_LEVEL_VARIANCE = 1.0
_FORGOTTEN = 1 / 4_000
"""Share of what is known of a trait that one more call with it takes away: habits change slowly."""
_SWITCH = 0.003  # chance, at each call, that another level has become the better one
_LEAST, _MOST = 1e-3, 1.0 - 1e-3
_ROOT_2, _ROOT_2_PI = math.sqrt(2.0), math.sqrt(2.0 * math.pi)


class _Normal:
    """A normal law that goes back to what it was at first as far as it is forgotten."""

    __slots__ = ("first_mean", "first_variance", "forgotten", "mean", "variance")

    def __init__(self, mean: float, variance: float, forgotten: float) -> None:
        self.mean = self.first_mean = mean
        self.variance = self.first_variance = variance
        self.forgotten = forgotten

    def move(self, sign: float, spread: float, surprise: float, narrowing: float) -> None:
        """By the result of one call, in which it had its part."""
        share = self.variance / spread
        mean = self.mean + sign * share * surprise
        variance = self.variance * (1.0 - min(share / spread * narrowing, 0.999))
        kept = (1.0 - self.forgotten) / variance
        back = self.forgotten / self.first_variance
        self.variance = 1.0 / (kept + back)
        self.mean = (kept * mean + back * self.first_mean) * self.variance


class AnswerChance:
    """Learns from results, foretells the next. `usual`: what is assumed of every call before any was placed.
    `calls`: how many it has learned from."""

    def __init__(self, usual: float = 0.3) -> None:
        level = NormalDist().inv_cdf(usual) * math.sqrt(1.0 + _LEVEL_VARIANCE)
        self.calls = 0
        self._traits: dict[Hashable, _Normal] = {}
        forgotten = [1.0 - 0.5 ** (1.0 / half_life) for half_life in HALF_LIVES]
        self._with_traits = [_Normal(level, _LEVEL_VARIANCE, share) for share in forgotten]
        self._alone = [_Normal(level, _LEVEL_VARIANCE, share) for share in forgotten]
        self._foretold_alone = _chances(self._alone, 0.0, 0.0)  # of every call until the next result
        self._trust = [0.5 / len(HALF_LIVES)] * (2 * len(HALF_LIVES))

    @property
    def trust(self) -> float:
        """How far traits are believed: 0, the levels alone foretell better, to 1."""
        return sum(self._trust[: len(HALF_LIVES)])

    def of(self, traits: Traits) -> float:
        """The chance of a call with these traits, 0.001–0.999."""
        known = [weight for trait in traits if (weight := self._traits.get(trait)) is not None]
        mean, variance = _sum(known)
        variance += _PRIOR_VARIANCE * (len(traits) - len(known))
        return sum([trust * p for trust, p in zip(self._trust, self._foretold(mean, variance), strict=True)])

    def learn(self, traits: Traits, *, happened: bool) -> None:
        """What a call with these traits came to."""
        self.calls += 1
        weights = [self._traits.get(trait) or self._new(trait) for trait in traits]
        mean, variance = _sum(weights)
        foretold = zip(self._trust, self._foretold(mean, variance), strict=True)
        right = [trust * (p if happened else 1.0 - p) for trust, p in foretold]
        keep, floor = (1.0 - _SWITCH) / sum(right), _SWITCH / len(right)
        self._trust = [keep * share + floor for share in right]
        sign = 1.0 if happened else -1.0
        # The traits move with the level that is believed most: theirs is to tell apart what it does not explain.
        leading = max(range(len(HALF_LIVES)), key=self._trust.__getitem__)
        for place, level in enumerate(self._with_traits):
            moved = [level, *weights] if place == leading else [level]
            _move(moved, sign, mean + level.mean, variance + level.variance)
        for level in self._alone:
            _move([level], sign, level.mean, level.variance)
        self._foretold_alone = _chances(self._alone, 0.0, 0.0)

    def _new(self, trait: Hashable) -> _Normal:
        weight = self._traits[trait] = _Normal(0.0, _PRIOR_VARIANCE, _FORGOTTEN)
        return weight

    def _foretold(self, mean: float, variance: float) -> list[float]:
        """By each level beside traits whose sum has this mean and variance, then by each alone."""
        return _chances(self._with_traits, mean, variance) + self._foretold_alone


def _sum(weights: list[_Normal]) -> tuple[float, float]:
    return sum([weight.mean for weight in weights]), sum([weight.variance for weight in weights])


def _chances(levels: list[_Normal], mean: float, variance: float) -> list[float]:
    found = []
    for level in levels:
        spread = math.sqrt(1.0 + (variance + level.variance))
        p = 0.5 * math.erfc(-(mean + level.mean) / spread / _ROOT_2)
        found.append(min(max(p, _LEAST), _MOST))
    return found


def _move(weights: list[_Normal], sign: float, mean: float, variance: float) -> None:
    """The posterior of each of the weights whose sum has this mean and variance, by moments."""
    spread = math.sqrt(1.0 + variance)
    t = sign * mean / spread
    surprise = math.exp(-0.5 * t * t) / _ROOT_2_PI / max(0.5 * math.erfc(-t / _ROOT_2), 1e-12)
    narrowing = surprise * (surprise + t)
    for weight in weights:
        weight.move(sign, spread, surprise, narrowing)
