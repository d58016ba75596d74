"""What is known of the numbers of a list, counted by what they have in common."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from enum import StrEnum

from lists.freshness.share import Share
from lists.freshness.standing import WEEK_D, Standing, State
from lists.value import value


class By(StrEnum):
    LIST = "list"
    SOURCE = "source"
    REGION = "region"
    FIELD = "field"
    AGE = "age"


_BANDS_D = (30, 90, 180, 365, 730, 1_460)
"""Ages, in days, at which a band ends."""


@value
class Tally:
    """`states`: numbers by state. Shares are of the numbers called."""

    states: tuple[tuple[State, int], ...]

    @property
    def numbers(self) -> int:
        return sum(count for _, count in self.states)

    @property
    def called(self) -> int:
        return self.numbers - dict(self.states).get(State.UNCALLED, 0)

    def of(self, *states: State) -> Share:
        return Share(sum(count for state, count in self.states if state in states), self.called)

    def as_dict(self) -> dict[str, object]:
        return {
            "numbers": self.numbers,
            "called": self.called,
            "confirmed_alive": self.of(State.CONFIRMED).as_dict(),
            "dead": {
                **self.of(State.INVALID, State.CHANGED).as_dict(),
                "invalid": self.of(State.INVALID).found,
                "changed": self.of(State.CHANGED).found,
            },
            "wrong_person": self.of(State.WRONG_PERSON).as_dict(),
            "never_reached": self.of(State.UNREACHED).as_dict(),
            "unknown": self.of(State.UNKNOWN).as_dict(),
            "not_called": self.numbers - self.called,
        }


def tally(standings: Iterable[Standing]) -> Tally:
    counts: Counter[State] = Counter()
    for one in standings:
        counts[one.state] += one.count
    return Tally(tuple((state, counts[state]) for state in State if counts[state]))


def tallies(standings: Iterable[Standing], by: By) -> dict[str, Tally]:
    """By that, in its order (bands of age: the youngest first)."""
    found: defaultdict[tuple[int, str], list[Standing]] = defaultdict(list)
    for one in standings:
        found[_KEYS[by](one)].append(one)
    return {key: tally(members) for (_, key), members in sorted(found.items())}


def _band(one: Standing) -> tuple[int, str]:
    """By the age at which the number was last known: as it is today where nobody has called."""
    week = next(
        (week for week in (one.gone_w, one.worked_w, one.called_w) if week is not None),
        one.age_w,
    )
    age = (week + 0.5) * WEEK_D
    place = sum(age >= end for end in _BANDS_D)
    low = (0, *_BANDS_D)[place]
    return place, f"{low} to {_BANDS_D[place]} days" if place < len(_BANDS_D) else f"{low} days and more"


_KEYS: dict[By, Callable[[Standing], tuple[int, str]]] = {
    By.LIST: lambda one: (0, one.list_name),
    By.SOURCE: lambda one: (0, one.source),
    By.REGION: lambda one: (0, one.region),
    By.FIELD: lambda one: (one.field, "phone" if one.field == 0 else f"phone{one.field + 1}"),
    By.AGE: _band,
}
