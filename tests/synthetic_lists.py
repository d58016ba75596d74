"""Lists whose numbers die and change hands by laws that are known, called as a campaign calls them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lists.freshness.standing import WEEK_D, Standing, State


@dataclass(frozen=True, slots=True)
class Law:
    """Half-life in days, and shape, of numbers that die and of those that come to other people."""

    dying_d: float
    passing_d: float = 4_000.0
    shape: float = 1.0

    def alive(self, age_d: float) -> float:
        return float(np.exp(-np.log(2) * (age_d / self.dying_d) ** self.shape))


@dataclass(frozen=True, slots=True)
class Calling:
    """Up to `calls` calls to each number, `spread_d` days apart. `shows`, `alike`: mean and a + b of the chances
    that a call shows that a number works; `ours`: that who answers says whose number it is; `tells`: that a dead
    number says so."""

    calls: int = 4
    apart_d: float = 3.0
    shows: float = 0.4
    alike: float = 3.0
    ours: float = 0.5
    tells: float = 0.85


USUAL = Calling()


def called_list(
    source: str, law: Law, ages_d: Iterable[float], random: np.random.Generator, how: Calling = USUAL
) -> list[Standing]:
    """One number for each age, at the first call."""
    found: Counter[Standing] = Counter()
    ages_d = list(ages_d)
    count = len(ages_d)
    dies = law.dying_d * (random.exponential(size=count) / np.log(2)) ** (1 / law.shape)
    passes = law.passing_d * random.exponential(size=count) / np.log(2)
    chance = random.beta(how.shows * how.alike, (1 - how.shows) * how.alike, count)
    for age, dying, passing, shows in zip(ages_d, dies, passes, chance, strict=True):
        found[_called(source, age, dying, passing, shows, random, how)] += 1
    return [
        Standing(
            list_name=source, source=source, region="US", field=0, state=one.state, age_w=one.age_w,
            worked_w=one.worked_w, ours_w=one.ours_w, gone_w=one.gone_w, first_w=one.first_w,
            called_w=one.called_w, silent=one.silent, count=many,
        )
        for one, many in found.items()
    ]  # fmt: skip


def _called(
    source: str, age: float, dying: float, passing: float, shows: float, random: np.random.Generator, how: Calling
) -> Standing:
    state, worked, ours, gone, silent, week = State.UNREACHED, None, None, None, 0, 0
    for call in range(how.calls):
        at = age + call * how.apart_d
        week = int(at // WEEK_D)
        if dying <= at:
            if random.random() < how.tells:
                state, gone = State.INVALID, week
                break
        elif random.random() < shows:
            worked = week
            state = State.UNKNOWN if state is State.UNREACHED else state
            if random.random() < how.ours:
                if passing <= at:
                    state, gone = State.WRONG_PERSON, week
                else:
                    state, ours = State.CONFIRMED, week
                break
        if worked is None:
            silent += 1
    return Standing(
        list_name=source, source=source, region="US", field=0, state=state, age_w=week, worked_w=worked,
        ours_w=ours, gone_w=gone, first_w=int(age // WEEK_D), called_w=week, silent=silent,
    )  # fmt: skip
