"""Do-not-call registers: who must not be called is not taken into a list in the first place."""

from __future__ import annotations

from collections.abc import Callable, Iterable

BlockedNumbers = Callable[[Iterable[str]], set[str]]
"""Given numbers (E.164), those of them that are on a do-not-call register."""


def first_blocked(numbers: Iterable[str], blocked: set[str]) -> str | None:
    """The first of a lead's numbers that is on a register.

    One is enough to keep the whole lead out: it is a person who asked not to be called, not a line. (At the
    moment of dialing each number is checked again on its own.)
    """
    return next((number for number in numbers if number in blocked), None)
