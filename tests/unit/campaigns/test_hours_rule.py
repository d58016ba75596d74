from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from campaigns.hours import WeeklyHours
from campaigns.hours_rule import HolidayScope, HoursRule, format_day, join_special_days, parse_days


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def test_a_rule_is_read_as_a_rule_set_has_it() -> None:
    rule = HoursRule.parse(
        {
            "weekdays": "09:00-20:00",
            "holidays": "closed",
            "before_holidays": "10:00-19:00",
            "holiday_calendar": "country",
            "days_off": ["2026-12-24", "2026-12-30/2027-01-01"],
            "special_days": {"2026-12-31": "09:00-14:00"},
        }
    )
    assert rule.week == WeeklyHours.parse({"weekdays": "09:00-20:00"})
    assert (rule.holidays, rule.before_holidays, rule.calendar) == ((), ((600, 1140),), HolidayScope.COUNTRY)
    closed = {day("2026-12-24"): (), day("2026-12-30"): (), day("2027-01-01"): ()}
    assert dict(rule.special_days) == {**closed, day("2026-12-31"): ((540, 840),)}
    assert str(rule).startswith("mon 09:00-20:00; ")
    assert str(rule).endswith("2026-12-30 closed; 2026-12-31 09:00-14:00; 2027-01-01 closed")
    assert "holidays closed; before holidays 10:00-19:00" in str(rule)


def test_a_rule_that_says_nothing_of_holidays_asks_for_none() -> None:
    rule = HoursRule.parse({"daily": "09:00-20:00"})
    assert not rule.asks_for_holidays
    assert rule.calendar == HolidayScope.SUBDIVISION
    assert HoursRule.parse({"daily": "09:00-20:00", "before_holidays": "closed"}).asks_for_holidays


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"daily": "09:00-20:00", "hollidays": "closed"}, "'hollidays' is no day"),
        ({"holidays": "9-17"}, "time of day"),
        ({"daily": 9}, "daily is not a text"),
        ({"holidays": False}, "holidays is not a text"),
        ({"days_off": "2026-12-24"}, "a list of dates"),
        ({"days_off": ["2026-02-29"]}, "'2026-02-29' is no date like 2026-12-24"),
        ({"special_days": {"24.12.2026": "closed"}}, "no date like"),
        ({"special_days": ["2026-12-24"]}, "a table of dates"),
    ],
)
def test_what_cannot_be_read_says_what_is_wrong(table: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        HoursRule.parse(table)


def test_a_rule_that_cannot_be_kept_cannot_be_made() -> None:
    rule = HoursRule.parse({"daily": "09:00-20:00"})
    with pytest.raises(ValueError, match="holidays: 10:00-09:00"):
        replace(rule, holidays=((600, 540),))
    with pytest.raises(ValueError, match="1970-01-02: 10:00-09:00"):
        replace(rule, special_days=((1, ((600, 540),)),))
    for days in ((2, 1), (1, 1)):
        with pytest.raises(ValueError, match="1970-01-02 stands twice, or after a later day"):
            replace(rule, special_days=tuple((one, ()) for one in days))


def test_equal_rules_are_one_key() -> None:
    table: dict[str, object] = {"daily": "09:00-20:00", "holidays": "closed"}
    rule = HoursRule.parse(table)
    assert len({rule, HoursRule.parse(table), replace(rule, region="DE"), replace(rule, holidays=None)}) == 3


def test_days_are_a_date_or_a_span() -> None:
    assert [format_day(one) for one in parse_days("2026-12-31/2027-01-02")] == [
        "2026-12-31", "2027-01-01", "2027-01-02",
    ]  # fmt: skip
    assert parse_days("1970-01-02") == range(1, 2)
    assert len(parse_days("2028-01-01/2028-12-31")) == 366


@pytest.mark.parametrize(
    "text", ["", "2026-12-24/", "/2026-12-24", "20261224", "2026-W01-1", "2026-13-01", "2026-01-02/2026-01-01",
             "2026-01-01/2027-01-02", "2026-01-01/2026-01-02/2026-01-03"],
)  # fmt: skip
def test_days_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no date|does not end"):
        parse_days(text)


def test_the_hours_named_for_a_day_win_over_a_span_of_days_off() -> None:
    special = join_special_days(["1970-01-02/1970-01-04"], {"1970-01-03": ((600, 660),)})
    assert special == ((1, ()), (2, ((600, 660),)), (3, ()))
