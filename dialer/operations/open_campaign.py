"""A stored campaign, ready to be dialed, simulated, audited or asked about."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet, load_rule_set
from campaigns.errors import CampaignFileError
from campaigns.loader import parse_campaign
from dialer.errors import UnknownName
from dialer.ports.store import Reader

Version = tuple[Campaign, RuleSet]
"""A text of a campaign, and the rules it names."""


@dataclass(frozen=True, slots=True)
class OpenedCampaign:
    """`zone_groups`: those that its leads' numbers fall into (`PhoneNumber.zone_group`), sorted."""

    campaign: Campaign
    rule_set: RuleSet
    zone_groups: tuple[str, ...]


def open_campaign(reader: Reader, name: str) -> OpenedCampaign:
    """The campaign as stored. Raises `UnknownName`; and `CampaignFileError` when this version of the product
    no longer understands what an earlier one stored."""
    campaign, rule_set = read_version(reader, name)
    return OpenedCampaign(campaign, rule_set, tuple(reader.zone_group_names(name)))


def read_version(reader: Reader, name: str) -> Version:
    """The campaign as stored and its rules, without looking at its leads. Raises as `open_campaign`."""
    campaign = read_campaign(reader, name)
    return campaign, load_rule_set(campaign.rules)


def campaign_versions(reader: Reader, name: str) -> tuple[Version, ...]:
    """Every text the campaign has had, and the rules each names, oldest first (the present one is among them).
    A text that this version of the product no longer understands is left out."""
    found = []
    for stored in reader.campaign_versions(name):
        try:
            campaign = parse_campaign(stored.body, f"earlier text of campaign {name}")
        except CampaignFileError:
            continue
        found.append((campaign, load_rule_set(campaign.rules)))
    return tuple(found)


def read_campaign(reader: Reader, name: str) -> Campaign:
    """The campaign alone. Raises as `open_campaign`."""
    stored = reader.campaign(name)
    if stored is None:
        known = [campaign.name for campaign in reader.campaigns()]
        raise UnknownName("campaign", name, known, "`dialer campaign add FILE` adds one")
    return parse_campaign(stored.body, f"stored campaign {name}")
