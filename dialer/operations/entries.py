"""Campaigns and lists as entries of a listing, for the control API and for the console beside it."""

from __future__ import annotations

from campaigns.errors import CampaignsError
from campaigns.loader import parse_campaign
from dialer.api.holdings import CampaignEntry, ListEntry
from dialer.ports.store import ListSummary, Reader, StoredCampaign
from lists.client import client_of


def campaign_entry(reader: Reader, stored: StoredCampaign) -> CampaignEntry:
    """One campaign, its leads counted. `mode` is None when this version does not understand its stored text."""
    try:
        campaign = parse_campaign(stored.body, f"stored campaign {stored.name}", None)
    except CampaignsError:
        campaign = None
    counts = reader.lead_counts(stored.name)
    return CampaignEntry(
        name=stored.name,
        client=client_of(stored.name),
        title=campaign.title if campaign else "",
        mode=campaign.pacing.mode.value if campaign else None,
        lists=list(campaign.lists) if campaign else [],
        state=stored.state,
        state_reason=stored.state_reason,
        state_since=stored.state_at or stored.added_at,
        added_at=stored.added_at,
        leads=counts.total,
        attempted=counts.attempted,
        final=counts.final,
    )


def list_entry(summary: ListSummary) -> ListEntry:
    """One list."""
    return ListEntry(
        name=summary.name,
        client=client_of(summary.name),
        leads=summary.leads,
        numbers=summary.numbers,
        source=summary.source,
        as_of=summary.as_of,
        created_at=summary.created_at,
        expires_on=summary.expires_on,
    )
