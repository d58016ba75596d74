"""What a rule set asks of campaigns that speak by themselves."""

from __future__ import annotations

from dataclasses import replace

from campaigns.abandoned import AbandonedMessage
from campaigns.flow import Flow, HangUpStep, RecordStep
from campaigns.preset_files import load_rule_set
from campaigns.prompt import Prompt
from campaigns.recording_rule import RecordingRule
from campaigns.spoken import lacks
from tests.unit.campaigns.samples import CAMPAIGN

RULES = load_rule_set("fictional")


def test_where_the_rules_want_a_message_for_the_abandoned_one_without_lacks_it() -> None:
    telling = replace(RULES, abandoned_message=True)
    (lack,) = lacks(CAMPAIGN, telling)
    assert "how to opt out" in lack.text
    assert list(lacks(replace(CAMPAIGN, abandoned=AbandonedMessage(Prompt(text="This is"))), telling)) == []


def test_where_nothing_may_be_recorded_no_step_of_a_flow_records() -> None:
    flow = Flow("say", (("say", RecordStep(None, 20.0, "bye")), ("bye", HangUpStep())))
    campaign = replace(CAMPAIGN, flow=flow)
    assert list(lacks(campaign, RULES)) == []
    (lack,) = lacks(campaign, replace(RULES, recording=RecordingRule.NEVER))
    assert "[flow.say]" in lack.text
