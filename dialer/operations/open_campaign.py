"""A stored campaign, ready to be dialed, simulated, audited or asked about."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.campaign import Campaign
from campaigns.errors import CampaignFileError, UnknownRuleSet
from campaigns.loader import parse_campaign
from campaigns.rule_choice import Rules
from campaigns.rule_library import PRESETS, RuleLibrary
from dialer.errors import UnknownName
from dialer.ports.store import Reader

Version = tuple[Campaign, Rules]
"""A text of a campaign, and the rules it keeps to."""


@dataclass(frozen=True, slots=True)
class OpenedCampaign:
    """`zone_groups`: those that its leads' numbers fall into (`PhoneNumber.zone_group`), sorted."""

    campaign: Campaign
    rules: Rules
    zone_groups: tuple[str, ...]


def open_campaign(reader: Reader, name: str, library: RuleLibrary = PRESETS) -> OpenedCampaign:
    """The campaign as stored. Raises `UnknownName`; and `CampaignFileError` when this version of the product
    no longer understands what an earlier one stored."""
    campaign, rules = read_version(reader, name, library)
    return OpenedCampaign(campaign, rules, tuple(reader.zone_group_names(name)))


def read_version(reader: Reader, name: str, library: RuleLibrary = PRESETS) -> Version:
    """The campaign as stored and its rules, without looking at its leads. Raises as `open_campaign`."""
    campaign = read_campaign(reader, name)
    return campaign, library.rules_of(campaign)


def version_at(reader: Reader, name: str, at: float, library: RuleLibrary = PRESETS) -> Version:
    """The campaign by the text that it had at a moment (seconds UTC), as far as that is stored and understood: a
    text that it was given once more is known by the first time alone. Raises as `open_campaign`."""
    texts = reader.campaign_versions(name)
    if all(stored.added_at <= at for stored in texts):
        return read_version(reader, name, library)
    earlier = [stored for stored in texts if stored.added_at <= at] or texts[:1]
    try:
        campaign = parse_campaign(earlier[-1].body, f"earlier text of campaign {name}", None)
        return campaign, library.rules_of(campaign)
    except (CampaignFileError, UnknownRuleSet):
        return read_version(reader, name, library)


def campaign_texts(reader: Reader, name: str) -> tuple[Campaign, ...]:
    """Every text the campaign has had, oldest first (the present one is among them). One that this version of the
    product no longer understands is left out."""
    found = []
    for stored in reader.campaign_versions(name):
        try:
            found.append(parse_campaign(stored.body, f"earlier text of campaign {name}", None))
        except CampaignFileError:
            continue
    return tuple(found)


def read_campaign(reader: Reader, name: str) -> Campaign:
    """The campaign alone. Raises as `open_campaign`."""
    stored = reader.campaign(name)
    if stored is None:
        known = [campaign.name for campaign in reader.campaigns()]
        raise UnknownName("campaign", name, known, "`dialer campaign add FILE` adds one")
    return parse_campaign(stored.body, f"stored campaign {name}", None)
