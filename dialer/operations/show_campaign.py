"""Campaigns as they stand in the home."""

from __future__ import annotations

from typing import Any

from campaigns.campaign import Campaign
from campaigns.errors import CampaignsError
from campaigns.loader import parse_campaign
from campaigns.rule_choice import RuleChoice, Rules
from campaigns.rule_library import PRESETS, RuleLibrary
from dialer.operations.moments import iso
from dialer.operations.open_campaign import open_campaign
from dialer.ports.store import Reader, StoredCampaign
from lists.client import client_of


def campaign_rows(reader: Reader) -> list[dict[str, Any]]:
    """One entry of `dialer campaign ls --json` for each campaign, by name. `mode` is None for one whose stored
    text this version does not understand."""
    rows = []
    for stored in reader.campaigns():
        try:
            campaign: Campaign | None = parse_campaign(stored.body, f"stored campaign {stored.name}", None)
        except CampaignsError:
            campaign = None
        counts = reader.lead_counts(stored.name)
        rows.append(
            {
                "name": stored.name,
                "client": client_of(stored.name),
                "title": campaign.title if campaign else "",
                "mode": campaign.pacing.mode.value if campaign else None,
                "lists": list(campaign.lists) if campaign else [],
                "leads": counts.total,
                "attempted": counts.attempted,
                "final": counts.final,
                "added_at": iso(stored.added_at),
                **_state(stored),
            }
        )
    return rows


def show_campaign(reader: Reader, name: str, library: RuleLibrary = PRESETS) -> dict[str, Any]:
    """The document of `dialer campaign show --json`. Raises `UnknownName`, `CampaignFileError`."""
    opened = open_campaign(reader, name, library)
    campaign, rules = opened.campaign, opened.rules
    stored = reader.campaign(name)
    counts = reader.lead_counts(name)
    return {
        "name": campaign.name,
        "client": client_of(campaign.name),
        **(_state(stored) if stored else {}),
        "title": campaign.title,
        "lists": list(campaign.lists),
        "mode": campaign.pacing.mode.value,
        "ratio": campaign.pacing.ratio,
        "abandon_target": campaign.pacing.abandon_target,
        "grace_s": campaign.pacing.grace_s,
        "hours": str(campaign.hours),
        "purpose": campaign.purpose.value,
        "rules": _rules_text(rules),
        "trunks": list(campaign.trunks),
        "caller_ids": list(campaign.caller_ids),
        "order": campaign.order.value,
        "ring_timeout_s": campaign.ring_timeout_s,
        "wrapup_limit_s": campaign.wrapup_limit_s,
        "dispositions": [disposition.code for disposition in campaign.dispositions],
        "script": campaign.script,
        "leads": counts.total,
        "attempted": counts.attempted,
        "final": counts.final,
        "zone_groups": dict(reader.zone_groups(name)),
        "added_at": iso(stored.added_at) if stored else None,
        "source_hash": campaign.source_hash,
        "toml": stored.body if stored else "",
    }


def _rules_text(rules: Rules) -> str:
    if isinstance(rules, RuleChoice):
        return f"chosen for each number: {rules.chosen_for}"
    return f"{rules.name}: {rules.title}"


def _state(stored: StoredCampaign) -> dict[str, Any]:
    return {
        "state": stored.state.value,
        "state_reason": stored.state_reason,
        "state_since": iso(stored.state_at or stored.added_at),
    }
