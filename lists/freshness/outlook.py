"""What a list is worth today and later: its numbers' chances, from what is known of each and from the laws of its
sources. A number is alive while it works and is of whom it should be."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np
import numpy.typing as npt

from lists.freshness.decay import Decay
from lists.freshness.silence import contact
from lists.freshness.standing import MOST_CALLS, Standing, State, days
from lists.value import value

Floats = npt.NDArray[np.float64]

HORIZON_D = 3_650
"""As far as dates are told, in days: beyond it a law that was seen for a year says nothing."""
_EVERY = 4
"""Dates are found from so many fewer draws."""
_LEAST = 1e-12
_STEPS = np.concatenate((np.arange(0.0, 120.0, 10.0), np.geomspace(120.0, HORIZON_D, 48)))


@value
class Estimate:
    """The median of what is believed, and an interval that holds `share.LEVEL` of it."""

    middle: float
    low: float
    high: float

    def as_dict(self, digits: int = 4) -> dict[str, float]:
        return {
            "estimate": round(self.middle, digits),
            "low": round(self.low, digits),
            "high": round(self.high, digits),
        }


@value
class Due:
    """Days from today at which a share comes down to a threshold; None: not within `HORIZON_D`, 0: it has
    already."""

    middle: float | None
    low: float | None
    high: float | None


@value
class Laws:
    """How numbers die and how they pass on to other people, by source; and the chance that a call to a dead number
    does not say so."""

    dying: Decay
    passing: Decay
    untold: float

    def alive(self, source: str, ages_d: Floats) -> Floats:
        """Chance that a number of the source is alive at these ages: one row a draw."""
        both: Floats = self.dying.alive(source, ages_d) * self.passing.alive(source, ages_d)
        return both

    def life(self, source: str, share: float) -> Estimate:
        """The age in days at which this share (0-1) of the source's numbers is alive."""
        ages = np.geomspace(1.0, 100_000.0, 400)
        return estimate(
            np.exp(np.minimum(crossing(self.alive(source, ages), np.log(ages), share), np.log(ages[-1])))
        )


def estimate(drawn: Floats) -> Estimate:
    low, middle, high = np.quantile(drawn, (0.05, 0.5, 0.95))
    return Estimate(float(middle), float(low), float(high))


class Outlook:
    """The standings of a list, seen forward.

    A number's chance to be alive later is the law's at its age then, times what calls have shown of it; numbers of
    one age differ in the second alone, which is summed up beforehand, draw by draw."""

    def __init__(self, standings: Sequence[Standing], laws: Laws) -> None:
        self._laws = laws
        self._quiet = _quiet(standings, laws)
        living: Counter[_Alike] = Counter()
        for one in standings:
            if not one.state.gone:
                living[_alike(one)] += one.count
        draws = len(laws.dying.shape)
        self._known: defaultdict[tuple[str, int], Floats] = defaultdict(lambda: np.zeros((2, draws)))
        """Of each source and age: the sum of what is known of its numbers, and the sum of its squares."""
        worked, was_ours = (cache(partial(_alive_then, law)) for law in (laws.dying, laws.passing))
        for alike, count in living.items():
            known = self._shown(alike, worked, was_ours)
            self._known[alike.source, alike.age_w] += count * np.stack((known, known**2))
        self.numbers = sum(one.count for one in standings)

    def alive_in(self, later_d: Sequence[float]) -> tuple[Estimate, ...]:
        """Share of the list's numbers that will be alive so many days from now. The interval is of the share
        itself, and so has in it the chance of so many numbers."""
        mean, variance = self._shares(np.array(later_d, dtype=float))
        chance = np.random.default_rng(1).standard_normal(len(mean))
        shares = np.clip(mean + chance[:, None] * np.sqrt(variance), 0.0, 1.0)
        return tuple(estimate(drawn) for drawn in shares.T)

    def due(self, *thresholds: float) -> tuple[Due, ...]:
        """When the share alive comes down to each threshold (0-1)."""
        mean, _ = self._shares(_STEPS, _EVERY)
        return tuple(_due(np.sort(crossing(mean, _STEPS, threshold))) for threshold in thresholds)

    def _shares(self, later_d: Floats, every: int = 1) -> tuple[Floats, Floats]:
        """Mean and variance of the share alive at these moments: one row for each of `every` draws."""
        rows = len(self._laws.dying.shape[::every])
        mean, squares = np.zeros((rows, len(later_d))), np.zeros((rows, len(later_d)))
        for (source, age_w), (known, squared) in self._known.items():
            ages = days(age_w) + later_d
            law = self._laws.dying.alive(source, ages, every) * self._laws.passing.alive(source, ages, every)
            mean += law * known[::every, None]
            squares += law**2 * squared[::every, None]
        numbers = max(self.numbers, 1)
        return mean / numbers, np.maximum(mean - squares, 0.0) / numbers**2

    def _shown(self, one: _Alike, worked: _Then, was_ours: _Then) -> Floats:
        """What the chances of the law are to be multiplied by for what calls have shown: one a draw."""
        shown = np.ones(len(self._laws.dying.shape))
        if one.worked_w is not None:
            shown /= worked(one.source, one.worked_w)
        elif one.silent:
            then = worked(one.source, one.called_w or 0)
            quiet = self._quiet[one.source][one.silent]
            shown *= quiet / np.maximum(then * quiet + (1 - then) * self._laws.untold**one.silent, _LEAST)
        if one.ours_w is not None:
            shown /= was_ours(one.source, one.ours_w)
        return shown


