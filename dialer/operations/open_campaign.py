"""A stored campaign, ready to be dialed, simulated, audited or asked about."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet, load_rule_set
from campaigns.loader import parse_campaign
from dialer.errors import UnknownName
from dialer.ports.store import Reader


@dataclass(frozen=True, slots=True)
class OpenedCampaign:
    """`zone_groups`: those that its leads' numbers fall into (`PhoneNumber.zone_group`), sorted."""

    campaign: Campaign
    rule_set: RuleSet
    zone_groups: tuple[str, ...]


def open_campaign(reader: Reader, name: str) -> OpenedCampaign:
    """The campaign as stored. Raises `UnknownName`; and `CampaignFileError` when this version of the product
    no longer understands what an earlier one stored."""
    campaign = read_campaign(reader, name)
    groups = tuple(sorted(group for group, _ in reader.zone_groups(name)))
    return OpenedCampaign(campaign, load_rule_set(campaign.rules), groups)


def read_campaign(reader: Reader, name: str) -> Campaign:
    """The campaign alone. Raises as `open_campaign`."""
    stored = reader.campaign(name)
    if stored is None:
        known = [campaign.name for campaign in reader.campaigns()]
        raise UnknownName("campaign", name, known, "`dialer campaign add FILE` adds one")
    return parse_campaign(stored.body, f"stored campaign {name}")
