"""A campaign as the service knows it: its text, its state, and what of that is in the store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet, load_rule_set
from campaigns.errors import CampaignsError
from campaigns.life import CampaignState
from campaigns.loader import parse_campaign
from dialer.ports.store import StoredCampaign
from lists.client import client_of


@dataclass(slots=True)
class Standing:
    """`state`, `reason`, `since`: now, and why and since when (seconds UTC). `stored`: the committed state;
    it lags behind where the engine moved the campaign, until that is `settled`. `failed`: it is paused because it
    could not go on. `campaign`, `rule_set`: None when this version does not understand the stored text, and
    `unreadable` says why. `lock`: held while somebody's step is being committed."""

    name: str
    state: CampaignState
    reason: str
    since: float
    stored: CampaignState
    campaign: Campaign | None = None
    rule_set: RuleSet | None = None
    unreadable: str = ""
    settled: bool = True
    failed: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def client(self) -> str:
        return client_of(self.name)

    def read(self, stored: StoredCampaign) -> None:
        """Take the stored text for the campaign's."""
        try:
            self.campaign = parse_campaign(stored.body, f"stored campaign {stored.name}")
            self.rule_set = load_rule_set(self.campaign.rules)
            self.unreadable = ""
        except CampaignsError as error:
            self.campaign = self.rule_set = None
            self.unreadable = f"its stored text cannot be read: {error}"


def standing_of(stored: StoredCampaign) -> Standing:
    """The campaign as it stands in the store."""
    standing = Standing(stored.name, stored.state, stored.state_reason, stored.state_at, stored.state)
    standing.read(stored)
    return standing
