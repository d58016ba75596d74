"""How long talks and wrap-ups last, learned from those that end and from those that have not ended yet."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_EDGES: Floats = np.concatenate(([0.0, 1.0, 2.0, 3.0, 4.5, 6.5, 9.0], np.geomspace(12.0, 7_200.0, 27)))
_WIDTHS = np.diff(_EDGES)
_PRIOR_ENDS = 0.4  # of each stretch: so much is the mean that was assumed worth


class Durations:
    """The hazard of one kind of duration: how likely it ends within the next second, by how long it has lasted.

    A step function over stretches that widen with the duration; each learns from the ends and the time at risk
    that fell into it, and forgets by halves with every `half_life` ends. `mean_s`: what is assumed before anything
    has been seen."""

    def __init__(self, mean_s: float, half_life: float) -> None:
        self._decay = 0.5 ** (1 / half_life)
        stretches = _EDGES.size - 1
        self._ends = np.zeros(stretches)
        self._at_risk = np.zeros(stretches)
        self._weight = 1.0  # of an end seen now: grows, instead of all the others' shrinking
        self._prior_at_risk = _PRIOR_ENDS * mean_s

    def ended(self, after_s: float) -> None:
        """One has ended, after so many seconds."""
        self._weight /= self._decay
        if self._weight > 1e9:
            self._ends /= self._weight
            self._at_risk /= self._weight
            self._weight = 1.0
        last = min(int(np.searchsorted(_EDGES, after_s, side="right")) - 1, self._ends.size - 1)
        self._ends[last] += self._weight
        self._at_risk[:last] += self._weight * _WIDTHS[:last]
        self._at_risk[last] += self._weight * min(after_s - _EDGES[last], _WIDTHS[last])

    def cumulative(self, running_s: Floats) -> CumulativeHazard:
        """What is known now, with those that have lasted `running_s` and go on as evidence."""
        at_risk = self._at_risk / self._weight + _exposure(running_s) + self._prior_at_risk
        hazard = (self._ends / self._weight + _PRIOR_ENDS) / at_risk
        return CumulativeHazard(np.concatenate(([0.0], np.cumsum(hazard * _WIDTHS))))


class CumulativeHazard:
    """A duration's law, by its cumulative hazard."""

    def __init__(self, at_edges: Floats) -> None:
        self._at_edges = at_edges

    def __call__(self, seconds: Floats) -> Floats:
        """The integral of the hazard from 0 to each of `seconds`."""
        return np.interp(seconds, _EDGES, self._at_edges)

    @property
    def mean_s(self) -> float:
        """Its mean, of what ends within two hours."""
        hazards = np.diff(self._at_edges)
        return float((np.exp(-self._at_edges[:-1]) * _WIDTHS * -np.expm1(-hazards) / hazards).sum())

    def ends_within(self, age_s: Floats, horizon_s: Floats) -> Floats:
        """Probability that what has lasted `age_s` (a row each) ends within `horizon_s` (a column each) more."""
        passed = self(age_s)[:, None]
        return -np.expm1(passed - self(age_s[:, None] + horizon_s[None, :]))


def _exposure(lasted_s: Floats) -> Floats:
    """Seconds that durations of these lengths spent in each stretch, together."""
    if not lasted_s.size:
        return np.zeros(_EDGES.size - 1)
    within: Floats = np.clip(lasted_s[:, None] - _EDGES[None, :-1], 0.0, _WIDTHS[None, :]).sum(axis=0)
    return within
