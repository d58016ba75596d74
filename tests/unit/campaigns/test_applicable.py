from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.applicable import applicable, hours_in, places_of
from campaigns.cap import Cap
from campaigns.combined_rules import combine
from campaigns.compliance import Basis, Binding, RuleSet, RuleSource
from campaigns.eligibility import refusal
from campaigns.hours_rule import HoursRule
from campaigns.purpose import Purpose, Reaches
from campaigns.recording_rule import RecordingRule
from campaigns.refusal import Refusal
from campaigns.rule_choice import RuleChoice, rules_for, strictest, within
from lists.lead import NumberKind
from tests.unit.campaigns.samples import LEAD, LONDON, NEW_YORK, NOON, PROPOSED, RULES, utc

AGENTS = (Reaches.AGENTS,)
STATED = tuple(
    RuleSource(rule, "", "H", Binding.LAW, "", "", "") for rule in ("hours", "abandonment", "recording")
)
US = replace(RULES, name="us", jurisdiction=("US",), hash="us", sources=STATED, purposes=(Purpose.SALES,))
FLORIDA = replace(
    US,
    name="fl",
    jurisdiction=("US-FL",),
    hours=(HoursRule.parse({"daily": "08:00-20:00"}),),
    caps=(Cap("fl_24h", 3, 86_400.0),),
    hash="fl",
    sources=STATED[:1],
)
BRITAIN = replace(
    US,
    name="gb",
    jurisdiction=("GB",),
    hash="gb",
    abandon_max=0.02,
    ring_min_s=20.0,
    recording=RecordingRule.ALLOWED,
    hours=(HoursRule.parse({"weekdays": "09:00-21:00"}),),
)
ALL = (US, FLORIDA, BRITAIN)


def chosen(*sets: RuleSet, purpose: Purpose = Purpose.SALES) -> RuleChoice:
    rules = rules_for((), sets, purpose, AGENTS)
    assert isinstance(rules, RuleChoice)
    return rules


def test_a_number_comes_under_the_rules_of_its_country() -> None:
    assert applicable(chosen(*ALL), LEAD, LONDON, NOON).made_of == (("gb", "gb"),)


def test_a_lead_s_state_adds_its_rules_to_those_of_the_country() -> None:
    rules = applicable(chosen(*ALL), replace(LEAD, country="US", region="US-FL"), NEW_YORK, NOON)
    assert rules.made_of == (("us", "us"), ("fl", "fl"))
    assert rules.name == "us+fl"
    assert rules.hours == (*US.hours, *FLORIDA.hours)
    assert {cap.name for cap in rules.caps} == {"week", "fl_24h"}
    assert len(rules.hash) == 64


def test_a_lead_abroad_comes_under_the_rules_of_both_countries() -> None:
    rules = applicable(chosen(*ALL), replace(LEAD, country="US"), LONDON, NOON)
    assert [name for name, _ in rules.made_of] == ["us", "gb"]
    assert (rules.abandon_max, rules.ring_min_s) == (0.02, 20.0)
    assert rules.covers("US")
    assert rules.covers("GB")


def test_a_country_without_rules_permits_nothing_and_says_so() -> None:
    nowhere = applicable(chosen(US, FLORIDA), LEAD, LONDON, NOON)
    assert nowhere.lack == "no rule set says anything about sales calls in GB"
    abroad = applicable(chosen(US, FLORIDA), replace(LEAD, country="FR"), NEW_YORK, NOON)
    assert abroad.lack == "no rule set says anything about sales calls in FR"
    assert applicable(US, replace(LEAD, country="FR"), NEW_YORK, NOON).lack
    assert applicable(US, replace(LEAD, country="US"), NEW_YORK, NOON) is US


def test_rules_that_say_nothing_of_hours_permit_nothing() -> None:
    silent = replace(US, hours=(), sources=STATED[1:])
    assert "at which hours" in applicable(chosen(silent), LEAD, NEW_YORK, NOON).lack
    rules = applicable(chosen(silent, replace(US, name="hours")), LEAD, NEW_YORK, NOON)
    assert rules.hours == US.hours


def test_hours_of_one_country_permit_nothing_in_another() -> None:
    silent = replace(BRITAIN, hours=(), sources=STATED[1:])
    abroad = applicable(chosen(US, silent), replace(LEAD, country="US"), LONDON, NOON)
    assert abroad.lack == "no rule set says at which hours sales calls are allowed in GB"


def test_a_country_whose_hours_somebody_declared_is_called_on_that_word() -> None:
    silent = replace(BRITAIN, hours=(), sources=STATED[1:])
    declared = replace(BRITAIN, name="own", basis=Basis.DECLARED, hash="own")
    assert applicable(chosen(silent, declared), LEAD, LONDON, NOON).basis is Basis.DECLARED
    assert applicable(chosen(BRITAIN, declared), LEAD, LONDON, NOON).basis is Basis.PRESET


def test_rules_of_another_purpose_or_delivery_are_not_chosen() -> None:
    debt = replace(US, name="debt", purposes=(Purpose.DEBT,))
    robots = replace(US, name="robots", reaches=(Reaches.PRERECORDED,))
    assert chosen(US, debt, robots).candidates == (US,)
    assert chosen(US, debt, purpose=Purpose.DEBT).candidates == (debt,)


def test_rules_about_mobiles_hold_where_a_number_may_be_one() -> None:
    mobile = replace(US, name="mobile", kinds=(NumberKind.MOBILE,))
    both = chosen(US, mobile)
    either = replace(NEW_YORK, kind=NumberKind.FIXED_OR_MOBILE)
    assert applicable(both, LEAD, NEW_YORK, NOON).made_of == (("us", "us"),)
    assert len(applicable(both, LEAD, either, NOON).made_of) == 2
    assert len(applicable(both, LEAD, replace(NEW_YORK, kind=NumberKind.MOBILE), NOON).made_of) == 2


