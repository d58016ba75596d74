"""A campaign as the service knows it: its text, its state, and what of that is in the store."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet, load_rule_set
from campaigns.errors import CampaignsError
from campaigns.life import CampaignState
from campaigns.loader import parse_campaign
from dialer.ports.access import Change
from dialer.ports.store import StoredCampaign
from lists.client import client_of


@dataclass(frozen=True, slots=True)
class Move:
    """A step that was taken and is not committed yet: where it led, why and when (seconds UTC), and its entry for
    the log of changes. `tried` is set once the store has answered for it, whatever it said."""

    state: CampaignState
    reason: str
    at: float
    change: Change
    tried: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Standing:
    """`state`, `reason`, `since`: now, and why and since when (seconds UTC). `stored`: the committed state; it
    lags behind by the moves in `uncommitted`, the first of them first, which `refused` kept from being committed
    when they were tried last. `failed`: it is paused because it could not go on. `campaign`, `rule_set`: None when
    this version does not understand the stored text, and `unreadable` says why. `lock`: held by who commits."""

    name: str
    state: CampaignState
    reason: str
    since: float
    stored: CampaignState
    campaign: Campaign | None = None
    rule_set: RuleSet | None = None
    unreadable: str = ""
    uncommitted: deque[Move] = field(default_factory=deque)
    refused: str = ""
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
