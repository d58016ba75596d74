"""One rule about calling hours, as a law or a campaign file states it.

Nothing here knows a time zone or a holiday: `campaigns.window` judges by it, the audit reads it its own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from campaigns.hours import DayHours, WeeklyHours, check_day, format_hours, parse_hours

_EPOCH = date(1970, 1, 1)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST_SPAN_DAYS = 366
"""A span of days off is no longer than this."""


class HolidayScope(StrEnum):
    """Whose public holidays count, of all places that a person called may be in."""

    COUNTRY = "country"  # those of the whole country
    SUBDIVISION = "subdivision"  # and those of the state or province, where it is known
    ANY_SUBDIVISION = "any_subdivision"  # and where it is not known, those of each of them


@dataclass(frozen=True, slots=True)
class HoursRule:
    """One rule about calling hours: a law's, a campaign's, a list's.

    On a public holiday it is open where both its weekday and `holidays` are, on the day before one where both its
    weekday and `before_holidays` are; None: as on any other day. `calendar`: whose holidays, a `HolidayScope` or
    the code of one calendar (`RU`, `DE-BY`). `special_days` (days since 1970-01-01, ascending) have their own
    hours whatever weekday or holiday they are. `region` (`DE`, `US-TX`), `list_name`: where given, it speaks only
    of people there, of leads of that list.
    """

    week: WeeklyHours
    holidays: DayHours | None = None
    before_holidays: DayHours | None = None
    calendar: str = HolidayScope.SUBDIVISION
    special_days: tuple[tuple[int, DayHours], ...] = ()
    region: str = ""
    list_name: str = ""
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        check_day("holidays", self.holidays or ())
        check_day("before_holidays", self.before_holidays or ())
        for day, hours in self.special_days:
            check_day(format_day(day), hours)
        for (day, _), (following, _) in pairwise(self.special_days):
            if following <= day:
                raise ValueError(f"{format_day(following)} stands twice, or after a later day")
        # A rule is part of the key of every cached decision, so its hash is computed once.
        values = (self.week, self.holidays, self.before_holidays, self.calendar, self.special_days)
        object.__setattr__(self, "_hash", hash((*values, self.region, self.list_name)))

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        parts = [str(self.week)]
        if self.holidays is not None:
            parts.append(f"holidays {format_hours(self.holidays)}")
        if self.before_holidays is not None:
            parts.append(f"before holidays {format_hours(self.before_holidays)}")
        parts += [f"{format_day(day)} {format_hours(hours)}" for day, hours in self.special_days]
        return "; ".join(parts)

    @property
    def asks_for_holidays(self) -> bool:
        """Whether any day depends on a calendar of public holidays."""
        return self.holidays is not None or self.before_holidays is not None

    @classmethod
    def parse(cls, table: Mapping[str, object]) -> HoursRule:
        """From the table of a rule set: days as `WeeklyHours.parse` has them, and `holidays`, `before_holidays`,
        `holiday_calendar`, `days_off`, `special_days`. Raises `ValueError`."""
        days = {name: _text(name, value) for name, value in table.items() if name not in _OTHER_KEYS}
        holidays, before = table.get("holidays"), table.get("before_holidays")
        calendar = _text("holiday_calendar", table.get("holiday_calendar", HolidayScope.SUBDIVISION))
        off, special = table.get("days_off", ()), table.get("special_days", {})
        if isinstance(off, str) or not isinstance(off, Sequence) or not isinstance(special, Mapping):
            raise ValueError("days_off is a list of dates, special_days a table of dates and hours")
        return cls(
            WeeklyHours.parse(days),
            None if holidays is None else parse_hours(_text("holidays", holidays)),
            None if before is None else parse_hours(_text("before_holidays", before)),
            calendar,
            join_special_days(
                (_text("days_off", span) for span in off),
                {day: parse_hours(_text(day, hours)) for day, hours in special.items()},
            ),
        )


_OTHER_KEYS = frozenset({"holidays", "before_holidays", "holiday_calendar", "days_off", "special_days"})


def format_day(day: int) -> str:
    """`2026-12-24` of days since 1970-01-01."""
    return (_EPOCH + timedelta(days=day)).isoformat()


def parse_days(text: str) -> range:
    """Days since 1970-01-01 of `2026-12-24`, or of the first and the last of a span, `2026-12-24/2027-01-06`.
    Raises `ValueError`."""
    first_text, slash, last_text = text.partition("/")
    first = _parse_date(first_text)
    last = _parse_date(last_text) if slash else first
    if not timedelta(0) <= last - first < timedelta(days=LONGEST_SPAN_DAYS):
        raise ValueError(f"{text!r} does not end after it begins, or is longer than a year")
    return range((first - _EPOCH).days, (last - _EPOCH).days + 1)


def _parse_date(text: str) -> date:
    try:
        if _DATE.fullmatch(text):  # fromisoformat takes weeks too
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{text!r} is no date like 2026-12-24")


def join_special_days(days_off: Iterable[str], hours: Mapping[str, DayHours]) -> tuple[tuple[int, DayHours], ...]:
    """Days off and days with hours of their own (dates or spans), as `HoursRule` has them. A day that is in both
    has the hours of its own. Raises `ValueError`."""
    special: dict[int, DayHours] = {day: () for span in days_off for day in parse_days(span)}
    for text, own in hours.items():
        special.update(dict.fromkeys(parse_days(text), own))
    return tuple(sorted(special.items()))


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a text")
    return value
