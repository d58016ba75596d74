"""What a ring time ahead looks like: who will have answered by then, who will be free."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dialer.pacing.durations import CumulativeHazard
from dialer.pacing.ring_times import EDGES, STEP_S, steps

Floats = npt.NDArray[np.float64]

_NODES, _SHARES = np.polynomial.legendre.leggauss(5)
_QUANTILES: Floats = (_NODES + 1.0) / 2.0
_WEIGHTS: tuple[float, ...] = tuple((_SHARES / 2.0).tolist())
"""Moments at which a call launched now may answer: quantiles of its ring time, and what each stands for (Gauss's
rule, which needs fewer than moments that are equally likely)."""
_NONE = 1e-12
"""Calls of an age that nothing is known of are not answered."""
_TALK_AGES: Floats = np.concatenate(([0.0], np.geomspace(2.0, 7_200.0, 47)))
_WRAP_AGES: Floats = np.concatenate(([0.0], np.geomspace(1.0, 1_800.0, 31)))


class Outlook:
    """Tables by age, for a while: what is learned changes more slowly than calls do.

    `made_at`: seconds. `horizons_s`: when a call launched now answers, if it does; `weights`: what each stands
    for, 1 together. `means_s`: of the time to an
    answer, of a talk, of a wrap-up."""

    def __init__(
        self,
        made_at: float,
        rings: tuple[Floats, Floats],
        talks: CumulativeHazard,
        wraps: CumulativeHazard,
        grace_s: float,
    ) -> None:
        self.made_at = made_at
        answered, unanswered = rings
        self.means_s = float((1.0 - answered).sum()) * STEP_S - STEP_S / 2, talks.mean_s, wraps.mean_s
        edges = EDGES
        self.horizons_s = np.interp(_QUANTILES, answered, edges)
        self.weights = _WEIGHTS
        # Of each step's middle: F(a + h) - F(a), 1 - F(a) and S(a).
        middles = edges[:-1] + STEP_S / 2
        by_now = np.interp(middles, edges, answered)
        by_then = np.interp(middles[:, None] + self.horizons_s[None, :], edges, answered)
        open_ = 1.0 - by_now
        self._gained = (by_then - by_now[:, None]) / np.maximum(open_, _NONE)[:, None]
        self._odds = (np.interp(middles, edges, unanswered) + _NONE) / np.maximum(open_, _NONE * _NONE)
        self.gained_at_launch = np.interp(self.horizons_s, edges, answered)
        within_s = self.horizons_s + grace_s
        self._free = np.concatenate(
            (_talk_and_wrap(talks, wraps, within_s), wraps.ends_within(_WRAP_AGES, within_s))
        )

    def odds_of_silence(self, ringing_s: Floats) -> Floats:
        """Of each ringing call: how many times likelier one that nobody answers still rings at its age than one
        that somebody does."""
        return self._odds[steps(ringing_s)]

    def answers(self, ringing_s: Floats, odds_of_silence: Floats, p: float | Floats) -> Floats:
        """Probability that each ringing call (a row) has been answered by each horizon (a column)."""
        q = 1.0 / (1.0 + odds_of_silence * ((1.0 - p) / p))
        answers: Floats = self._gained[steps(ringing_s)] * q[:, None]
        return answers

    def freed(self, talking_s: Floats, wrapping_s: Floats, leaving_s: Sequence[float]) -> Floats:
        """Probability that each busy agent has become free for another contact within the grace after each
        horizon."""
        talking = np.searchsorted(_TALK_AGES, talking_s, side="right") - 1
        wrapping = np.searchsorted(_WRAP_AGES, wrapping_s, side="right") + (_TALK_AGES.size - 1)
        free: Floats = self._free[np.concatenate((talking, wrapping))]
        if leaving_s and free.size:
            # Which of them is not known; that so many of them do not come back is.
            stays = np.ones(self.horizons_s.size)
            leaving = np.array(leaving_s)
            gone = (leaving[:, None] <= self.horizons_s[None, :]).sum(axis=0)
            stays -= np.minimum(gone / free.shape[0], 1.0)
            free = free * stays[None, :]
        return free


def _talk_and_wrap(talks: CumulativeHazard, wraps: CumulativeHazard, within_s: Floats) -> Floats:
    """Probability that a talk of each age ends, and its wrap-up after it, within each of `within_s`."""
    step = 1.0
    ends = np.arange(0.0, float(within_s[-1]) + step, step)
    survived = np.exp(talks(_TALK_AGES)[:, None] - talks(_TALK_AGES[:, None] + ends[None, :]))
    ending = survived[:, :-1] - survived[:, 1:]
    left_s = within_s[None, :] - (ends[:-1] + step / 2)[:, None]
    wrapped = np.where(left_s > 0.0, -np.expm1(-wraps(np.maximum(left_s, 0.0).ravel())).reshape(left_s.shape), 0.0)
    return ending @ wrapped
