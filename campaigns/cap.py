"""Caps as data: at most so many attempts in a period, on whom, and what of them counts.

In TOML: `[[caps]]`, format in `docs/reference/rule-sets.md`. Which moments a calendar period reaches from is
reckoned in `permission/periods.py`; the audit reckons it its own way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from campaigns.duration import parse_duration
from campaigns.outcome import Counts

Choice = TypeVar("Choice", bound=StrEnum)

MAX_PERIOD_S = 31 * 86_400.0
"""Longest period of a cap."""


class Scope(StrEnum):
    """On whom is counted, over all campaigns and caller ids."""

    NUMBER = "number"
    LEAD = "lead"
    PERSON = "person"  # all leads with the same person key; the lead itself where the list has none
    DEBT = "debt"  # a person's calls about one debt; the person's where the list names no debt


class Calendar(StrEnum):
    """A period of the called person's calendar: it begins at local midnight, the week's on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_LONGEST_S = {Calendar.DAY: 86_400.0, Calendar.WEEK: 7 * 86_400.0, Calendar.MONTH: MAX_PERIOD_S}
"""The same period in elapsed seconds, where a text leaves open which is meant."""


class Kind(StrEnum):
    """How a period is meant."""

    ROLLING = "rolling"  # any so many seconds
    CALENDAR = "calendar"
    BOTH = "both"  # the text leaves it open: either reading is kept


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` attempts in any `period_s` seconds or, with `calendar`, in each such period of the called
    person's calendar (`period_s` is 0 then). `counts`: what the law counts, calls placed, alerted or answered.
    `same_purpose`: only attempts of campaigns with the same purpose count."""

    name: str
    limit: int
    period_s: float
    scope: Scope = Scope.NUMBER
    counts: Counts = Counts.PLACED
    calendar: Calendar | None = None
    same_purpose: bool = False

    @property
    def period(self) -> str:
        """As people read it: `24 h`, `calendar week`."""
        if self.calendar is not None:
            return f"calendar {self.calendar.value}"
        days, rest = divmod(self.period_s, 86_400.0)
        return f"{days:.0f} d" if not rest and days > 1 else f"{self.period_s / 3_600.0:g} h"


_KEYS = frozenset({"name", "limit", "period", "kind", "scope", "counts", "same_purpose"})


def read_caps(tables: Iterable[Mapping[str, Any]]) -> tuple[Cap, ...]:
    """The caps of a file's `[[caps]]`; one of kind "both" is two. Raises `ValueError`, and `KeyError` for a
    name that is missing."""
    found: dict[str, Cap] = {}
    for table in tables:
        for cap in _read(table):
            if cap.name in found:
                raise ValueError(f"cap {cap.name}: the name stands there twice")
            found[cap.name] = cap
    return tuple(found.values())


def _read(table: Mapping[str, Any]) -> Iterator[Cap]:
    name = table["name"]
    if not isinstance(name, str) or not name:
        raise ValueError(f"a cap's name is a text, not {name!r}")
    try:
        yield from _caps(table, name)
    except KeyError as error:
        raise ValueError(f"cap {name}: {error.args[0]} is missing") from None
    except ValueError as error:
        raise ValueError(f"cap {name}: {error}") from None


def _caps(table: Mapping[str, Any], name: str) -> Iterator[Cap]:
    known_keys(table, _KEYS)
    limit = table["limit"]
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"limit is {limit!r}; it is a whole number of attempts, 1 or more")
    scope = one_of(Scope, table["scope"], "scope")
    counts = one_of(Counts, table.get("counts", Counts.PLACED), "counts")
    if counts not in _COUNTED_BY_LAW:
        raise ValueError("a law counts calls placed, alerted or answered")
    same_purpose = flag(table, "same_purpose")
    period_s, calendar = read_period(table["period"])
    kind = one_of(Kind, table.get("kind", Kind.CALENDAR if calendar else Kind.ROLLING), "kind")
    if kind is not Kind.ROLLING and calendar is None:
        raise ValueError(f"a {kind} period is day, week or month, not {table['period']!r}")
    if kind is not Kind.CALENDAR:
        rolling_s = period_s if calendar is None else _LONGEST_S[calendar]
        yield Cap(name, limit, rolling_s, scope, counts, None, same_purpose)
    if kind is not Kind.ROLLING:
        own_name = f"{name}_calendar" if kind is Kind.BOTH else name
        yield Cap(own_name, limit, 0.0, scope, counts, calendar, same_purpose)


_COUNTED_BY_LAW = frozenset({Counts.PLACED, Counts.ALERTED, Counts.ANSWERED})


def read_period(value: object, longest_s: float = MAX_PERIOD_S) -> tuple[float, Calendar | None]:
    """Seconds, or the calendar's `day`, `week` or `month`. Raises `ValueError`."""
    if isinstance(value, str) and value in set(Calendar):
        return 0.0, Calendar(value)
    period_s = parse_duration(value)
    if not 0.0 < period_s <= longest_s:
        raise ValueError(f"period is {value!r}; it is more than nothing and at most {longest_s / 86_400.0:g} days")
    return period_s, None


def known_keys(table: Mapping[str, Any], known: frozenset[str]) -> None:
    """Raises `ValueError` for a key that is not among the known ones."""
    unknown = sorted(set(table) - known)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; known: {', '.join(sorted(known))}")


def one_of(choices: type[Choice], value: object, key: str) -> Choice:
    """The choice of this value. Raises `ValueError` naming all."""
    try:
        return choices(str(value))
    except ValueError:
        raise ValueError(f"{key} is {value!r}; it is one of {', '.join(choices)}") from None


def flag(table: Mapping[str, Any], key: str) -> bool:
    """A key that is true or false; false without it. Raises `ValueError`."""
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{key} is {value!r}; it is true or false")
    return value
