"""A campaign whose rule sets are chosen for each number."""

from __future__ import annotations

from dataclasses import replace

from campaigns.amd import Amd
from campaigns.campaign import Delivery
from campaigns.compliance import RuleSet
from campaigns.hours_rule import HoursRule
from campaigns.preset_files import load_rule_set
from campaigns.purpose import Purpose
from campaigns.recording_rule import RecordingRule
from campaigns.rule_choice import RuleChoice, reaches_of, rules_for
from dialer.engine import events as ev
from dialer.engine.commands import CampaignEnded, SaveAttempt
from dialer.ports.store import FetchLeads, ReturnLeads
from tests.unit.engine.world import LONDON, NOON, World, campaign, candidate, phone

HOUR = 3_600.0
RULES = load_rule_set("fictional")
BRITAIN = replace(RULES, name="gb", hash="gb", jurisdiction=("GB",), fictional=False, confidence="H")
SCOTLAND = replace(BRITAIN, name="sct", hash="sct", jurisdiction=("GB-SCT",), caps=())
LATE = (HoursRule.parse({"daily": "15:00-20:00"}),)


def world(*sets: RuleSet) -> World:
    rules = rules_for((), sets, Purpose.SALES, reaches_of(Delivery.AGENTS, Amd()))
    assert isinstance(rules, RuleChoice)
    return World(campaign(rules=()), rules=rules)


def test_the_permit_names_every_file_that_made_it() -> None:
    of = world(BRITAIN, SCOTLAND)
    lead = candidate(1)
    of.leads(replace(lead, lead=replace(lead.lead, region="GB-SCT")))
    evidence = of.last(SaveAttempt).intent.permitted.evidence
    assert evidence.rule_parts == (("gb", "gb"), ("sct", "sct"))
    assert (evidence.rule_set, evidence.basis) == ("gb+sct", "preset")


def test_a_lead_in_a_narrower_place_waits_until_that_place_opens() -> None:
    of = world(BRITAIN, replace(SCOTLAND, hours=LATE))
    lead = candidate(1)
    of.leads(replace(lead, lead=replace(lead.lead, region="GB-SCT")), candidate(2))
    assert [save.intent.lead_id for save in of.all(SaveAttempt)] == [2]
    (update,) = of.last(ReturnLeads).updates
    assert (update.lead_id, update.reason, update.due_at) == (1, "window_closed", NOON + 3 * HOUR)


def test_a_lead_in_a_country_without_rules_is_asked_again_for_somebody_may_declare_some() -> None:
    of = world(BRITAIN)
    lead = candidate(1)
    of.leads(replace(lead, lead=replace(lead.lead, country="RO")), candidate(2))
    assert [save.intent.lead_id for save in of.all(SaveAttempt)] == [2]
    (update,) = of.last(ReturnLeads).updates
    assert (update.state, update.reason, update.due_at) == ("ready", "no_rule", NOON + 24 * HOUR)


def test_numbers_of_a_country_without_rules_are_not_even_asked_for() -> None:
    of = World(campaign(rules=()), rules=world(BRITAIN).engine.state.runs["spring"].rules, groups=("RO:x", LONDON))
    assert of.last(FetchLeads).zone_groups == (LONDON,)


def test_rules_of_one_country_that_are_over_do_not_stop_the_campaign() -> None:
    of = world(BRITAIN, replace(SCOTLAND, valid_to="2026-11-01"))
    lead = candidate(1)
    of.leads(replace(lead, lead=replace(lead.lead, region="GB-SCT")), candidate(2))
    assert [save.intent.lead_id for save in of.all(SaveAttempt)] == [2]
    assert of.last(ReturnLeads).updates[0].reason == "rule_expired"
    assert not of.all(CampaignEnded)


def test_rules_that_change_between_permit_and_dialing_withdraw_the_call() -> None:
    of = world(BRITAIN)
    of.leads(candidate(1))
    attempt_id = of.last(SaveAttempt).intent.attempt_id
    other = RuleChoice((replace(BRITAIN, hash="gb2"),), "sales calls")
    of.tell(ev.CampaignChanged(of.campaign, other))
    of.tell(ev.AttemptSaved(attempt_id))
    assert of.record.outcome == "withdrawn"


def test_what_may_be_recorded_goes_by_the_number() -> None:
    wish = replace(campaign().recording, wish=RecordingRule.ALLOWED)
    rules = world(BRITAIN, replace(SCOTLAND, recording=RecordingRule.ASK)).engine.state.runs["spring"].rules
    of = World(campaign(rules=(), recording=wish), rules=rules)
    lead = candidate(1, phone(1))
    of.dial(replace(lead, lead=replace(lead.lead, region="GB-SCT")))
    of.tell(ev.CallAnswered(1), after=2)
    of.wait(0.1)
    assert of.engine.state.calls[1].recording_rule == "ask"
