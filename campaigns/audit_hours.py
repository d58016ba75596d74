"""The audit's reading of calling hours: does a rule allow what a wall clock showed?

Written apart from `window`, as all of the audit: from the date and the time of day that a clock on the wall showed
there, with the holidays asked for one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays

from campaigns.audit_rules import places_of
from campaigns.audit_zone import zone_of
from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet
from campaigns.hours_rule import HoursRule
from lists.lead import PhoneNumber

_DAY = timedelta(days=1)
_FIRST_DAY = date(1970, 1, 1)

_BY_OTHER_NAMES: dict[tuple[str, str], list[str | None]] = {
    ("FR", "67"): ["6AE"],  # Bas-Rhin
    ("FR", "68"): ["6AE"],  # Haut-Rhin
    ("FR", "A"): ["6AE"],  # Alsace, as a region
    ("FR", "GES"): ["6AE", "57"],  # Grand Est: it may be in either
}
"""Parts that the data of holidays has under other names."""


class UnknownCalendar(Exception):
    """A rule closes on holidays of a place whose holidays are not known."""


def hours_faults(
    rings: Sequence[float],
    number: PhoneNumber,
    rules: Sequence[RuleSet],
    home: tuple[str, str],
    list_name: str,
    campaign: Campaign | None,
) -> Iterator[tuple[str, str]]:
    """Was a call within all hours at the moments `rings`, at which it may have rung?"""
    places = places_of(number, home)
    calendars = [(f"rule set {one.name}", rule) for one in rules for rule in one.hours]
    if campaign is not None:
        calendars += [("campaign", rule) for rule in (campaign.hours, *campaign.narrower_hours)]
    for zone in number.zones:
        timezone = zone_of(zone)
        if timezone is None:
            yield "no_zone", f"there is no zone {zone}"
            continue
        clock = [datetime.fromtimestamp(ring, timezone) for ring in rings]
        for owner, rule in calendars:
            try:
                shown = next((local for local in clock if not allows(rule, local, places, list_name)), None)
            except UnknownCalendar as unknown:
                yield "no_calendar", f"nothing is known of the holidays of {unknown}, on which the {owner} closes"
                continue
            if shown is not None:
                yield "window_closed", f"{shown:%a %d %b %H:%M:%S} in {zone}, outside the hours of the {owner}"


def allows(rule: HoursRule, shown: datetime, places: Sequence[str], list_name: str) -> bool:
    """Whether the rule, as far as it concerns a lead of that list in one of `places`, has nothing against a call
    at the date and time `shown` there. Raises `UnknownCalendar`."""
    if rule.list_name and rule.list_name != list_name:
        return True
    if rule.region and not any(f"{place}-".startswith(f"{rule.region}-") for place in places):
        return True
    day, minute = shown.date(), shown.hour * 60 + shown.minute
    own = dict(rule.special_days).get((day - _FIRST_DAY).days)
    if own is not None:
        return _within(own, minute)
    if not _within(rule.week.days[day.weekday()], minute):
        return False
    if rule.holidays is not None and _free(rule, day, places) and not _within(rule.holidays, minute):
        return False
    before = rule.before_holidays
    return before is None or not _free(rule, day + _DAY, places) or _within(before, minute)


def _within(hours: Sequence[tuple[int, int]], minute: int) -> bool:
    return any(start <= minute < end for start, end in hours)


def _free(rule: HoursRule, day: date, places: Sequence[str]) -> bool:
    return any(day in _public_holidays(*calendar, day.year) for calendar in _calendars(rule, places))


def _calendars(rule: HoursRule, places: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Countries and their subdivisions ("" for the whole country, "*" for each of them) whose holidays count."""
    if rule.calendar not in {"country", "subdivision", "any_subdivision"}:
        country, _, part = rule.calendar.partition("-")
        yield country, part
        return
    for place in places:
        country, _, part = place.partition("-")
        if rule.calendar == "country":
            yield country, ""
        elif part and _is_known(country, part):
            yield country, part
        elif not any(_is_known(*other.split("-", 1)) for other in places if other.startswith(f"{country}-")):
            yield country, "*" if rule.calendar == "any_subdivision" else ""


@lru_cache(maxsize=2_048)
def _is_known(country: str, part: str) -> bool:
    """Whether holidays of that part of a country are told apart from those of the whole."""
    return part in holidays.list_supported_countries().get(country, ()) or (country, part) in _BY_OTHER_NAMES


@lru_cache(maxsize=2_048)
def _public_holidays(country: str, part: str, year: int) -> frozenset[date]:
    try:
        parts: list[str | None] = [part or None]
        if part == "*":
            parts = [None, *holidays.country_holidays(country).subdivisions]
        parts = [name for one in parts for name in _BY_OTHER_NAMES.get((country, one or ""), [one])]
        # The year after too: its first of January may be observed in this one.
        found = [holidays.country_holidays(country, subdiv=one, years=[year, year + 1]) for one in parts]
    except NotImplementedError:
        raise UnknownCalendar(f"{country}-{part}" if part else country) from None
    return frozenset(day for calendar in found for day in calendar if day.year == year)
