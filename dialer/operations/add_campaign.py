"""Add a campaign to a home, or replace its text."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from campaigns.campaign import Campaign
from campaigns.errors import CampaignFileError, Problem
from dialer.operations.check_campaign import check_campaign
from dialer.ports.store import Answer, LeadCounts, Reader, SaveCampaign, Write


@dataclass(frozen=True, slots=True)
class AddedCampaign:
    """`replaced`: one of that name was there; its leads kept their place. `warnings`: what dialing will lack."""

    campaign: Campaign
    replaced: bool
    leads: LeadCounts
    warnings: tuple[Problem, ...]


def add_campaign(
    path: Path,
    *,
    write: Callable[[Write], Answer],
    reader: Reader,
    now: float,
    trunks: Collection[str] | None = None,
    order_seed: int = 0,
) -> AddedCampaign:
    """Store the campaign of a file and give each lead of its lists a place in it.

    `write` commits and answers, or raises; `now`: seconds UTC; `trunks`: names that `dialer.toml` knows.
    Raises `CampaignFileError`, also for a list that the home does not have: then nothing is stored.
    """
    checked = check_campaign(path, lists=[summary.name for summary in reader.lists()], trunks=trunks)
    if checked.missing_lists:
        raise CampaignFileError(checked.missing_lists)
    campaign = checked.campaign
    replaced = reader.campaign(campaign.name) is not None
    write(SaveCampaign(campaign.name, checked.body, campaign.lists, campaign.order.value, now, order_seed))
    return AddedCampaign(campaign, replaced, reader.lead_counts(campaign.name), checked.missing_trunks)
