from __future__ import annotations

from dataclasses import replace

from campaigns import holiday_calendar
from campaigns.holiday_calendar import is_holiday
from campaigns.hours import DAY_S
from campaigns.hours_rule import HoursRule
from campaigns.preset_files import load_rule_set
from dialer.operations.load_holidays import asking_for_holidays, load_holidays
from tests.unit.campaigns.samples import CAMPAIGN, NOON, RULES

FRENCH = load_rule_set("fr-sales")
CLOSED = HoursRule.parse({"daily": "09:00-20:00", "holidays": "closed"})


def test_those_are_asking_that_close_on_a_holiday_where_somebody_is_called() -> None:
    assert asking_for_holidays(CAMPAIGN, RULES, {"US"}) == ()
    assert asking_for_holidays(CAMPAIGN, FRENCH, {"FR"}) == FRENCH.hours
    assert asking_for_holidays(replace(CAMPAIGN, narrower_hours=(CLOSED,)), RULES, {"US"}) == (CLOSED,)


def test_nothing_is_left_to_be_loaded_when_a_decision_asks() -> None:
    load_holidays(FRENCH.hours, {"FR", "XX"}, NOON)
    loaded = holiday_calendar._holidays.cache_info().misses
    today = int(NOON // DAY_S)
    assert not is_holiday("FR-6AE", today)
    assert is_holiday("FR-*", today + 38)  # 26 December, in Alsace alone
    assert not is_holiday("FR", today + 38)
    assert not is_holiday("FR", today + 400)
    assert holiday_calendar._holidays.cache_info().misses == loaded


def test_a_rule_that_names_a_calendar_wants_that_one() -> None:
    named = HoursRule.parse({"daily": "09:00-20:00", "holidays": "closed", "holiday_calendar": "DE-BY"})
    load_holidays((named,), {"AT"}, NOON)
    loaded = holiday_calendar._holidays.cache_info().misses
    is_holiday("DE-BY", int(NOON // DAY_S))
    assert holiday_calendar._holidays.cache_info().misses == loaded
