from __future__ import annotations

import pytest

from campaigns.cap import Cap
from campaigns.errors import UnknownRuleSet
from campaigns.hours_rule import HoursRule
from campaigns.preset_files import load_rule_set, rule_set_names


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


@pytest.mark.parametrize(
    ("name", "reaches", "blocks", "confidence"),
    [
        ("de-marketing", "purpose", "person", "H"),
        ("fr-sales", "purpose", "person", "H"),
        ("fr-sales-until-2026", "purpose", "person", "H"),
        ("es-sales", "purpose", "person", "H"),
        ("it-sales", "purpose", "person", "H"),
        ("gb-marketing", "purpose", "person", "M"),
        ("us-debt", "purpose", "person", "H"),
        ("us-federal-telemarketing", "purpose", "number", "L"),
        ("ca-telemarketing", "purpose", "number", "L"),
    ],
)
def test_how_far_a_refusal_reaches_is_stated_with_its_source(
    name: str, reaches: str, blocks: str, confidence: str
) -> None:
    rule_set = load_rule_set(name)
    assert (rule_set.refusal.reaches, rule_set.refusal.blocks) == (reaches, blocks)
    sources = {one.rule: one for one in rule_set.sources}
    for rule in ("refusal_reaches", "refusal_blocks"):
        assert sources[rule].confidence == confidence
        assert sources[rule].citation != rule_set.citation
        assert confidence != "L" or "not verified" in sources[rule].note
