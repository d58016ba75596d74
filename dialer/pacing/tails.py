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
from math import ceil

import numpy as np
import numpy.typing as npt

LEVELS = 48
Floats = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

_SMALLEST = 64
_PER_AGENT, _AT_LEAST = 0.8, 24


class Tails:
    """Tails for teams of up to `agents`. The distribution is held modulo a power of two that is larger than
    anything likely: `most` more answers than agents who become free, or half as far the other way."""

    def __init__(self, agents: int) -> None:
        size = _SMALLEST
        while size < _PER_AGENT * agents + _AT_LEAST:
            size *= 2
        self.most = size - size // 3 - 8
        self._size = size
        self._turns = np.exp(1j * np.arange(size // 2 + 1) * (2 * np.pi / size)) - 1.0
        q = np.arange(LEVELS + 1)[:, None] / LEVELS
        # Of an even chance it is 0 at half a turn, which has no logarithm; a hair beside it nobody sees.
        log_phi = np.log(1.0 + q * self._turns + 1e-12)
        self._real = np.ascontiguousarray(log_phi.real)
        self._imag = np.ascontiguousarray(log_phi.imag)

    def log_phi(self, answers: Floats, freed: Floats) -> Complex:
        """Logarithm of the characteristic function of (answers - freed), a row a horizon. Both hold a row an event
        and a column a horizon: its probability by then."""
        more, less = _levels(answers, freed)
        real = (more + less) @ self._real
        imag = (more - less) @ self._imag
        log_phi: Complex = real + 1j * imag
        return log_phi

    def of_one(self, q: Floats) -> Complex:
        """The characteristic function of one more answer with these probabilities, a row a horizon."""
        one: Complex = 1.0 + q[:, None] * self._turns
        return one

    def tail(self, at_least: int) -> Complex:
        """What to multiply characteristic functions by, and take the real part of, for the probability that the
        difference is `at_least` so much."""
        return _tail(self._size, at_least)

    def mean_tail(self, at_least: int, rows: int) -> Complex:
        """The same for the mean over so many rows, by `np.vdot`."""
        return _mean_tail(self._size, at_least, rows)


def agents_reaching(up: float, down: float) -> int:
    """For how many agents tails are to be made so that they hold `up` more answers than agents who become free,
    with some to spare, and `down` more of these."""
    return max(0, ceil((max(1.5 * up + 36.0, 3.0 * down) - _AT_LEAST) / _PER_AGENT))


@lru_cache(maxsize=1024)
def _tail(size: int, at_least: int) -> Complex:
    highest = size - size // 3
    lowest = max(at_least, highest - size)
    frequencies = np.arange(1, size // 2 + 1) * (2 * np.pi / size)
    doubled = np.full(size // 2 + 1, 2.0)
    doubled[0] = doubled[-1] = 1.0  # the others stand for their mirror images too
    ends = np.exp(-1j * frequencies * lowest) - np.exp(-1j * frequencies * highest)
    sums = np.concatenate(([highest - lowest], ends / (1.0 - np.exp(-1j * frequencies))))  # of a geometric series
    weights: Complex = (doubled / size).astype(np.complex128) * sums
    return weights


@lru_cache(maxsize=1024)
def _mean_tail(size: int, at_least: int, rows: int) -> Complex:
    weights = _tail(size, at_least).conj() / rows
    return np.ascontiguousarray(np.broadcast_to(weights, (rows, weights.size)))


def _levels(answers: Floats, freed: Floats) -> tuple[Floats, Floats]:
    """Of each, how many events of each horizon have each tabulated probability: an event between two counts for
    both in part."""
    horizons = answers.shape[1]
    width = LEVELS + 1
    scaled = np.minimum(np.concatenate((answers, freed)), 1.0) * LEVELS
    lower = np.minimum(scaled.astype(np.intp), LEVELS - 1)
    upper_share = (scaled - lower).ravel()
    places = lower + np.arange(horizons) * width
    places[answers.shape[0] :] += horizons * width
    flat = places.ravel()
    size = 2 * horizons * width
    counted = np.zeros(size)
    counted += np.bincount(flat, 1.0 - upper_share, size)
    counted += np.bincount(flat + 1, upper_share, size)
    more, less = counted.reshape(2, horizons, width)
    return more, less
