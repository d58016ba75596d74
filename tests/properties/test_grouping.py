"""What the name of a zone group says is when each of its leads may be called, by every rule set there is."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from campaigns.applicable import applicable, places_of
from campaigns.campaign import Campaign
from campaigns.grouping import grouping_of
from campaigns.permission.terms import terms_of
from campaigns.reach import reach_of
from campaigns.rule_choice import RuleChoice, Rules
from campaigns.window import open_until
from campaigns.zone_group import Grouping, parts_of
from campaigns.zone_offsets import unknown_zones
from dialer.engine.zone_group import opening_of
from lists.lead import Lead, NumberKind, PhoneNumber
from tests.properties.decisions import _HOURS, DAYS, SPAN_DAYS, _campaign, _subject

STATES = ("US-FL", "US-AL", "US-NY", "US-TX", "US-CA", "DE-BY", "FR-67", "ES-CT", "AU-VIC", "GB-SCT")
LISTS = ("sample", "acme/sample", "another")


def asked(rng: random.Random) -> tuple[Campaign, Rules]:
    """With hours of states and of lists besides, and rules for some kinds of number."""
    campaign, rules = _campaign(rng)
    own = [replace(rng.choice(_HOURS), region=state) for state in rng.sample(STATES, rng.choice((0, 0, 1, 3)))]
    own += [replace(rng.choice(_HOURS), list_name=name) for name in rng.sample(LISTS, rng.choice((0, 0, 1, 2)))]
    campaign = replace(campaign, narrower_hours=(*campaign.narrower_hours, *own))
    if isinstance(rules, RuleChoice) and rules.candidates and rng.random() < 0.3:
        kinds = tuple(rng.sample(tuple(NumberKind), 2))
        one = replace(rng.choice(rules.candidates), name="of kinds", hash="of kinds", kinds=kinds)
        rules = replace(rules, candidates=(*rules.candidates, replace(one, hours=(rng.choice(_HOURS),))))
    return campaign, rules


def is_window_open(campaign: Campaign, rules: Rules, lead: Lead, number: PhoneNumber, now: float) -> bool:
    """Whether the decision finds it open for long enough."""
    rule_set = applicable(rules, lead, number, now)
    places, zones = places_of(lead, number), number.zones
    if rule_set.lack or not rule_set.covers(number.region) or not zones or unknown_zones(zones):
        return False
    hours = terms_of(campaign, rule_set, places, zones, lead.list_name).hours
    closes = None if hours.unknown else open_until(hours, zones, now)
    return closes is not None and now < closes - reach_of(campaign)


@pytest.mark.parametrize("seed", range(8))
def test_a_group_is_open_when_the_decision_finds_the_window_of_its_leads_open(seed: int) -> None:
    rng = random.Random(seed)
    seen = set()
    for _ in range(12):
        campaign, rules = asked(rng)
        grouping = grouping_of(campaign, rules)
        assert Grouping.from_text(grouping.to_text()) == grouping
        first_day = rng.randrange(DAYS - SPAN_DAYS)
        for n in range(1, 40):
            one = _subject(rng, n, campaign, rules, first_day)
            one = replace(one, number=replace(one.number, kind=rng.choice(tuple(NumberKind))))
            group = grouping.group_of(one.lead, one.number)
            assert grouping.group(group) == group, "of a coarse one it is that again"
            found = opening_of(campaign, rules, parts_of(group), reach_of(campaign), one.now)
            seen.add(found.is_open)
            expected = is_window_open(campaign, rules, one.lead, one.number, one.now)
            assert found.is_open == expected, (group, one)
    assert seen == {True, False}
