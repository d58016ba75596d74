"""Caps and cool-offs as data: at most so many attempts in a period, on whom, and what of them counts; none for a
time after what a call came to.

In TOML: `[[caps]]` and `[[cooloffs]]`, format in `docs/reference/rule-sets.md`. From when on a period of the
calendar counts is reckoned in `permission/periods.py`; the audit reckons it its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from campaigns.duration import parse_duration
from campaigns.outcome import Counts

Choice = TypeVar("Choice", bound=StrEnum)
Rule = TypeVar("Rule", "Cap", "Cooloff")

MAX_PERIOD_S = 31 * 86_400.0
"""Longest period of a cap."""
MAX_COOLOFF_S = 92 * 86_400.0
"""Longest period of a cool-off."""


class Scope(StrEnum):
    """On whom is counted, over all campaigns and caller ids."""

    NUMBER = "number"
    LEAD = "lead"
    PERSON = "person"  # all leads with the same person key; where the list has none, the lead and its number
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
        return _in_words(self.period_s, self.calendar)


class After(StrEnum):
    """What a call may have come to, for a cool-off to begin with its end."""

    CONVERSATION = "conversation"  # with the person sought, a refusal among them
    REFUSAL = "refusal"
    ABANDONMENT = "abandonment"
    MACHINE = "machine"  # the detector took it for one

    @property
    def counts(self) -> Counts:
        return _COUNTS[self]


_COUNTS = {
    After.CONVERSATION: Counts.CONVERSATIONS,
    After.REFUSAL: Counts.REFUSALS,
    After.ABANDONMENT: Counts.ABANDONMENTS,
    After.MACHINE: Counts.MACHINES,
}


@dataclass(frozen=True, slots=True)
class Cooloff:
    """No attempt for `period_s` seconds after the end of a call that came to `after` or, with `calendar`, in the
    rest of that period of the called person's calendar. `unless_agent_waits`: not where an agent is there before
    the number is dialed. `unless_asked_s`: not for so many seconds after the person has asked to be called
    back, as far as calls before that are concerned. That of `After.MACHINE` binds only campaigns that listen for
    machines."""

    name: str
    after: After
    period_s: float
    scope: Scope = Scope.NUMBER
    calendar: Calendar | None = None
    same_purpose: bool = False
    unless_agent_waits: bool = False
    unless_asked_s: float = 0.0

    @property
    def period(self) -> str:
        """As people read it: `7 d`, `calendar day`."""
        return _in_words(self.period_s, self.calendar)


def _in_words(period_s: float, calendar: Calendar | None) -> str:
    if calendar is not None:
        return f"calendar {calendar.value}"
    days, rest = divmod(period_s, 86_400.0)
    return f"{days:.0f} d" if not rest and days > 1 else f"{period_s / 3_600.0:g} h"


_CAP_KEYS = frozenset({"name", "limit", "period", "kind", "scope", "counts", "same_purpose"})
_COOLOFF_KEYS = frozenset(
    {"name", "after", "period", "scope", "same_purpose", "unless_agent_waits", "unless_asked_within"}
)


def read_caps(tables: Iterable[Mapping[str, Any]]) -> tuple[Cap, ...]:
    """The caps of a file's `[[caps]]`; one of kind "both" is two. Raises `ValueError`."""
    found = [cap for table in tables for cap in _read(table, "cap", _caps)]
    refuse_same_names("cap", found)
    return tuple(found)


def read_cooloffs(tables: Iterable[Mapping[str, Any]]) -> tuple[Cooloff, ...]:
    """The cool-offs of a file's `[[cooloffs]]`. Raises `ValueError`."""
    found = [cooloff for table in tables for cooloff in _read(table, "cool-off", _cooloffs)]
    refuse_same_names("cool-off", found)
    return tuple(found)


def refuse_same_names(what: str, rules: Iterable[Cap | Cooloff]) -> None:
    """Raises `ValueError` where two have one name: permits name them by it."""
    names: set[str] = set()
    for rule in rules:
        if rule.name in names:
            raise ValueError(f"{what} {rule.name}: the name stands there twice")
        names.add(rule.name)


