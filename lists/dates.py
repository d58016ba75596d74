"""Dates as lists write them: 2026-11-22, 22.11.2026, 22/11/2026 or 11/22/2026, 22 Nov 2026, and a spreadsheet's
46348.

What may be two dates (03/04/2026) is decided by the column: one value that can be only one of them tells for all.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
ORDERS = (DAY_FIRST, MONTH_FIRST)

_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})\.?")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"(19|20)\d{6}")
_SERIAL = re.compile(r"([2-7]\d{4})(?:[.,]\d+)?")
_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]*(?:de |of )?([^\W\d_]+)[.,]?[\s-]*(?:de |del )?(\d{4})(?: ?[гр]\.?)?"
)
_NAME_FIRST = re.compile(r"([^\W\d_]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_TIME = re.compile(r"[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?$", re.IGNORECASE)
_DAY_ZERO = date(1899, 12, 30)  # of spreadsheets, for days after February 1900
_EARLIEST = 1990
"""No list is older, and a year before it is a slip."""

_MONTHS = (
    "jan ene янв січ ian", "feb фев лют", "mar mär мар бер", "apr abr апр кві", "may mai май мая тра mayo",
    "jun iun июн чер", "jul iul июл лип", "aug ago авг сер", "sep sept set сен вер", "oct okt окт жов",
    "nov noi ноя лис", "dec dez dic дек гру",
)  # fmt: skip
"""Beginnings of their names in English, German, Spanish, Romanian, Russian and Ukrainian."""


class BadDateError(ValueError):
    """Not a date. The text says what to write."""


class AmbiguousDateError(BadDateError):
    """It may be two, and nobody has said which."""


def read_date(text: str, order: str = "") -> date:
    """The date that a cell says; a time behind it is left out. `order`: of day and month where it could be either,
    "" when that is not known. Raises `BadDateError`, `AmbiguousDateError`."""
    return _read(_TIME.sub("", text.strip()), order)


def read_moment(text: str, order: str = "") -> float:
    """Seconds UTC of a date, at its beginning, or of a date with a time; without an offset both are in UTC.
    Raises as `read_date`."""
    text = text.strip()
    day = read_date(text, order)
    time = _TIME.search(text)
    if time is None:
        return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    hour, minute, second = (int(part or 0) for part in time.groups()[:3])
    try:
        moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_offset(time[4]))
    except ValueError:
        raise BadDateError(f"{text!r} has a time that there is not; write 2026-11-22T14:05Z") from None
    return moment.timestamp()


class DateColumn:
    """The dates of a column, looked through for the order of day and month."""

    def __init__(self) -> None:
        self._orders: set[str] = set()
        self.ambiguous = ""
        """The first that may be two dates; "" for none."""

    def add(self, text: str) -> None:
        match = _SLASHED.fullmatch(_TIME.sub("", text.strip()))
        if match is None:
            return
        first, second = int(match[1]), int(match[2])
        if first > 12 >= second:
            self._orders.add(DAY_FIRST)
        elif second > 12 >= first:
            self._orders.add(MONTH_FIRST)
        elif first != second:
            self.ambiguous = self.ambiguous or text

    @property
    def order(self) -> str:
        """That of all of them; "" where they do not tell, or not all have the same."""
        return next(iter(self._orders)) if len(self._orders) == 1 else ""


@lru_cache(maxsize=65_536)
def _read(text: str, order: str) -> date:
    if match := _YEAR_FIRST.fullmatch(text):
        return _date(text, match[1], match[2], match[3])
    if match := _DOTTED.fullmatch(text):
        return _date(text, match[3], match[2], match[1])
    if match := _SLASHED.fullmatch(text):
        first, second = int(match[1]), int(match[2])
        if order == "" and first <= 12 and second <= 12 and first != second:
            raise AmbiguousDateError(
                f"{text!r} may be two dates; write 2026-11-22, or say which comes first: --dates dmy or mdy"
            )
        # In what is said to be one order, 25/11 can still be read one way only, but then somebody is wrong.
        day_first = order == DAY_FIRST or (order == "" and first > 12)
        return _date(text, match[3], *((match[2], match[1]) if day_first else (match[1], match[2])))
    if _COMPACT.fullmatch(text):
        return _date(text, text[:4], text[4:6], text[6:])
    if match := _SERIAL.fullmatch(text):
        return _DAY_ZERO + timedelta(days=int(match[1]))
    if match := _NAMED.fullmatch(text):
        return _date(text, match[3], _month(text, match[2]), match[1])
    if match := _NAME_FIRST.fullmatch(text):
        return _date(text, match[3], _month(text, match[1]), match[2])
    raise _not_a_date(text)


def _date(text: str, year: str, month: str, day: str) -> date:
    try:
        found = date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        raise _not_a_date(text) from None
    if found.year < _EARLIEST:
        raise _not_a_date(text)
    return found


def _month(text: str, name: str) -> str:
    for number, beginnings in enumerate(_MONTHS, 1):
        if name.casefold().startswith(tuple(beginnings.split())):
            return str(number)
    raise _not_a_date(text)


def _not_a_date(text: str) -> BadDateError:
    return BadDateError(f"{text!r} is not a date; write 2026-11-22")


def _offset(text: str | None) -> tzinfo:
    if text is None or text in "zZ":
        return UTC
    offset = datetime.strptime(text.replace(":", ""), "%z").tzinfo
    return UTC if offset is None else offset
