"""The share of calls that bring somebody to speak with, while it changes."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HALF_LIVES = (60.0, 200.0, 600.0, 2_000.0)
"""In calls. Who forgets fast is right after a change, who forgets slowly when there was none."""
_SWITCH = 0.003  # chance, at each call, that another of them has become the better one
_LEAST = 1e-3


class AnswerRate:
    """Several averages that forget at different speeds, weighed by how well each foretold the calls so far
    (Herbster and Warmuth 1998, "Tracking the best expert": fixed share).

    `prior`: what is assumed before any call, worth `prior_calls`. Too high a prior is the careful one."""

    def __init__(self, prior: float = 0.6, prior_calls: float = 4.0) -> None:
        learners = len(HALF_LIVES)
        self._keep = 0.5 ** (1 / np.array(HALF_LIVES))
        self._answered = np.full(learners, prior * prior_calls)
        self._resolved = np.full(learners, prior_calls)
        self._weight = np.full(learners, 1 / learners)
        self._p = np.full(learners, prior)
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
        p = np.minimum(np.maximum(self._answered / self._resolved, _LEAST), 1 - _LEAST)
        foretold = self._weight * (p if answered else 1 - p)
        self._weight = (1 - _SWITCH) / foretold.sum() * foretold + _SWITCH / foretold.size
        self._answered = self._answered * self._keep + answered
        self._resolved = self._resolved * self._keep + 1.0

    def estimate(self, still_answered: Floats, still_silent: Floats) -> tuple[float, float]:
        """The rate and its standard error.

        Of each call that rings: the share of the answered ones that would not have been by its age, and of the
        others that would still ring. Quick failures are over before slow answers, and would make every beginning
        look bad: what rings is evidence too, by as much as it is (the likelihood's maximum, and its curvature)."""
        answered = self._answered + max(0, self._persons - self._machines)
        calls = self._resolved + len(self._decided) + still_answered.size
        p = self._p  # of the last time: one of Newton's steps is enough from there
        answers = still_answered[:, None] * p
        q = answers / (answers + still_silent[:, None] * (1 - p) + 1e-12)
        slope = np.maximum(calls - (q * (1 - q)).sum(axis=0) / (p * (1 - p)), 1.0)
        p = p - (p * calls - answered - q.sum(axis=0)) / slope
        self._p = p = np.minimum(np.maximum(p, _LEAST), 1 - _LEAST)
        mean = float(self._weight @ p)
        variance = float(self._weight @ (p * (1 - p) / slope + (p - mean) ** 2))
        return mean, variance**0.5