OLD = replace(US, name="old", hash="o", valid_to="2026-08-10")
NEW = replace(US, name="new", hash="n", valid_from="2026-08-11")


@pytest.mark.parametrize(
    ("zones", "before", "after"),
    [
        (("America/New_York",), "2026-08-10T23:59:59-04:00", "2026-08-11T00:00-04:00"),
        (("Australia/Sydney",), "2026-08-10T23:59:59+10:00", "2026-08-11T00:00+10:00"),
        (("America/Los_Angeles", "America/New_York"), "2026-08-10T23:59:59-04:00", "2026-08-11T00:00-04:00"),
        ((), "2026-08-10T23:59:59", "2026-08-11T00:00"),
        (("Mars/Olympus",), "2026-08-10T23:59:59", "2026-08-11T00:00"),
    ],
)
def test_a_law_changes_when_the_day_begins_where_the_person_is(
    zones: tuple[str, ...], before: str, after: str
) -> None:
    number = replace(NEW_YORK, zones=zones)
    assert applicable(chosen(OLD, NEW), LEAD, number, utc(before)).made_of == (("old", "o"),)
    assert applicable(chosen(OLD, NEW), LEAD, number, utc(after)).made_of == (("new", "n"),)


def test_who_may_not_be_called_any_more_before_the_law_changes_waits_for_that() -> None:
    evening = utc("2026-08-10T21:30-04:00")
    late = replace(PROPOSED, rule_set=applicable(chosen(OLD, NEW), LEAD, NEW_YORK, evening))
    answer = refusal(late, evening, 37.0)
    assert answer is not None
    assert (answer.reason, answer.until) == (Refusal.WINDOW_CLOSED, utc("2026-08-11T00:00-04:00"))
    alone = refusal(replace(late, rule_set=applicable(chosen(OLD), LEAD, NEW_YORK, evening)), evening, 37.0)
    assert alone is not None
    assert alone.until is None, "nothing comes after it"


def test_one_that_is_over_without_a_successor_binds_on_as_outdated() -> None:
    over = replace(FLORIDA, valid_to="2026-06-30")
    lead = replace(LEAD, region="US-FL")
    rules = applicable(chosen(US, over), lead, NEW_YORK, NOON)
    assert rules.validity()[1] == utc("2026-07-01T00:00")
    assert len(rules.made_of) == 2


def test_what_a_part_does_not_state_is_left_to_the_others() -> None:
    both = combine((replace(US, recording=RecordingRule.ANNOUNCE), replace(FLORIDA, abandon_max=0.01)))
    assert (both.recording, both.abandon_max) == (RecordingRule.ANNOUNCE, 0.03)


def test_a_declared_set_opens_a_country_and_only_narrows_what_is_known() -> None:
    declared = replace(US, name="own", jurisdiction=("US", "RO"), basis=Basis.DECLARED, hash="own", caps=())
    rules = rules_for((declared,), ALL, Purpose.SALES, AGENTS)
    assert applicable(rules, LEAD, NEW_YORK, NOON).basis is Basis.PRESET
    assert [name for name, _ in applicable(rules, LEAD, NEW_YORK, NOON).made_of] == ["own", "us"]
    bucharest = replace(LONDON, e164="+40212345678", region="RO", zones=("Europe/Bucharest",))
    assert applicable(rules, LEAD, bucharest, NOON).basis is Basis.DECLARED


def test_sets_that_are_named_are_the_only_ones() -> None:
    assert rules_for((US,), ALL, Purpose.DEBT, AGENTS) is US
    named = rules_for((US, BRITAIN), ALL, Purpose.DEBT, AGENTS)
    assert applicable(named, replace(LEAD, region="US-FL"), NEW_YORK, NOON).made_of == (("us", "us"),)
    state_alone = rules_for((FLORIDA,), ALL, Purpose.SALES, AGENTS)
    assert applicable(state_alone, LEAD, NEW_YORK, NOON).lack
    assert applicable(state_alone, replace(LEAD, region="US-FL"), NEW_YORK, NOON).hours == FLORIDA.hours


def test_hours_are_told_of_places_without_a_lead() -> None:
    rules, zones, kind = chosen(*ALL), NEW_YORK.zones, NumberKind.FIXED
    assert hours_in(rules, kind, ("US",), zones, NOON) == US.hours
    assert hours_in(rules, kind, ("US", "US-FL"), zones, NOON) == (*US.hours, *FLORIDA.hours)
    assert hours_in(rules, kind, ("FR",), (), NOON) is None
    assert hours_in(rules, kind, ("US", "FR"), zones, NOON) is None
    assert hours_in(US, kind, ("US", "US-FL"), (), NOON) == US.hours
    assert hours_in(US, kind, ("US", "GB"), (), NOON) is None


def test_what_a_campaign_settles_once_is_the_strictest_of_where_it_calls() -> None:
    rules = chosen(*ALL)
    assert (strictest(rules).abandon_max, strictest(rules).ring_min_s) == (0.02, 20.0)
    assert strictest(within(rules, {"US"})).abandon_max == 0.03
    assert strictest(within(rules, {"RO"})).lack
    assert strictest(US) is US


def test_places_are_those_of_the_number_and_of_the_lead() -> None:
    assert places_of(LEAD, LONDON) == ("GB",)
    assert places_of(replace(LEAD, country="FR"), LONDON) == ("GB", "FR")
