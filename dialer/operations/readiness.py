"""What a stored campaign still lacks before it can be dialed: a draft lacks something, a ready one nothing."""

from __future__ import annotations

from collections.abc import Collection

from campaigns.campaign import Campaign
from campaigns.life import NEXT, CampaignState, Step
from campaigns.rule_choice import strictest, within
from campaigns.rule_library import PRESETS, RuleLibrary
from campaigns.spoken import lacks
from dialer.ports.store import Reader


def what_is_missing(
    reader: Reader, campaign: Campaign, trunks: Collection[str], library: RuleLibrary = PRESETS
) -> tuple[str, ...]:
    """What keeps it from being dialed, each in words that say what to do; empty when it is ready.

    `trunks`: names that `dialer.toml` describes. Leads are looked for by their zone groups, never counted."""
    missing = []
    if not any(name in trunks for name in campaign.trunks):
        missing.append(f"dialer.toml describes none of its trunks ({', '.join(campaign.trunks)}): add a [[trunk]]")
    groups = reader.zone_group_names(campaign.name)
    if not groups:
        lists = ", ".join(campaign.lists)
        missing.append(f"its lists ({lists}) have no lead: `dialer list import FILE --list {campaign.lists[0]}`")
    regions = {group.partition(":")[0] for group in groups}
    rule_set = strictest(within(library.rules_of(campaign), regions))
    if groups and rule_set.lack:
        missing.append(f"{rule_set.lack} ({', '.join(sorted(regions))}): name a rule set, or declare one")
    missing += [f"{lack.text}: {lack.advice}" for lack in lacks(campaign, rule_set)]
    return tuple(missing)


def settled(state: CampaignState, missing: Collection[str]) -> CampaignState:
    """Where that takes a campaign: ready or draft from one of the two; what is under way or over stays so."""
    return NEXT.get((state, Step.INCOMPLETE if missing else Step.COMPLETE), state)
