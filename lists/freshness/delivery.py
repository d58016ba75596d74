"""A delivery (a list of one source) held against the seller's others, as soon as some hundred calls were made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from lists.freshness.decay import estimate_decay
from lists.freshness.evidence import of_dying, of_passing_on
from lists.freshness.outlook import Estimate, estimate
from lists.freshness.share import Share
from lists.freshness.silence import untold_points
from lists.freshness.standing import Standing, State, days
from lists.value import value

Floats = npt.NDArray[np.float64]

_ITSELF = "\x00itself"


class Score(StrEnum):
    WORSE = "worse"
    AS_USUAL = "as_usual"
    BETTER = "better"
    TOO_EARLY = "too_early"  # fewer than `share.FEW` numbers of it have told anything
    NOTHING_TO_COMPARE = "nothing_to_compare"


class Hazard(StrEnum):
    DEAD = "dead"
    WRONG_PERSON = "wrong_person"


@value
class Comparison:
    """`found`: dead numbers of those called, or those of somebody else of those of which calls told whose they
    are. `usual`: what the share would be at the same ages in one more delivery like the others, of which there are
    `others`; None without any."""

    hazard: Hazard
    found: Share
    usual: Estimate | None
    others: int
    score: Score


def compare(list_name: str, source: str, standings: Sequence[Standing]) -> tuple[Comparison, Comparison]:
    """`standings`: of all the client's lists. What is usual allows for how far the other deliveries differ among
    themselves: one of a seller whose lists are all alike stands out sooner."""
    mine = [one for one in standings if one.source == source and one.list_name == list_name]
    others: defaultdict[str, list[Standing]] = defaultdict(list)
    for one in standings:
        if one.source == source and one.list_name != list_name and one.called_w is not None:
            others[one.list_name].append(one)
    dead, strangers = dead_of(mine), strangers_of(mine)
    return (
        _scored(Hazard.DEAD, dead, len(others), lambda: _usually_dead(mine, others)),
        _scored(Hazard.WRONG_PERSON, strangers, len(others), lambda: _usually_strangers(mine, others)),
    )


def dead_of(standings: Iterable[Standing]) -> Share:
    """The dead, of all numbers called."""
    called = [one for one in standings if one.called_w is not None]
    return Share(sum(one.count for one in called if one.state.dead), sum(one.count for one in called))


def strangers_of(standings: Iterable[Standing]) -> Share:
    """Those of other people, of the numbers of which calls have told whose they are."""
    strange = sum(one.count for one in standings if one.state is State.WRONG_PERSON)
    return Share(strange, strange + sum(one.count for one in standings if one.state is State.CONFIRMED))


def _scored(hazard: Hazard, found: Share, others: int, usual_of: Callable[[], Floats]) -> Comparison:
    if not found.enough:
        return Comparison(hazard, found, None, others, Score.TOO_EARLY)
    if not others:
        return Comparison(hazard, found, None, others, Score.NOTHING_TO_COMPARE)
    expected = usual_of()
    chance = np.random.default_rng(1).standard_normal(len(expected))
    usual = estimate(np.clip(expected + chance * np.sqrt(expected * (1 - expected) / found.of), 0.0, 1.0))
    share = found.found / found.of
    score = Score.WORSE if share > usual.high else Score.BETTER if share < usual.low else Score.AS_USUAL
    return Comparison(hazard, found, usual, others, score)


def _usually_dead(mine: Sequence[Standing], others: Mapping[str, Sequence[Standing]]) -> Floats:
    untold = float(np.median(untold_points(others.values())))
    units = {name: of_dying(standings) for name, standings in others.items()}
    law = estimate_decay({**units, _ITSELF: of_dying(())}, [untold])
    looked: Counter[tuple[float, int]] = Counter()
    for one in mine:
        if one.called_w is None:
            continue
        last_w = one.gone_w if one.state.dead else one.worked_w
        calls = one.silent + (last_w is not None)
        looked[days(one.called_w if last_w is None else last_w), calls] += one.count
    ages, calls_made = np.array(list(looked)).T
    tells = 1 - untold**calls_made
    return _averaged((1 - law.alive(_ITSELF, ages)) * tells, list(looked.values()))


def _usually_strangers(mine: Sequence[Standing], others: Mapping[str, Sequence[Standing]]) -> Floats:
    units = {name: of_passing_on(standings) for name, standings in others.items()}
    law = estimate_decay({**units, _ITSELF: of_passing_on(())})
    asked: Counter[float] = Counter()
    for one in mine:
        if one.state is State.WRONG_PERSON and one.gone_w is not None:
            asked[days(one.gone_w)] += one.count
        elif one.state is State.CONFIRMED and one.ours_w is not None:
            asked[days(one.ours_w)] += one.count
    return _averaged(1 - law.alive(_ITSELF, np.array(list(asked))), list(asked.values()))


def _averaged(chances: Floats, weights: Sequence[int]) -> Floats:
    mean: Floats = chances @ np.array(weights, dtype=float) / sum(weights)
    return mean
