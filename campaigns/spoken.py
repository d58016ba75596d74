"""What the rules ask of campaigns that speak to people by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet
from campaigns.flow import RecordStep
from campaigns.recording_rule import RecordingRule
from lists.value import value

SIMULATED_ONLY = (
    "prerecorded calls go to the simulated trunk alone: nobody has said yet whose permission they need, "
    "and this product cannot prove it"
)


@value
class Lack:
    """What is missing in the campaign's text, and what to write."""

    text: str
    advice: str


def lacks(campaign: Campaign, rule_set: RuleSet) -> Iterator[Lack]:
    """What the rule set wants to be said and the campaign does not say."""
    if rule_set.abandoned_message and campaign.needs_agents and campaign.abandoned is None:
        yield Lack(
            f"{rule_set.label} wants people whom no agent takes within {rule_set.abandon_clock_s:g} s to "
            "hear who has called and how to opt out",
            'write [abandoned] and text = "This is …" below it',
        )
    if rule_set.recording is RecordingRule.NEVER and campaign.flow is not None:
        for name, step in campaign.flow.steps:
            if isinstance(step, RecordStep):
                yield Lack(
                    f"{rule_set.label} allows no recording, and [flow.{name}] makes one",
                    "ask for keys instead",
                )
