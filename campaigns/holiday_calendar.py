"""Public holidays by place: the `holidays` package, asked late, for to import it takes a tenth of a second.

A calendar's code is that of a country (`DE`: what is free in the whole of it), of a subdivision (`DE-BY`: what is
free there), or `DE-*`: what is free in any of its subdivisions. Days are counted since 1970-01-01. Days on which a
holiday is observed instead (Monday for a Sunday) are holidays like the day itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

SEPARATOR = "-"
ANY = "*"

_ALSACE, _MOSELLE = "6AE", "57"
_AS_IN = {"FR-67": (_ALSACE,), "FR-68": (_ALSACE,), "FR-A": (_ALSACE,), "FR-GES": (_ALSACE, _MOSELLE)}
"""Where the data has a place by another name: what is free in any of these is free there. The local law of Alsace
and Moselle holds in three departments; somebody may be known to live there by their own codes, or a region's."""

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def is_holiday(calendar: str, day: int) -> bool:
    """Whether `day` is a public holiday there. Raises `KeyError` for a calendar that the data does not have."""
    return day in _holidays(calendar, _year(day))


@lru_cache(maxsize=4_096)
def has_calendar(calendar: str) -> bool:
    """Whether the data knows the holidays there."""
    return bool(_parts_of(calendar))


def calendars_within(country: str) -> tuple[str, ...]:
    """Codes of the calendars of a country: its own, that of any subdivision, and those of each; none for a country
    that the data does not have."""
    known = _subdivisions(country)
    if known is None:
        return ()
    return (country, *(f"{country}{SEPARATOR}{part}" for part in (ANY, *known)))


def load_calendars(calendars: Iterable[str], since: int, until: int) -> None:
    """Have the holidays of the years from day `since` to day `until` at hand from now on: it is the first question
    about a year that takes time, some hundredths of a second. A calendar that the data does not have is passed
    over."""
    years = range(_year(since), _year(until) + 1)
    for calendar in filter(has_calendar, calendars):
        for year in years:
            _holidays(calendar, year)


@lru_cache(maxsize=1)
def holiday_data() -> str:
    """Which data the holidays come from: `holidays 0.109`."""
    from holidays.version import __version__

    return f"holidays {__version__}"


def _year(day: int) -> int:
    return date.fromordinal(day + _EPOCH_ORDINAL).year


@lru_cache(maxsize=4_096)
def _holidays(calendar: str, year: int) -> frozenset[int]:
    import holidays

    parts = _parts_of(calendar)
    if not parts:
        raise KeyError(calendar)
    country = calendar.partition(SEPARATOR)[0]
    # The neighbours too: New Year's Day may be observed on 31 December of the year before.
    years = range(year - 1, year + 2)
    days = {day for one in parts for day in holidays.country_holidays(country, one, years)}
    return frozenset(day.toordinal() - _EPOCH_ORDINAL for day in days if day.year == year)


def _parts_of(calendar: str) -> tuple[str | None, ...]:
    """In the data, what makes up a calendar: None is the country as a whole. Nothing for one that it lacks."""
    country, _, subdivision = calendar.partition(SEPARATOR)
    known = _subdivisions(country)
    if known is None:
        return ()
    if subdivision == ANY:
        return (None, *known)
    if subdivision in ("", *known):
        return (subdivision or None,)
    return _AS_IN.get(calendar, ())


@lru_cache(maxsize=512)
def _subdivisions(country: str) -> tuple[str, ...] | None:
    """Codes of a country's subdivisions in the data; None for a country that it does not have."""
    import holidays

    if not (len(country) == 2 and country.isascii() and country.isupper()):
        return None
    try:
        found = holidays.country_holidays(country)
    except NotImplementedError:
        return None
    return tuple(found.subdivisions) if found.country == country else None  # an alias, UK, is no code of ours
