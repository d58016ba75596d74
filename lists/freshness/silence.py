"""What it means that calls tell nothing of a number.

u: the chance that k calls to a number that works do not show it. It differs from source to source, and from call
to call (who was not reached thrice is hard to reach), so nothing is assumed of it: it is what suits a source's own
numbers best. v: the chance that k calls to a dead number do not say so: the power of one chance, the same for all,
since networks make the difference and not sellers. It shows in dead numbers that said so late; where numbers are
called once nobody can know, and the prior speaks.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from lists.freshness.standing import MOST_CALLS, Standing, State

Floats = npt.NDArray[np.float64]

POINTS = 5
_UNTOLD = np.linspace(0.005, 0.895, 90)
_DEAD = np.linspace(0.005, 0.995, 100)
_PRIOR = (1.0, 4.0)
"""A beta distribution: as if of five dead numbers four had said so at the first call."""
_MEANWHILE_W = 4
_ROUNDS = 8
_LEAST = 1e-300


def contact(shown: Floats, silent: Floats, works: Floats, untold: Floats | float) -> tuple[Floats, Floats]:
    """Where a share `works` (any shape) of the numbers works: the chance that the first k calls tell nothing of
    one that does, k from 0 on the last axis, and the chance that it shows at the call after them.

    `shown`: numbers that showed at the first call, the second …; `silent`: numbers of which k calls told nothing,
    and
    no more were made, from k = 0. The chances are the likeliest (EM: each silent number works as likely as it
    must)."""
    calls = np.arange(MOST_CALLS + 1)
    share = np.asarray(works)[..., None]
    dead = (1 - share) * np.asarray(untold)[..., None] ** calls
    later = np.cumsum(shown[::-1])[::-1]  # showed at this call or after it
    quiet = np.ones(dead.shape)
    for _ in range(_ROUNDS):
        waiting = silent * (share * quiet / np.maximum(share * quiet + dead, _LEAST))
        at_risk = later + np.cumsum(waiting[..., ::-1], axis=-1)[..., ::-1][..., 1:]
        shows = np.minimum(shown / np.maximum(at_risk, _LEAST), 1 - 1e-9)
        quiet = np.concatenate((np.ones((*share.shape[:-1], 1)), np.cumprod(1 - shows, axis=-1)), axis=-1)
        if not silent.any():
            break
    return quiet, quiet[..., :-1] * shows


def untold_points(units: Iterable[Iterable[Standing]]) -> Floats:
    """The chance that a call to a dead number does not say so: `POINTS` values, as likely as each other."""
    log = (_PRIOR[0] - 1) * np.log(_UNTOLD) + (_PRIOR[1] - 1) * np.log(1 - _UNTOLD)
    for standings in units:
        log = log + _profile(standings)
    cumulated = np.cumsum(np.exp(log - log.max()))
    at = (np.arange(POINTS) + 0.5) / POINTS
    points: Floats = np.interp(at, cumulated / cumulated[-1], _UNTOLD)
    return points


def _profile(standings: Iterable[Standing]) -> Floats:
    """One unit's log likelihood at each of `_UNTOLD`, at the share of dead numbers that suits each best."""
    shown, silent = np.zeros(MOST_CALLS), np.zeros(MOST_CALLS + 1)
    dead = late = 0
    for one in standings:
        calls = min(one.silent, MOST_CALLS)
        if one.state is State.UNREACHED:
            silent[calls] += one.count
        elif one.state.dead and one.worked_w is None:
            if (one.gone_w or 0) - (one.first_w or 0) <= _MEANWHILE_W:  # else it may have died between the calls
                dead, late = dead + one.count, late + calls * one.count
        elif one.state is not State.UNCALLED:
            shown[min(calls, MOST_CALLS - 1)] += one.count
    if not dead:
        return np.zeros(len(_UNTOLD))
    works, untold = np.broadcast_arrays(1 - _DEAD[None, :], _UNTOLD[:, None])
    quiet, at_call = contact(shown, silent, works, untold)
    of_silent = works[..., None] * quiet + (1 - works[..., None]) * untold[..., None] ** np.arange(MOST_CALLS + 1)
    log = (
        dead * (np.log(1 - works) + np.log(1 - untold))
        + late * np.log(untold)
        + shown.sum() * np.log(works)
        + np.log(np.maximum(at_call, _LEAST)) @ shown
        + np.log(np.maximum(of_silent, _LEAST)) @ silent
    )
    best: Floats = log.max(1)
    return best
