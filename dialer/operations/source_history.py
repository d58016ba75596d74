"""What calls have shown of a source's last list, told to whoever imports the next one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from dialer.operations.freshness_words import source_words
from dialer.operations.import_list import ImportOptions
from dialer.operations.list_freshness import wrong_dispositions
from dialer.ports.store import Reader
from lists.client import client_of
from lists.dates import BadDateError, read_date
from lists.freshness.share import Share
from lists.freshness.standing import Standing, days

WARN_FROM = 0.15
"""Told when, at the low end of its interval, so large a share of the numbers called was gone."""

_LOOK_BACK = 3
"""Lists of the source, the last ones, of which the first that was called enough is looked at."""
_LOOKED_AT = 10_000
"""Leads of a list, about: a sample of a larger one, so that an import waits for less than a second."""
_DAY_S = 86_400.0


def source_warning(reader: Reader, options: ImportOptions, now: float) -> str:
    """What to know before this import; "" for nothing, and where its date is none: the import says so."""
    try:
        as_of = read_date(options.as_of, options.dates).isoformat() if options.as_of else ""
    except BadDateError:
        return ""
    return source_history(reader, options.list_name, options.source, as_of, now) or ""


def source_history(reader: Reader, list_name: str, source: str, as_of: str, now: float) -> str | None:
    """A warning, where many numbers of the source's last list were gone (dead, or of somebody else) at the age
    that data `as_of` (ISO date) has now; without a date at whatever age. None where there is nothing to tell."""
    if not source:
        return None
    client = client_of(list_name)
    lists = [one for one in reader.lists() if client_of(one.name) == client]
    same = [one for one in lists if one.source == source] or [one for one in lists if not one.source]  # by row
    same.sort(key=lambda one: one.created_at, reverse=True)
    if not same:
        return None
    wrong = wrong_dispositions(reader, client)
    age_d = _age(as_of, now)
    for one in same[:_LOOK_BACK]:
        called = reader.standings([one.name], now, wrong, called=True, one_in=max(1, one.leads // _LOOKED_AT))
        gone = _gone(standing for standing in called if standing.source == source and _like(standing, age_d))
        if not gone.enough:
            continue
        if gone.interval()[0] < WARN_FROM:
            return None
        at_age = "" if age_d is None else " of this age"
        return (
            f"of the numbers{at_age} of {source_words(source)}, {gone} were dead or of somebody else last time "
            f"(list {one.name}, {gone.of:,} called numbers looked at); ask the seller for newer data, or have "
            f"these verified before you dial them; `dialer list freshness {one.name}` says up to what age data of "
            "this source is worth buying"
        )
    return None


def _age(as_of: str, now: float) -> float | None:
    try:
        day = date.fromisoformat(as_of)
    except ValueError:
        return None
    return max(0.0, (now - datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) / _DAY_S)


def _like(standing: Standing, age_d: float | None) -> bool:
    """Whether the call that told it was made at about this age."""
    week = standing.gone_w if standing.state.gone and standing.gone_w is not None else standing.called_w
    return age_d is None or week is None or abs(days(week) - age_d) <= max(30.0, age_d / 2)


def _gone(standings: Iterable[Standing]) -> Share:
    gone = called = 0
    for one in standings:
        called += one.count
        gone += one.count if one.state.gone else 0
    return Share(gone, called)
