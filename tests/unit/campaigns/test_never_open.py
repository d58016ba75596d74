from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from campaigns.hours_rule import HoursRule
from campaigns.never_open import never_open
from campaigns.rule_choice import RuleChoice
from tests.unit.campaigns.samples import CAMPAIGN, RULES

OPEN: dict[str, object] = {"daily": "00:00-24:00"}
ITALY = replace(RULES, name="it", jurisdiction=("IT",), hours=(HoursRule.parse({"weekdays": "09:00-20:00"}),))
FLORIDA = replace(RULES, name="fl", jurisdiction=("US-FL",), hours=(HoursRule.parse({"daily": "08:00-20:00"}),))


def told(*narrower: HoursRule, hours: Mapping[str, object] | None = None, rules: object = RULES) -> list[str]:
    campaign = replace(CAMPAIGN, narrower_hours=narrower)
    if hours is not None:
        campaign = replace(campaign, hours=HoursRule.parse(hours))
    return [f"{'.'.join(one.path)}: {one.text}" for one in never_open(campaign, rules)]  # type: ignore[arg-type]


def region(code: str, **table: object) -> HoursRule:
    return replace(HoursRule.parse(OPEN | table), region=code)


def listed(name: str, **table: object) -> HoursRule:
    return replace(HoursRule.parse(OPEN | table), list_name=name)


def test_hours_that_leave_time_are_not_told() -> None:
    assert told(region("US", sun="closed"), listed("sample", weekend="closed")) == []


def test_two_that_exclude_each_other_are_named() -> None:
    assert told(region("US-TX", daily="06:00-08:00")) == [
        "hours.region.US-TX: leaves no time to call together with [hours]: "
        "mon 09:00-20:00; tue 09:00-20:00; wed 09:00-20:00; thu 09:00-20:00; fri 09:00-20:00; sat 09:00-20:00; "
        "sun 09:00-20:00"
    ]
    mornings, evenings = region("US-TX", daily="09:00-12:00"), listed("acme/spring", daily="12:00-20:00")
    (found,) = told(mornings, evenings)
    assert found.startswith("hours.list.spring: leaves no time to call together with [hours.region.US-TX]: mon")


def test_half_a_minute_is_no_time_to_call() -> None:
    # 25 s of ringing and 12 s of set-up do not fit into no minute, and fit into one.
    assert told(region("US", daily="19:59-24:00")) == []
    assert len(told(region("US", daily="20:00-24:00"))) == 1


def test_regions_apart_exclude_nobody() -> None:
    assert told(region("US-TX", daily="09:00-12:00"), region("US-FL", daily="12:00-20:00")) == []
    assert len(told(region("US", daily="09:00-12:00"), region("US-FL", daily="12:00-20:00"))) == 1
    assert told(listed("sample", daily="09:00-12:00"), listed("other", daily="12:00-20:00")) == []


def test_rules_of_a_country_whose_people_would_never_be_called_are_named() -> None:
    choice = RuleChoice((RULES, ITALY, FLORIDA), "sales calls")
    (found,) = told(hours={"weekend": "09:00-20:00"}, rules=choice)
    assert found.startswith("hours: nobody in IT is called: rule set it has mon 09:00-20:00")
    found_of_region = told(region("US", daily="20:00-21:00"), hours=OPEN, rules=choice)
    assert [text.partition(": mon")[0] for text in found_of_region] == [
        "hours.region.US: leaves no time to call together with rule set fl"
    ]


def test_three_that_exclude_each_other_only_together_are_named_together() -> None:
    law = replace(RULES, hours=(HoursRule.parse({"daily": "08:00-12:00, 15:00-18:00"}),))
    found = told(region("US", daily="10:00-13:00"), hours={"daily": "12:00-16:00"}, rules=law)
    assert [text.partition(": mon")[0] for text in found] == [
        "hours.region.US: leaves no time to call together with [hours] and rule set rules"
    ]


def test_single_days_may_be_what_is_open() -> None:
    assert told(region("US", daily="closed", special_days={"2026-12-24": "10:00-12:00"})) == []