def _read(
    table: Mapping[str, Any], what: str, read: Callable[[Mapping[str, Any], str], Iterable[Rule]]
) -> Iterable[Rule]:
    if not isinstance(table, Mapping):
        raise ValueError(f"a {what} is a table of its own, not {table!r}")
    name = table.get("name")
    if not isinstance(name, str) or not name:
        raise ValueError(f"a {what}'s name is a text, not {name!r}")
    try:
        return tuple(read(table, name))
    except KeyError as error:
        raise ValueError(f"{what} {name}: {error.args[0]} is missing") from None
    except ValueError as error:
        raise ValueError(f"{what} {name}: {error}") from None


def _caps(table: Mapping[str, Any], name: str) -> Iterator[Cap]:
    _known_keys(table, _CAP_KEYS)
    limit = table["limit"]
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"limit is {limit!r}; it is a whole number of attempts, 1 or more")
    scope = _one_of(Scope, table["scope"], "scope")
    counts = _one_of(Counts, table.get("counts", Counts.PLACED), "counts")
    if counts not in _COUNTED_BY_LAW:
        raise ValueError("a law counts calls placed, alerted or answered")
    same_purpose = _flag(table, "same_purpose")
    period_s, calendar = _period(table["period"], MAX_PERIOD_S)
    kind = _one_of(Kind, table.get("kind", Kind.CALENDAR if calendar else Kind.ROLLING), "kind")
    if kind is not Kind.ROLLING and calendar is None:
        raise ValueError(f"a {kind} period is day, week or month, not {table['period']!r}")
    if kind is not Kind.CALENDAR:
        rolling_s = period_s if calendar is None else _LONGEST_S[calendar]
        yield Cap(name, limit, rolling_s, scope, counts, None, same_purpose)
    if kind is not Kind.ROLLING:
        own_name = f"{name}_calendar" if kind is Kind.BOTH else name
        yield Cap(own_name, limit, 0.0, scope, counts, calendar, same_purpose)


def _cooloffs(table: Mapping[str, Any], name: str) -> Iterator[Cooloff]:
    _known_keys(table, _COOLOFF_KEYS)
    period_s, calendar = _period(table["period"], MAX_COOLOFF_S)
    yield Cooloff(
        name=name,
        after=_one_of(After, table["after"], "after"),
        period_s=period_s,
        scope=_one_of(Scope, table["scope"], "scope"),
        calendar=calendar,
        same_purpose=_flag(table, "same_purpose"),
        unless_agent_waits=_flag(table, "unless_agent_waits"),
        unless_asked_s=_asked_within(table.get("unless_asked_within", 0.0)),
    )


_COUNTED_BY_LAW = frozenset({Counts.PLACED, Counts.ALERTED, Counts.ANSWERED})


def _period(value: object, longest_s: float) -> tuple[float, Calendar | None]:
    if isinstance(value, str) and value in set(Calendar):
        return 0.0, Calendar(value)
    period_s = parse_duration(value)
    if not 0.0 < period_s <= longest_s:
        raise ValueError(f"period is {value!r}; it is more than nothing and at most {longest_s / 86_400.0:g} days")
    return period_s, None


def _asked_within(value: object) -> float:
    period_s = parse_duration(value)
    if period_s > MAX_COOLOFF_S:
        raise ValueError(f"unless_asked_within is {value!r}; it is at most {MAX_COOLOFF_S / 86_400.0:g} days")
    return period_s


def _known_keys(table: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; known: {', '.join(sorted(known))}")


def _one_of(choices: type[Choice], value: object, key: str) -> Choice:
    try:
        return choices(str(value))
    except ValueError:
        raise ValueError(f"{key} is {value!r}; it is one of {', '.join(choices)}") from None


def _flag(table: Mapping[str, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{key} is {value!r}; it is true or false")
    return value
