"""The share of calls that bring somebody to speak with, while it changes."""

from __future__ import annotations

import heapq
import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HALF_LIVES = (60.0, 200.0, 600.0, 2_000.0)
"""In calls. Who forgets fast is right after a change, who forgets slowly when there was none."""
_KEEP = tuple(0.5 ** (1 / calls) for calls in HALF_LIVES)
_SWITCH = 0.003  # chance, at each call, that another of them has become the better one
_LEAST = 1e-3


class AnswerRate:
    """Several averages that forget at different speeds, weighed by how well each foretold the calls so far
    (Herbster and Warmuth 1998, "Tracking the best expert": fixed share).

    `prior`: what is assumed before any call, worth `prior_calls`. Too high a prior is the careful one."""

    def __init__(self, prior: float = 0.6, prior_calls: float = 4.0) -> None:
        learners = len(HALF_LIVES)
        self._answered = [prior * prior_calls] * learners
        self._resolved = [prior_calls] * learners
        self._weight = [1 / learners] * learners
        self._p = [prior] * learners
        self._decided: list[tuple[float, bool]] = []  # a heap: launched, answered
        self._persons = self._machines = 0

    def resolved(self, launched_at: float, *, answered: bool) -> None:
        """One call is over, or has been answered by a person, or by something that may be one."""
        heapq.heappush(self._decided, (launched_at, answered))
        self._persons += answered

    def not_a_person(self) -> None:
        """One that counted as answered was a machine."""
        self._machines += 1

    def settle(self, before: float) -> None:
        """Calls launched before that moment are all decided: they may be learned from, in the order of their
        launch. In the order of their ends those that nobody answers come last of their time, and every pause looks
        like a bad one."""
        while self._decided and self._decided[0][0] < before:
            _, answered = heapq.heappop(self._decided)
            self._persons -= answered
            if answered and self._machines:
                self._machines -= 1
                answered = False
            self._learn(answered=answered)

    def _learn(self, *, answered: bool) -> None:
        foretold = []
        for place, keep in enumerate(_KEEP):
            p = min(max(self._answered[place] / self._resolved[place], _LEAST), 1 - _LEAST)
            foretold.append(self._weight[place] * (p if answered else 1 - p))
            self._answered[place] = self._answered[place] * keep + answered
            self._resolved[place] = self._resolved[place] * keep + 1.0
        share = (1 - _SWITCH) / sum(foretold)
        self._weight = [share * one + _SWITCH / len(foretold) for one in foretold]

    def estimate(self, odds_of_silence: Floats) -> tuple[float, float]:
        """The rate and its standard error.

        Of each call that rings: how many times likelier one that nobody answers still rings at its age than one
        that somebody does. Quick failures are over before slow answers, and would make every beginning look bad:
        what rings is evidence too, by as much as it is (the likelihood's maximum, and its curvature)."""
        still_answered = max(0, self._persons - self._machines)
        still_decided = len(self._decided) + odds_of_silence.size
        # From those of the last time one of Newton's steps is enough.
        q = 1.0 / (1.0 + np.multiply.outer([(1 - p) / p for p in self._p], odds_of_silence))
        expected, squares = q.sum(axis=1).tolist(), np.einsum("ij,ij->i", q, q).tolist()
        mean = second = error = 0.0
        for place, p in enumerate(self._p):
            calls = self._resolved[place] + still_decided
            slope = max(calls - (expected[place] - squares[place]) / (p * (1 - p)), 1.0)
            p -= (p * calls - self._answered[place] - still_answered - expected[place]) / slope
            self._p[place] = p = min(max(p, _LEAST), 1 - _LEAST)
            mean += self._weight[place] * p
            second += self._weight[place] * p * p
            error += self._weight[place] * p * (1 - p) / slope
        return mean, math.sqrt(error + max(second - mean * mean, 0.0))
