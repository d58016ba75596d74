"""Add a campaign to a home, or replace its text."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from campaigns.campaign import Campaign
from campaigns.errors import CampaignFileError, Problem
from campaigns.grouping import grouping_of
from campaigns.life import CampaignState
from campaigns.rule_library import PRESETS, RuleLibrary
from dialer.operations.check_campaign import TryPrompt, check_campaign
from dialer.operations.place_leads import PORTION, place_leads
from dialer.operations.readiness import settled, what_is_missing
from dialer.ports.store import Answer, LeadCounts, Reader, SaveCampaign, SetCampaignState, Write
from dialer.settings import Settings


@dataclass(frozen=True, slots=True)
class AddedCampaign:
    """`replaced`: one of that name was there; its leads kept their place. `warnings`: what dialing will lack.
    `state`, `reason`: ready to be started, or a draft and why."""

    campaign: Campaign
    replaced: bool
    leads: LeadCounts
    warnings: tuple[Problem, ...]
    state: CampaignState
    reason: str


def add_campaign(
    path: Path,
    *,
    write: Callable[[Write], Answer],
    reader: Reader,
    now: float,
    trunks: Collection[str] | None = None,
    order_seed: int = 0,
    progress: Callable[[int], None] | None = None,
    portion: int = PORTION,
    settings: Settings | None = None,
    try_prompt: TryPrompt | None = None,
) -> AddedCampaign:
    """Store the campaign of a file and give each lead of its lists a place in it, `portion` at a time.

    `write` commits and answers, or raises; `now`: seconds UTC; `trunks`: names that `dialer.toml` knows;
    `progress` is told how many leads have got their place so far. Cut short, a new campaign stays a draft, and
    adding it again goes on. Raises `CampaignFileError`, also for a list that the home does not have, for a client
    or caller ids that `settings` does not grant, and for a prompt that cannot be played (`try_prompt`): then
    nothing is stored.
    """
    lists = [summary.name for summary in reader.lists()]
    checked = check_campaign(path, lists=lists, trunks=trunks, settings=settings, try_prompt=try_prompt)
    if checked.missing_lists:
        raise CampaignFileError(checked.missing_lists)
    campaign = checked.campaign
    replaced = reader.campaign(campaign.name) is not None
    write(SaveCampaign(campaign.name, checked.body, campaign.lists, campaign.order.value, now, order_seed))
    library = PRESETS if settings is None else settings.rules
    grouping = grouping_of(campaign, library.rules_of(campaign))
    place_leads(campaign.name, write=write, grouping=grouping, progress=progress, portion=portion)
    state, reason = settle_campaign(campaign, write=write, reader=reader, now=now, trunks=trunks, library=library)
    counts = reader.lead_counts(campaign.name)
    return AddedCampaign(campaign, replaced, counts, checked.warnings, state, reason)


def settle_campaign(
    campaign: Campaign,
    *,
    write: Callable[[Write], Answer],
    reader: Reader,
    now: float,
    trunks: Collection[str] | None,
    library: RuleLibrary = PRESETS,
) -> tuple[CampaignState, str]:
    """Make a draft that has all it needs ready, and what was ready but lacks something a draft; the state it is in
    then, and why. `trunks` None: nobody can say which there are. Raises `LookupError` when it is not stored,
    `StateConflict` when somebody else moves it."""
    stored = reader.campaign(campaign.name)
    if stored is None:
        raise LookupError(f"campaign {campaign.name!r} is not stored")
    missing = what_is_missing(reader, campaign, campaign.trunks if trunks is None else trunks, library)
    state, reason = settled(stored.state, missing), "; ".join(missing)
    if state is stored.state and (state is not CampaignState.DRAFT or stored.state_reason == reason):
        return state, stored.state_reason
    write(SetCampaignState(campaign.name, state, now, reason, expected=stored.state))
    return state, reason
