"""What standings say of a hazard: the terms of its likelihood.

A call at age t tells only that a number was dead by then, or was not yet: current-status data (Sun, The
Statistical Analysis of Interval-censored Failure Time Data, 2006, ch. 5). A number that worked at t adds S(t), and
one that was gone by t, and not at an earlier l (0 if nobody looked), S(l) - S(t).

A number that no call has told anything of, in k of them from age s to age t, may work, S(t) u, may have been dead
when the first was made, (1 - S(s)) v, or have died meanwhile, S(s) - S(t): u and v are the chances that so many
calls tell nothing of a number that works, and of a dead one (`silence`). So it counts as what it is, no
verification. To leave it out would overstate the dead: they say so at the first call, people answer every third.
One that says only after k silent calls that it is dead was dead from s on and kept silent, or has died since. (The
living are seen later than the dead, who tell at once: to take both at their last call alone would turn old numbers
into young ones.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from lists.freshness.silence import contact
from lists.freshness.standing import MOST_CALLS, WEEK_D, Standing, State, days
from lists.value import value

Floats = npt.NDArray[np.float64]

_Interval = tuple[float, float]
_Silence = tuple[float, float, int]
_LEAST = 1e-300


@value
class Evidence:
    """Of one unit (a source). `low`, `high`, `count`: numbers that went between these ages (days; infinite: they
    work yet). `late`: those that told that they are dead after silent calls, and `silent`: those that told
    nothing: age at the first call and the last, number of silent calls, count (one row each). `shown`: numbers of
    which the first call, the second … was the first to show that they work."""

    low: Floats
    high: Floats
    count: Floats
    late: Floats
    silent: Floats
    shown: Floats

    @property
    def told(self) -> float:
        """Numbers of which calls have told something."""
        return float(self.count.sum())

    @property
    def ages(self) -> tuple[Floats, Floats]:
        """At which something was learnt, and how often."""
        return np.where(np.isinf(self.high), self.low, self.high), self.count


def log_likelihood(unit: Evidence, log_hazards: Floats, shapes: Floats, at_d: float, untold: float) -> Floats:
    """Of each shape (a row) and log cumulative hazard at age `at_d` (a column). `untold`: chance that a call to a
    dead number does not say so."""
    return np.array([_of_shape(unit, np.exp(log_hazards), shape, at_d, untold) for shape in shapes])


def _of_shape(unit: Evidence, hazards: Floats, shape: float, at_d: float, untold: float) -> Floats:
    def survive(ages: Floats) -> Floats:
        found: Floats = np.exp(-hazards[:, None] * ((ages / at_d) ** shape)[None, :])
        return found

    went = survive(unit.low) - survive(unit.high)
    result: Floats = np.log(np.maximum(went, _LEAST)) @ unit.count
    if unit.silent.size or unit.late.size:
        result = result + _of_silence(unit, survive, untold)
    return result


def _of_silence(unit: Evidence, survive: Callable[[Floats], Floats], untold: float) -> Floats:
    first, last = survive(unit.silent[:, 0]), survive(unit.silent[:, 1])
    calls, count = unit.silent[:, 2].astype(int), unit.silent[:, 3]
    works = last @ count / max(count.sum(), 1.0)
    quiet, at_call = contact(unit.shown, np.bincount(calls, count, MOST_CALLS + 1).astype(float), works, untold)
    died = _died_between(quiet, untold)
    dead = untold ** np.arange(MOST_CALLS + 1)
    of_silent = last * quiet[:, calls] + (1 - first) * dead[calls] + (first - last) * untold * died[:, calls - 1]
    before, after = survive(unit.late[:, 0]), survive(unit.late[:, 1])
    calls = unit.late[:, 2].astype(int)
    of_late = (1 - before) * dead[calls] + (before - after) * died[:, calls]
    result: Floats = (
        np.log(np.maximum(of_silent, _LEAST)) @ count
        + np.log(np.maximum(at_call, _LEAST)) @ unit.shown
        + np.log(np.maximum(of_late, _LEAST)) @ unit.late[:, 3]
    )
    return result


def _died_between(quiet: Floats, untold: float) -> Floats:
    """The chance that, of k + 1 calls evenly apart, those before the last tell nothing of a number that dies
    between the first and the last: columns from k = 0, where there is no between."""
    found, silent = [np.zeros(len(quiet))], np.zeros(len(quiet))
    for calls in range(1, MOST_CALLS + 1):
        silent = silent * untold + quiet[:, calls]
        found.append(silent / calls)
    return np.stack(found, axis=1)


def of_dying(standings: Iterable[Standing]) -> Evidence:
    """About numbers that die. Whoever answers, a number that is answered is not dead."""
    went: Counter[_Interval] = Counter()
    late: Counter[_Silence] = Counter()
    silent: Counter[_Silence] = Counter()
    shown = np.zeros(MOST_CALLS)
    for one in standings:
        if one.first_w is None or one.called_w is None:
            continue
        calls = min(one.silent, MOST_CALLS)
        if one.state is State.UNREACHED:
            silent[days(one.first_w), days(one.called_w), calls] += one.count
        elif one.state.dead and one.gone_w is not None:
            if one.worked_w is None and calls:
                late[days(one.first_w), days(one.gone_w), calls] += one.count
            else:
                went[_between(one.worked_w, one.gone_w)] += one.count
        elif one.worked_w is not None:
            went[days(one.worked_w), np.inf] += one.count
        if one.worked_w is not None:
            shown[min(calls, MOST_CALLS - 1)] += one.count
    return _evidence(went, late, silent, shown)


def of_passing_on(standings: Iterable[Standing]) -> Evidence:
    """About numbers that work and have come to other people. Only those of which a call has told whose they
    are."""
    went: Counter[_Interval] = Counter()
    for one in standings:
        if one.state is State.WRONG_PERSON and one.gone_w is not None:
            went[_between(one.ours_w, one.gone_w)] += one.count
        elif one.ours_w is not None:
            went[days(one.ours_w), np.inf] += one.count
    return _evidence(went, Counter(), Counter(), np.zeros(MOST_CALLS))


def _between(last_w: int | None, gone_w: int) -> _Interval:
    if last_w is None:
        return 0.0, days(gone_w)
    early = 0.0 if last_w < gone_w else WEEK_D / 2  # in one week: as far apart as that allows
    return days(last_w) - early, days(max(last_w, gone_w)) + early


def _evidence(
    went: Counter[_Interval], late: Counter[_Silence], silent: Counter[_Silence], shown: Floats
) -> Evidence:
    intervals = np.array([(*key, went[key]) for key in sorted(went)], dtype=float).reshape(-1, 3)
    low, high, count = intervals.T
    return Evidence(low, high, count, _rows(late), _rows(silent), shown)


def _rows(counted: Counter[_Silence]) -> Floats:
    return np.array([(*key, counted[key]) for key in sorted(counted)], dtype=float).reshape(-1, 4)
