"""What tells leads apart: no more than the hours of a campaign and its rules depend on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.campaign import Campaign, Delivery
from campaigns.compliance import RuleSet
from campaigns.grouping import grouping_of
from campaigns.hours_rule import HoursRule
from campaigns.preset_files import load_rule_set
from campaigns.purpose import Purpose, Reaches
from campaigns.rule_choice import RuleChoice
from campaigns.rule_library import PRESETS
from campaigns.zone_group import Grouping, GroupParts, finest_group, parts_of
from lists.lead import NumberKind
from tests.unit.campaigns.samples import CAMPAIGN

BASE = load_rule_set("us-federal-telemarketing")
FLORIDA = replace(BASE, name="fl", hash="fl", jurisdiction=("US-FL",))
LATE = HoursRule.parse({"daily": "12:00-18:00"})
NO_HOLIDAYS = HoursRule.parse({"daily": "09:00-18:00", "holidays": "closed"})
NATIONAL = HoursRule.parse({"daily": "09:00-18:00", "holidays": "closed", "holiday_calendar": "country"})


def choice(*sets: RuleSet) -> RuleChoice:
    return RuleChoice(sets, "sales calls")


def named(
    grouping: Grouping, state: str = "", *, kind: str = "mobile", name: str = "people", area: str = "800"
) -> str:
    return grouping.group(finest_group(f"+1{area}5550100", "US:America/New_York", kind, "US", state, name))


def test_where_nothing_depends_on_them_states_kinds_and_lists_are_left_out() -> None:
    grouping = grouping_of(CAMPAIGN, choice(BASE))
    assert (grouping, grouping.to_text()) == (Grouping(), "")
    assert named(grouping, "US-FL") == "US:America/New_York"


def test_states_with_the_same_hours_are_together() -> None:
    texas = replace(BASE, name="tx", hash="tx", jurisdiction=("US-TX",), hours=(LATE,))
    maine = replace(FLORIDA, name="me", hash="me", jurisdiction=("US-ME",))
    grouping = grouping_of(CAMPAIGN, choice(BASE, texas, maine, FLORIDA))
    assert grouping.states == (("US-FL", "US-FL"), ("US-ME", "US-FL"), ("US-TX", "US-TX"))
    groups = [named(grouping, state, area="207") for state in ("US-NY", "US-FL", "US-ME", "US-TX")]
    in_florida = "US:America/New_York;US-FL"
    assert groups == [in_florida, in_florida, in_florida, f"{in_florida};US-TX"], "207 is Maine"


def test_a_rule_set_without_hours_tells_nobody_apart() -> None:
    assert grouping_of(CAMPAIGN, choice(BASE, replace(FLORIDA, hours=()))) == Grouping()


def test_own_hours_of_states_and_lists_tell_them_apart() -> None:
    own = (replace(LATE, region="US-FL"), replace(LATE, region="US"), replace(LATE, list_name="cold"))
    grouping = grouping_of(replace(CAMPAIGN, narrower_hours=own), BASE)
    assert grouping == Grouping(states=(("US-FL", "US-FL"),), lists=("cold",))
    assert named(grouping, "US-FL", name="cold") == "US:America/New_York;US-FL;list=cold"
    assert named(grouping, "US-TX", name="warm") == "US:America/New_York"


@pytest.mark.parametrize(
    ("campaign", "places"),
    [
        (replace(CAMPAIGN, hours=NO_HOLIDAYS), ("*",)),
        (replace(CAMPAIGN, narrower_hours=(replace(NO_HOLIDAYS, region="US"),)), ("US",)),
        (replace(CAMPAIGN, hours=NATIONAL), ()),
    ],
)
def test_where_holidays_count_every_state_is_one_of_its_own(campaign: Campaign, places: tuple[str, ...]) -> None:
    grouping = grouping_of(campaign, choice(BASE))
    assert grouping.holidays == places
    assert named(grouping, "US-NY", area="207") == f"US:America/New_York{';US-ME;US-NY' if places else ''}"


def test_holidays_of_one_state_count_for_those_who_may_be_there() -> None:
    grouping = grouping_of(CAMPAIGN, choice(BASE, replace(FLORIDA, hours=(NO_HOLIDAYS,))))
    assert named(grouping, "US-NY", area="305") == "US:America/New_York;US-FL;US-NY"
    assert named(grouping, "US-NY", area="207") == "US:America/New_York"


def test_kinds_are_told_apart_by_the_rules_that_speak_of_them() -> None:
    mobile = replace(BASE, name="m", hash="m", kinds=(NumberKind.MOBILE,), hours=(LATE,))
    grouping = grouping_of(CAMPAIGN, choice(BASE, mobile))
    assert named(grouping, kind="mobile") == named(grouping, kind="fixed_or_mobile")
    assert named(grouping, kind="mobile") == "US:America/New_York;kind=fixed_or_mobile"
    assert named(grouping, kind="fixed") == named(grouping, kind="unknown") == "US:America/New_York"


def test_another_country_is_always_told_and_a_state_whose_country_is_not() -> None:
    finest = finest_group("+442079460000", "GB:Europe/London", "fixed", "IE", "US-TX", "people")
    assert Grouping().group(finest) == "GB:Europe/London;IE;US-TX"


def test_a_name_says_what_it_is_made_of_whatever_a_list_is_called() -> None:
    name = "acme/a;kind=b;list=c:d"
    finest = finest_group("+12075550100", "US:America/New_York|America/Chicago", "mobile", "CA", "", name)
    zones = ("America/New_York", "America/Chicago")
    assert parts_of(finest) == GroupParts(("US", "CA", "US-ME"), zones, "mobile", name)
    assert parts_of("GB:") == GroupParts(("GB",), ())
    assert Grouping(lists=(name,)).group(finest) == f"US:{'|'.join(zones)};CA;US-ME;list={name}".replace(
        ";US-ME", ""
    )


def test_sales_in_all_of_the_united_states_are_told_by_what_its_states_say() -> None:
    rules = PRESETS.rules((), Purpose.SALES, (Reaches.AGENTS,))
    grouping = grouping_of(replace(CAMPAIGN, rules=(), delivery=Delivery.AGENTS), rules)
    assert len(grouping.states) == 18
    assert len({stands for _, stands in grouping.states}) == 8
    assert Grouping.from_text(grouping.to_text()) == grouping
