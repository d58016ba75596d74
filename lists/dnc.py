"""Do-not-call registers: who must not be called is not taken into a list in the first place."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lists.value import value

BlockedNumbers = Callable[[Iterable[str]], set[str]]
"""Given numbers (E.164), those of them that are on a do-not-call register."""

Span = tuple[float, float | None]
"""From, until (not included); None: still going on. Seconds UTC."""

EVERY_PURPOSE = ""
"""Of an entry: calls for whatever purpose are refused. Of a question: only such entries are meant."""


@value
class DncEntry:
    """A number on a register. `client`: whose register, "" the house's, which holds for every client. `purpose`:
    for which calls it is not to be called (`campaigns.purpose.Purpose`), "" for none at all. `since`, `until`:
    seconds UTC, None while it is on the register."""

    number: str
    client: str
    purpose: str
    source: str
    since: float
    until: float | None = None

    def forbids(self, purpose: str) -> bool:
        """Whether calls for that purpose are among those that it is about."""
        return self.purpose in {EVERY_PURPOSE, purpose}

    def held_at(self, moment: float) -> bool:
        """Whether the number was on the register by it; for moments to come: will be, as things stand."""
        return self.since <= moment and (self.until is None or moment < self.until)


@value
class PersonRefused:
    """Somebody who has refused as a person (`Lead.party`), whatever numbers they have or get. The rest as in
    `DncEntry`."""

    person: str
    client: str
    purpose: str
    source: str
    since: float
    until: float | None = None


def first_blocked(numbers: Iterable[str], blocked: set[str]) -> str | None:
    """The first of a lead's numbers that is on a register.

    One is enough to keep the whole lead out: it is a person who asked not to be called, not a line. (At the
    moment of dialing each number is checked again on its own.)
    """
    return next((number for number in numbers if number in blocked), None)


def blocked_since(entries: Iterable[DncEntry], purpose: str = EVERY_PURPOSE) -> dict[str, float]:
    """Since when each number may not be called for the purpose; those that may are left out."""
    found: dict[str, float] = {}
    for one in entries:
        if one.until is None and one.forbids(purpose):
            found[one.number] = min(one.since, found.get(one.number, one.since))
    return found


def blocked_spans(entries: Iterable[DncEntry], purpose: str = EVERY_PURPOSE) -> dict[str, tuple[Span, ...]]:
    """When each number could not be called for the purpose, by its entries; of those without any there is
    nothing."""
    found: dict[str, list[Span]] = {}
    for one in entries:
        if one.forbids(purpose):
            found.setdefault(one.number, []).append((one.since, one.until))
    return {number: merged(spans) for number, spans in sorted(found.items())}


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same moments as spans that neither touch nor overlap, in order. Empty ones (a clock that was set back
    between beginning and end) are left out."""
    found: list[Span] = []
    for since, until in sorted(spans, key=lambda span: span[0]):
        if until is not None and until <= since:
            continue
        if not found or ((end := found[-1][1]) is not None and end < since):
            found.append((since, until))
        elif end is not None and (until is None or until > end):
            found[-1] = (found[-1][0], until)
    return tuple(found)
