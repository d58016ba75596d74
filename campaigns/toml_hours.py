"""When a campaign calls: `[hours]`, and narrower hours of regions and of lists within it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from campaigns.holiday_calendar import has_calendar
from campaigns.hours import DAY_GROUPS, WEEKDAYS, DayHours, WeeklyHours, format_hours, parse_hours
from campaigns.hours_rule import HolidayScope, HoursRule, join_special_days, parse_days
from campaigns.place_code import fault_of_place
from campaigns.toml_table import Table, suggestion
from lists.client import full_name

_WINDOWS = 'write windows like "09:00-13:00, 14:00-20:00", or "closed"'
_DATES = 'write days_off = ["2026-12-24", "2026-12-28/2027-01-03"]: dates, or the first and the last of a span'
_ALWAYS: Mapping[str, str] = {"daily": "00:00-24:00"}


def read_hours(table: Table, client: str, lists: tuple[str, ...]) -> tuple[HoursRule, tuple[HoursRule, ...]]:
    """`[hours]` of a campaign of `client` that dials `lists` (full names), and what narrows them: `region` and
    `list` in it."""
    narrower = (*_read_regions(table.table("region")), *_read_lists(table.table("list"), client, lists))
    noted = len(table.source.problems)
    hours = _read_rule(table, {})
    if not table.keys():
        table.source.at_key(table.path, "missing", 'write [hours] and weekdays = "09:00-20:00" below it')
    elif (
        len(table.source.problems) == noted and hours.week.empty and not any(own for _, own in hours.special_days)
    ):
        table.source.at_key(table.path, "is closed on every day", "open at least one")
    return hours, narrower


def _read_regions(table: Table) -> tuple[HoursRule, ...]:
    found = []
    for place in table.keys():  # noqa: SIM118 - a table is not iterable
        rule = replace(_read_rule(table.table(place), _ALWAYS), region=place)
        fault = fault_of_place(place)
        if fault is not None:
            table.wrong_key(place, *fault)
        else:
            found.append(rule)
    return tuple(found)


def _read_lists(table: Table, client: str, lists: tuple[str, ...]) -> tuple[HoursRule, ...]:
    found: list[HoursRule] = []
    for key in table.keys():  # noqa: SIM118 - a table is not iterable
        name = full_name(client, key)
        rule = replace(_read_rule(table.table(key), _ALWAYS), list_name=name)
        if name not in lists:
            table.wrong_key(key, f'the campaign does not dial a list "{name}"', suggestion(name, lists))
        elif any(other.list_name == name for other in found):
            table.wrong_key(key, f'"{name}" stands here twice', "remove one")
        else:
            found.append(rule)
    return tuple(found)


def _read_rule(table: Table, usual: Mapping[str, str]) -> HoursRule:
    """`usual`: what holds on days that are not named."""
    days = dict(usual)
    for key in (*DAY_GROUPS, *WEEKDAYS):
        hours = _read_day(table, key)
        if hours is not None:
            days[key] = format_hours(hours)
    rule = HoursRule(
        week=WeeklyHours.parse(days),
        holidays=_read_day(table, "holidays"),
        before_holidays=_read_day(table, "before_holidays"),
        calendar=_read_calendar(table),
        special_days=_read_special_days(table),
    )
    table.finish()
    return rule


def _read_day(table: Table, key: str) -> DayHours | None:
    """None where the key is not there, or what it says cannot be read."""
    value = table.text(key, "closed")
    try:
        hours = parse_hours(value)
    except ValueError as error:
        table.wrong(key, str(error), _WINDOWS)
        return None
    return hours if key in table else None


def _read_calendar(table: Table) -> str:
    calendar = table.text("holiday_calendar", HolidayScope.SUBDIVISION)
    if "holiday_calendar" in table:
        if "holidays" not in table and "before_holidays" not in table:
            table.wrong("holiday_calendar", "no holiday matters here", 'write holidays = "closed", or remove it')
        elif (fault := fault_of_calendar(calendar)) is not None:
            table.wrong("holiday_calendar", *fault)
            return HolidayScope.SUBDIVISION
    return calendar


def fault_of_calendar(calendar: str) -> tuple[str, str] | None:
    """What is wrong with whose holidays are to count, and what to write instead; None: nothing."""
    scopes = [scope.value for scope in HolidayScope]
    if calendar in scopes or has_calendar(calendar):
        return None
    return (
        f'nothing is known of holidays of "{calendar}"',
        f"use {', '.join(scopes)}, or a code such as DE or DE-BY",
    )


def _read_special_days(table: Table) -> tuple[tuple[int, DayHours], ...]:
    off = [
        text
        for index, text in enumerate(table.texts("days_off", _DATES) if "days_off" in table else ())
        if _is_day(table, ("days_off", index), text)
    ]
    special: dict[str, DayHours] = {}
    own = table.table("special_days")
    for day in own.keys():  # noqa: SIM118 - a table is not iterable
        hours = _read_day(own, day)
        if hours is None or not _is_day(table, ("special_days", day), day):
            continue
        if day in off:
            own.wrong_key(day, "is a day off", "remove it here, or from days_off")
        elif any(set(parse_days(day)).intersection(parse_days(other)) for other in special):
            own.wrong_key(day, "is among the days of another", "give each day its hours once")
        special[day] = hours
    own.finish()
    return join_special_days(off, special)


def _is_day(table: Table, path: tuple[str | int, ...], text: str) -> bool:
    try:
        parse_days(text)
    except ValueError as error:
        table.source.at_value((*table.path, *path), str(error), "write 2026-12-24, or 2026-12-28/2027-01-03")
        return False
    return True
