"""When a verdict is needed, as values."""

from __future__ import annotations

import math
from dataclasses import dataclass

LONGEST_HOLD_S = 1.8
"""A person who is held longer hears nobody for two seconds, which counts as abandoned (47 CFR 64.1200(a)(7))."""


@dataclass(frozen=True, slots=True)
class Off:
    """Nobody asks: unsure at once, which is a person. Beeps and other signals are told all the same."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The contact is held until the verdict, at most `decide_by_s` seconds from the answer (above 0, at most 1.8);
    then it is unsure. Raises `ValueError` beyond that."""

    decide_by_s: float = LONGEST_HOLD_S

    def __post_init__(self) -> None:
        if not 0.0 < self.decide_by_s <= LONGEST_HOLD_S:
            raise ValueError(f"decide_by_s {self.decide_by_s}: choose seconds above 0, at most {LONGEST_HOLD_S}")


@dataclass(frozen=True, slots=True)
class Advise:
    """The agent is joined already, and the verdict only advises: it may come late, up to `give_up_s` seconds from
    the answer (above 0)."""

    give_up_s: float = 20.0

    def __post_init__(self) -> None:
        if not 0.0 < self.give_up_s < math.inf:
            raise ValueError(f"give_up_s {self.give_up_s}: choose seconds above 0")


Policy = Off | Hold | Advise


def decide_by_s(policy: Policy) -> float:
    """When it is unsure at the latest, in seconds since the answer."""
    match policy:
        case Off():
            return 0.0
        case Hold():
            return policy.decide_by_s
        case Advise():
            return policy.give_up_s
