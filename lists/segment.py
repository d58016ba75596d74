"""A segment of a list: the leads for which everything said of them is so, each said as FIELD=VALUE.

`region=US-FL,US-GA` is either; `city!=Bari`, `rank>=5`, `age>180` (days since the row's date) compare; `city=` is
of those that say nothing; a `*` at the end of a value stands for whatever follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from typing import TypeVar

from lists.errors import OptionError
from lists.lead import Lead
from lists.value import value

T = TypeVar("T", str, float)

OPTION = "where"
NEW = "new"
"""`status` of a lead that nobody has called."""

_FORM = re.compile(r"\s*([^=<>!]+?)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*", re.DOTALL)
_DAY_S = 86_400.0


@value
class Called:
    """What a lead's calls came to: how many attempts, when the last was (seconds UTC; None: never), and its result
    (`NEW`: none yet)."""

    attempts: int = 0
    last_at: float | None = None
    status: str = NEW


NEVER = Called()


@value
class Condition:
    """`field`: a name of `FIELDS`, or of a field of the list's own. `values`: any of them (=), none of them (!=),
    the one that is compared with."""

    field: str
    operator: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.field}{self.operator}{','.join(self.values)}"


def _days(since: str, now: float) -> str:
    """Whole days between an ISO date and the day that `now` is in UTC."""
    try:
        begun = date.fromisoformat(since)
    except ValueError:
        return ""
    return str((date(1970, 1, 1) + timedelta(seconds=now) - begun).days)


Read = Callable[[Lead, Called, float], Iterable[str]]

_OF_LEAD = (
    "first_name", "last_name", "external_id", "person_key", "debt_id", "country", "region", "source", "as_of",
)  # fmt: skip
_OF_DETAILS = ("address", "city", "postal_code", "language", "owner")


def _attribute(name: str) -> Read:
    return lambda lead, called, now: [str(getattr(lead, name))]


def _detail(name: str) -> Read:
    return lambda lead, called, now: [str(getattr(lead.details, name))]


_NUMBERS: dict[str, Read] = {
    "rank": lambda lead, called, now: ["" if lead.details.rank is None else str(lead.details.rank)],
    "attempts": lambda lead, called, now: [str(called.attempts)],
    "age": lambda lead, called, now: [_days(lead.as_of, now)],
    "called": lambda lead, called, now: [
        "" if called.last_at is None else str(int((now - called.last_at) // _DAY_S))
    ],
}
"""Those that are compared as numbers. `age`: days since the lead's date, `called`: since its last attempt."""

_TEXTS: dict[str, Read] = {
    "status": lambda lead, called, now: [called.status],
    "phone": lambda lead, called, now: [phone.e164 for phone in lead.phones],
    "zone": lambda lead, called, now: [zone for phone in lead.phones for zone in phone.zones or ("",)],
    "kind": lambda lead, called, now: [phone.kind.value for phone in lead.phones],
    "use": lambda lead, called, now: [phone.use for phone in lead.phones],
    "number_country": lambda lead, called, now: [phone.region for phone in lead.phones],
    **{name: _attribute(name) for name in _OF_LEAD},
    **{name: _detail(name) for name in _OF_DETAILS},
}

FIELDS = (*_NUMBERS, *_TEXTS)


def read_conditions(texts: Iterable[str]) -> tuple[Condition, ...]:
    """Raises `OptionError`."""
    return tuple(map(_read, texts))


def _read(text: str) -> Condition:
    found = _FORM.fullmatch(text)
    if found is None:
        raise OptionError(OPTION, f"{text!r} is no condition; write FIELD=VALUE: region=US-FL, attempts>=3")
    field, operator, said = found.groups()
    known = field.lower().replace(" ", "_")
    field = known if known in FIELDS else field
    if operator not in {"=", "!="}:
        if field in _TEXTS and field != "as_of":
            raise OptionError(OPTION, f"{text!r}: {field} is text, and not more or less; write {field}=VALUE")
        if field == "as_of":
            _check_date(text, said)
        elif _number(said) is None:
            raise OptionError(OPTION, f"{text!r}: {said!r} is no number; write {field}{operator}3")
        return Condition(field, operator, (said,))
    values = tuple(one.strip() for one in said.split(","))
    if field in _NUMBERS and any(one and _number(one) is None for one in values):
        raise OptionError(OPTION, f"{text!r}: {field} is a number; write {field}{operator}3, or {field}>=3")
    return Condition(field, operator, values)


def _check_date(text: str, said: str) -> None:
    try:
        date.fromisoformat(said)
    except ValueError:
        raise OptionError(OPTION, f"{text!r}: {said!r} is no date; write 2026-11-22") from None


class Segment:
    """Leads for which all conditions hold, at `now` (seconds UTC)."""

    def __init__(self, conditions: Sequence[Condition], now: float) -> None:
        self._conditions = conditions
        self._now = now
        self._own = {one.field.casefold(): False for one in conditions if one.field not in FIELDS}

    @property
    def asks_calls(self) -> bool:
        """Whether it has to be known what the leads' calls came to."""
        return any(one.field in {"attempts", "called", "status"} for one in self._conditions)

    def holds(self, lead: Lead, called: Called = NEVER) -> bool:
        for name, _ in lead.fields if self._own else ():
            if name.casefold() in self._own:
                self._own[name.casefold()] = True
        return all(_holds(one, values_of(one.field, lead, called, self._now)) for one in self._conditions)

    def check_names(self, known: Iterable[str]) -> None:
        """That every field of the list's own was met in one of the leads that were looked at. `known`: names of
        those that there are. Raises `OptionError`."""
        for condition in self._conditions:
            if self._own.get(condition.field.casefold(), True):
                continue
            names = {name.casefold(): name for name in sorted({*FIELDS, *known})}
            close = get_close_matches(condition.field.casefold(), names, n=1)
            advice = f"did you mean {names[close[0]]}?" if close else f"there are: {', '.join(names.values())}"
            raise OptionError(OPTION, f"{condition}: no lead has a field {condition.field!r}; {advice}")


def values_of(field: str, lead: Lead, called: Called, now: float) -> list[str]:
    """What the lead has there, "" for nothing; several of what its numbers have."""
    read = _NUMBERS.get(field) or _TEXTS.get(field)
    if read is not None:
        return list(read(lead, called, now))
    return [text for name, text in lead.fields if name.casefold() == field.casefold()] or [""]


def _holds(condition: Condition, found: Sequence[str]) -> bool:
    match condition.operator:
        case "=":
            return any(_is(one, said, condition.field) for one in found for said in condition.values)
        case "!=":
            return not any(_is(one, said, condition.field) for one in found for said in condition.values)
    return any(_compares(one, condition.operator, condition.values[0], condition.field) for one in found)


def _is(found: str, said: str, field: str) -> bool:
    if field in _NUMBERS and found and said:
        return _number(found) == _number(said)
    if said.endswith("*"):
        return found.casefold().startswith(said[:-1].casefold()) and found != ""
    return found.casefold() == said.casefold()


def _compares(found: str, operator: str, said: str, field: str) -> bool:
    """What is not said, or no number, is neither more nor less."""
    if field == "as_of":
        return found != "" and _ordered(found, operator, said)
    mine, other = _number(found), _number(said)
    return mine is not None and other is not None and _ordered(mine, operator, other)


def _ordered(mine: T, operator: str, other: T) -> bool:
    match operator:
        case "<":
            return mine < other
        case "<=":
            return mine <= other
        case ">":
            return mine > other
        case _:
            return mine >= other


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
