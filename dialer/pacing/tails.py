"""How likely it is that more people answer than agents are free: tails of differences of independent events.

Answers and agents who become free are independent events, each with its own probability. Their difference has no
simple law, but a simple characteristic function: the product of those of its events. Its logarithm is tabulated
once for `LEVELS` probabilities, between which an event is split so that its mean is exact (tails between 0.5 and
50 % are right to about a hundredth of themselves); a sum of logarithms and one inner product are then the tail
(Hong 2013, "On computing the distribution function for the Poisson binomial distribution", computes it the same
way). Nothing is approximated by a normal, whatever the size of the team.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

LEVELS = 48
Floats = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

_WIDTH = LEVELS + 1
_MOST = 1.0 - 1e-12
"""Certainty has a level, but none above it."""
_SMALLEST, _SPARE = 32, 12


class Tails:
    """Tails of differences between `most` more answers than agents who become free, and as many the other way.
    The distribution is held modulo `size`, an even number: what lies beyond must not be likely."""

    def __init__(self, size: int) -> None:
        self.most = size - size // 2 - _SPARE // 2
        self._size = size
        self._turns = np.exp(1j * np.arange(size // 2 + 1) * (2 * np.pi / size)) - 1.0
        q = np.arange(LEVELS + 1)[:, None] / LEVELS
        # Of an even chance it is 0 at half a turn, which has no logarithm; a hair beside it nobody sees.
        log_phi = np.log(1.0 + q * self._turns + 1e-12)
        self._log_phi = np.concatenate((log_phi, log_phi.conj())).view(np.float64)

    def phi(self, answers: Floats, freed: Floats) -> Complex:
        """The characteristic function of (answers - freed), a row a horizon. Both hold a row an event and a column
        a horizon: its probability by then."""
        log_phi: Complex = (_levels(answers, freed) @ self._log_phi).view(np.complex128)
        return np.exp(log_phi, out=log_phi)

    def of_one(self, q: Floats) -> Complex:
        """The characteristic function of one more answer with these probabilities, a row a horizon."""
        one: Complex = 1.0 + q[:, None] * self._turns
        return one

    def tail(self, at_least: int) -> Complex:
        """What to multiply characteristic functions by, and take the real part of, for the probability that the
        difference is `at_least` so much."""
        return _tail(self._size, at_least)

    def mean_tail(self, at_least: int, weights: tuple[float, ...]) -> Complex:
        """The same for the mean over rows with these weights, by `np.vdot`."""
        return _mean_tail(self._size, at_least, weights)


def size_reaching(up: float, down: float) -> int:
    """For tails that hold `up` more answers than agents who become free, with some to spare, and `down` more of
    these: one of few sizes, so that many decisions share their tables."""
    needed = 2.0 * max(up + _SPARE, down)
    size = _SMALLEST
    while size < needed:
        size *= 2
    return size * 3 // 4 if size > _SMALLEST and needed <= size * 3 // 4 else size


def _tail(size: int, at_least: int) -> Complex:
    highest = size - size // 2
    lowest = max(at_least, highest - size)
    frequencies = np.arange(1, size // 2 + 1) * (2 * np.pi / size)
    doubled = np.full(size // 2 + 1, 2.0)
    doubled[0] = doubled[-1] = 1.0  # the others stand for their mirror images too
    ends = np.exp(-1j * frequencies * lowest) - np.exp(-1j * frequencies * highest)
    sums = np.concatenate(([highest - lowest], ends / (1.0 - np.exp(-1j * frequencies))))  # of a geometric series
    weights: Complex = (doubled / size).astype(np.complex128) * sums
    return weights


@lru_cache(maxsize=64)
def _mean_tail(size: int, at_least: int, weights: tuple[float, ...]) -> Complex:
    rows: Complex = np.array(weights)[:, None] * _tail(size, at_least).conj()
    return rows


def _levels(answers: Floats, freed: Floats) -> Floats:
    """How many events of each horizon (a row) have each tabulated probability (a column; answers', then the freed
    ones'): one between two counts for both in part."""
    horizons = answers.shape[1]
    starts = _starts(horizons)
    scaled = np.minimum(np.concatenate((answers, freed)), _MOST) * LEVELS
    lower = scaled.astype(np.intp)
    scaled -= lower  # that share of it counts for the upper one
    lower[: answers.shape[0]] += starts
    lower[answers.shape[0] :] += starts + _WIDTH
    places = lower.ravel()
    counted = np.bincount(places, minlength=2 * horizons * _WIDTH).astype(np.float64)
    upper = np.bincount(places, scaled.ravel(), counted.size)
    counted -= upper
    counted[1:] += upper[:-1]
    return counted.reshape(horizons, 2 * _WIDTH)


@lru_cache
def _starts(horizons: int) -> npt.NDArray[np.intp]:
    return np.arange(0, 2 * horizons * _WIDTH, 2 * _WIDTH)
