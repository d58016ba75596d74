"""What a store lets be copied beside the port's reads: places and history, for a simulation on the real list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from campaigns.permission.past import PastAttempt
from dialer.ports.store import Place, Reader


@dataclass(frozen=True, slots=True)
class CountedAttempt:
    """A counted attempt as history and caps see it. `created_at`: seconds UTC."""

    lead_id: int
    created_at: float
    past: PastAttempt


@dataclass(frozen=True, slots=True)
class CampaignSetup:
    """What of a campaign the store needs beside its text. `grouping`: `campaigns.zone_group.Grouping` as text."""

    lists: tuple[str, ...]
    order: str
    order_seed: int
    grouping: str


class Source(Reader, Protocol):
    """A reader that can be copied from."""

    def setup(self, campaign: str) -> CampaignSetup:
        """Raises `UnknownCampaign`."""
        ...

    def places(self, campaign: str) -> Iterator[Place]:
        """Of every lead, by lead id."""
        ...

    def counted_attempts(self, campaign: str, since: float) -> Iterator[CountedAttempt]:
        """All of this campaign, and those of the others created since; oldest first."""
        ...

    def dnc_version(self) -> int: ...
