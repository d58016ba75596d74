"""Where the console's picture comes from, and its orders go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from dialer.api import requests
from dialer.api.access import Me
from dialer.api.callbacks import DueCallbacks
from dialer.api.client import AsyncControlClient
from dialer.api.edits import CampaignMoved
from dialer.api.holdings import CampaignEntry, FunnelAnswer, ListEntry, WhyAnswer, WhyEverywhere
from dialer.api.schemas import Overview


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a home has stored, whoever runs on it. `read_at`: seconds UTC; `timezone`: of its figures and times."""

    read_at: float
    timezone: str
    campaigns: tuple[CampaignEntry, ...] = ()
    lists: tuple[ListEntry, ...] = ()


Stored = Callable[[], Awaitable[Holdings]]
"""Looks into the home, for as long as no service is there to be asked. Raises `DialerError`."""


class Source(Protocol):
    """The control API as far as the console needs it. Every call raises `DialerError`s (`dialer.api.errors`)."""

    @property
    def where(self) -> str:
        """The home or address it is asked at, for people."""
        ...

    async def me(self) -> Me:
        """Who we are to the service, and what we may do."""
        ...

    async def overview(self) -> Overview:
        """The floor at this moment."""
        ...

    async def start(self, campaign: str) -> CampaignMoved: ...

    async def pause(self, campaign: str) -> CampaignMoved: ...

    async def stop(self, campaign: str) -> CampaignMoved:
        """Drain: no new calls; done when the last one is over."""
        ...

    async def funnel(self, campaign: str) -> FunnelAnswer:
        """How many of its leads may be dialed; of a large campaign it takes seconds."""
        ...

    async def callbacks(self) -> DueCallbacks:
        """Promised calls still to be made, the longest overdue first."""
        ...

    async def why(self, campaign: str | None, lead: int | None, number: str | None) -> WhyAnswer | WhyEverywhere:
        """May the lead or the number be dialed now, for a campaign or (None) for all that call it?"""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class ApiSource:
    """A service, asked over its control API. `where`: as the user named it."""

    def __init__(self, client: AsyncControlClient, where: str) -> None:
        self._client = client
        self.where = where

    async def me(self) -> Me:
        return await self._client.call(requests.me())

    async def overview(self) -> Overview:
        return await self._client.call(requests.overview())

    async def start(self, campaign: str) -> CampaignMoved:
        return await self._client.call(requests.start_campaign(campaign))

    async def pause(self, campaign: str) -> CampaignMoved:
        return await self._client.call(requests.pause_campaign(campaign))

    async def stop(self, campaign: str) -> CampaignMoved:
        return await self._client.call(requests.stop_campaign(campaign))

    async def funnel(self, campaign: str) -> FunnelAnswer:
        return await self._client.call(requests.funnel(campaign))

    async def callbacks(self) -> DueCallbacks:
        return await self._client.call(requests.due_callbacks())

    async def why(self, campaign: str | None, lead: int | None, number: str | None) -> WhyAnswer | WhyEverywhere:
        if campaign is None:
            return await self._client.call(requests.why_everywhere(lead=lead, number=number))
        return await self._client.call(requests.why(campaign, lead=lead, number=number))

    async def close(self) -> None:
        await self._client.close()