_Then = Callable[[str, int], Floats]


def _alive_then(law: Decay, source: str, week: int) -> Floats:
    """Chance, at least `_LEAST`, that a number of the source was alive at that age: one a draw."""
    alive: Floats = np.maximum(law.alive(source, days(week))[:, 0], _LEAST)
    return alive


def _due(at: Floats) -> Due:
    middle, low, high = (float(at[int(share * (len(at) - 1))]) for share in (0.5, 0.05, 0.95))
    return Due(*(None if math.isinf(one) else one for one in (middle, low, high)))


@value
class _Alike:
    """Numbers of which the same is known, as far as the future goes."""

    source: str
    age_w: int
    worked_w: int | None
    ours_w: int | None
    called_w: int | None
    silent: int


def _alike(one: Standing) -> _Alike:
    unreached = one.state is State.UNREACHED
    return _Alike(
        one.source,
        one.age_w,
        one.worked_w,
        one.ours_w,
        one.called_w if unreached else None,
        min(one.silent, MOST_CALLS) if unreached else 0,
    )


def _quiet(standings: Sequence[Standing], laws: Laws) -> dict[str, Floats]:
    """Of each source, the chance that the first k calls tell nothing of a number that works."""
    found: dict[str, Floats] = {}
    for source in {one.source for one in standings}:
        shown, silent, ages = np.zeros(MOST_CALLS), np.zeros(MOST_CALLS + 1), Counter[float]()
        for one in standings:
            if one.source != source or one.called_w is None:
                continue
            calls = min(one.silent, MOST_CALLS)
            ages[days(one.called_w)] += one.count
            if one.state is State.UNREACHED:
                silent[calls] += one.count
            elif one.worked_w is not None:
                shown[min(calls, MOST_CALLS - 1)] += one.count
        if ages:
            works = np.average(laws.dying.alive(source, np.array(list(ages))).mean(0), weights=list(ages.values()))
            found[source] = contact(shown, silent, np.array(works), laws.untold)[0]
    return found


def crossing(shares: Floats, at: Floats, threshold: float) -> Floats:
    """Where shares that fall along their rows come down to the threshold: one a row, infinite where they do
    not."""
    below = shares <= threshold
    place = below.argmax(axis=1)
    rows = np.arange(len(shares))
    before = np.maximum(place - 1, 0)
    high, low = shares[rows, before], shares[rows, place]
    part = np.where(high > low, (high - threshold) / np.where(high > low, high - low, 1.0), 0.0)
    found = at[before] + np.clip(part, 0.0, 1.0) * (at[place] - at[before])
    return np.where(below.any(axis=1), np.where(place == 0, at[0], found), np.inf)
