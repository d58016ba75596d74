from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.cap import Cap
from campaigns.compliance import load_rule_set, parse_rule_set, rule_set_names
from campaigns.errors import RuleSetError, UnknownRuleSet
from campaigns.hours_rule import HoursRule
from tests.unit.campaigns.samples import RULES, utc

GOOD = """
name = "x"
title = "X"
jurisdiction = ["US"]
fictional = false
citation = "none"
confidence = "M"
verified_on = "2026-11-22"
valid_from = ""
valid_to = ""
ring_min = "15s"
[hours]
daily = "08:00-21:00"
[abandonment]
maximum = 0.03
clock = "2s"
[[caps]]
name = "week"
limit = 7
period = "7d"
scope = "number"
"""


def test_every_preset_loads_under_its_own_name() -> None:
    assert {"fictional", "us-federal-telemarketing"} <= set(rule_set_names())
    for name in rule_set_names():
        rule_set = load_rule_set(name)
        assert rule_set.name == name
        assert len(rule_set.hash) == 64


def test_the_fictional_rules_hold_everywhere_and_for_ever() -> None:
    rules = load_rule_set("fictional")
    assert rules.fictional
    assert rules.covers("DE")
    assert rules.covers("001")
    assert rules.validity() == (float("-inf"), float("inf"))
    assert rules.hours == (HoursRule.parse({"daily": "09:00-20:00"}),)
    assert rules.caps == (Cap("number_24h", 3, 86_400.0),)


def test_the_federal_rules_of_the_united_states() -> None:
    rules = load_rule_set("us-federal-telemarketing")
    assert not rules.fictional
    assert rules.covers("US")
    assert not rules.covers("CA")
    assert rules.hours == (HoursRule.parse({"daily": "08:00-21:00"}),)
    assert (rules.abandon_max, rules.abandon_clock_s, rules.ring_min_s) == (0.03, 2.0, 15.0)
    assert "64.1200(c)(1)" in rules.citation
    assert (rules.confidence, rules.verified_on) == ("H", "2026-11-22")


def test_an_unknown_rule_set_names_those_there_are() -> None:
    with pytest.raises(UnknownRuleSet, match=r"'atlantis'.*fictional.*us-federal"):
        load_rule_set("atlantis")
    with pytest.raises(UnknownRuleSet):
        load_rule_set("../presets/fictional")


def test_validity_ends_after_its_last_day_or_a_year_after_the_last_check() -> None:
    dated = replace(RULES, valid_from="2026-01-01", valid_to="2026-06-30")
    assert dated.validity() == (utc("2026-01-01T00:00"), utc("2026-07-01T00:00"))
    assert RULES.validity() == (float("-inf"), utc("2027-11-02T00:00"))


def test_a_good_file_is_read() -> None:
    rule_set = parse_rule_set(GOOD.encode(), "x")
    assert rule_set.caps == (Cap("week", 7, 7 * 86_400.0),)
    assert rule_set.jurisdiction == ("US",)


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ('title = "X"', "", "title is missing"),
        ('title = "X"', "title = 1", "title is not a text"),
        ('title = "X"', 'title = "X"\nextra = 1', "unknown key 'extra'"),
        ('["US"]', '["*"]', "only a fictional"),
        ('["US"]', "[]", "no jurisdiction"),
        ('"2026-11-22"', '""', "last checked"),
        ('"2026-11-22"', '"22.11.2026"', "verified_on is '22.11.2026', no date"),
        ('"M"', '"very"', "confidence"),
        ("0.03", "3", "fraction"),
        ('"08:00-21:00"', '"21:00-08:00"', "over midnight"),
        ('"08:00-21:00"', '"closed"', "no jurisdiction or no hours"),
        ('"7d"', '"70d"', "cap week"),
        ('"number"', '"household"', "cap week: scope is 'household'; it is one of number, lead, person, debt"),
        ("limit = 7", "limit = 0", "cap week: limit is 0; it is a whole number of attempts, 1 or more"),
        ('"15s"', '"soon"', "'soon' is not a duration"),
        ('name = "x"', 'name = "y"', "name is 'y'"),
        ("[hours]", "[hours", "rule set x"),
    ],
)
def test_a_bad_file_says_what_is_wrong(was: str, becomes: str, complaint: str) -> None:
    assert was in GOOD
    with pytest.raises(RuleSetError, match=complaint):
        parse_rule_set(GOOD.replace(was, becomes, 1).encode(), "x")
