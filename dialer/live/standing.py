"""A campaign as the service knows it: its text, its state, and what of that is in the store."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from campaigns.campaign import Campaign
from campaigns.errors import CampaignsError
from campaigns.life import CampaignState
from campaigns.loader import parse_campaign
from campaigns.rule_choice import Rules
from campaigns.rule_library import RuleLibrary
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
    when they were tried last. `failed`: it is paused because it could not go on. `campaign`, `rules`: None when
    this version does not understand the stored text, and `unreadable` says why. `lock`: held by who commits."""

    name: str
    state: CampaignState
    reason: str
    since: float
    stored: CampaignState
    campaign: Campaign | None = None
    rules: Rules | None = None
    unreadable: str = ""
    uncommitted: deque[Move] = field(default_factory=deque)
    refused: str = ""
    failed: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def client(self) -> str:
        return client_of(self.name)

    def read(self, stored: StoredCampaign, library: RuleLibrary) -> None:
        """Take the stored text for the campaign's, and the rules it keeps to from the library."""
        try:
            self.campaign = parse_campaign(stored.body, f"stored campaign {stored.name}", None)
            self.rules = library.rules_of(self.campaign)
            self.unreadable = ""
        except CampaignsError as error:
            self.campaign = self.rules = None
            self.unreadable = f"its stored text cannot be read: {error}"


def standing_of(stored: StoredCampaign, library: RuleLibrary) -> Standing:
    """The campaign as it stands in the store."""
    standing = Standing(stored.name, stored.state, stored.state_reason, stored.state_at, stored.state)
    standing.read(stored, library)
    return standing
