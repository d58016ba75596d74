"""How long calls ring until they are answered, or until it is clear that they will not be."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STEP_S = 0.5
LONGEST_S = 90.0
"""Calls that ring for longer are taken for such that have rung for so long."""
_STEPS = int(LONGEST_S / STEP_S)
EDGES: Floats = np.linspace(0.0, LONGEST_S, _STEPS + 1)
_PRIOR_CALLS = 8.0
_PRIOR_ANSWERED = 0.5


class RingTimes:
    """Times from launch to answer, and from launch to the end of calls that nobody answers.

    Answers and ends without one compete for each call, and calls that still ring have escaped both so far: each
    step of the ring time has the rate of both among the calls that got there (Aalen and Johansen 1978), so that
    early ends do not pass for all there is. Forgotten by halves with every `half_life` calls. Before any has been
    seen: answers around 12 s, a fifth of the others failing at once, the rest ringing for half a minute."""

    def __init__(self, half_life: float) -> None:
        self._growth = 2.0 ** (1 / half_life)
        self._weight = 1.0  # of a call that ends now: grows, instead of all the others' shrinking
        self._answered, self._unanswered = np.zeros(_STEPS), np.zeros(_STEPS)
        answered = _PRIOR_ANSWERED * np.diff([_lognormal_cdf(edge, 11.0, 0.6) for edge in EDGES])
        unanswered = np.zeros(_STEPS)
        unanswered[_step(2.0) : _step(5.0)] = 0.2 / 6
        unanswered[_step(22.0) : _step(32.0)] = 0.8 / 20
        self._prior = (_PRIOR_CALLS * answered, _PRIOR_CALLS * (1 - _PRIOR_ANSWERED) * unanswered)

    def answered(self, after_s: float) -> None:
        self._count(self._answered, after_s)

    def unanswered(self, after_s: float) -> None:
        self._count(self._unanswered, after_s)

    def _count(self, ends: Floats, after_s: float) -> None:
        self._weight *= self._growth
        ends[_step(after_s)] += self._weight
        if self._weight > 1e9:
            self._answered /= self._weight
            self._unanswered /= self._weight
            self._weight = 1.0

    def laws(self, ringing_s: Floats) -> tuple[Floats, Floats]:
        """F and S at `EDGES`, with the calls that have rung for `ringing_s` as evidence: which share of the
        answered calls has been answered by then, and which of those that nobody answers still rings."""
        answered = self._answered / self._weight + self._prior[0]
        unanswered = self._unanswered / self._weight + self._prior[1]
        still = np.bincount(steps(ringing_s), minlength=_STEPS)
        ended = answered + unanswered
        at_risk = np.cumsum((ended + still)[::-1])[::-1] - still + 1e-9
        surviving = np.concatenate(([1.0], np.cumprod(1.0 - np.minimum(ended / at_risk, 1.0))))[:-1]
        by_answer = np.cumsum(surviving * answered / at_risk)
        otherwise = np.cumsum(surviving * unanswered / at_risk)
        zero = np.zeros(1)
        return (
            np.concatenate((zero, by_answer / by_answer[-1])),
            1.0 - np.concatenate((zero, otherwise / otherwise[-1])),
        )


def steps(seconds: Floats) -> npt.NDArray[np.intp]:
    """The step that each moment lies in."""
    return np.minimum((seconds * (1 / STEP_S)).astype(np.intp), _STEPS - 1)


def _step(seconds: float) -> int:
    return min(int(seconds / STEP_S), _STEPS - 1)


def _lognormal_cdf(x: float, median: float, sigma: float) -> float:
    return 0.5 * math.erfc(-math.log(x / median) / (sigma * math.sqrt(2))) if x > 0.0 else 0.0
