"""All that a screen is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from dialer.api.access import Me
from dialer.api.schemas import CampaignRow, Overview
from dialer.errors import DialerError
from dialer.tui.link import Link, LinkState
from dialer.tui.pace import Pace
from dialer.tui.source import Holdings


@dataclass(frozen=True, slots=True)
class Notice:
    """What came of an order. `until`: monotonic seconds; `style`: of the banner."""

    text: str
    style: str
    until: float


@dataclass(frozen=True, slots=True)
class View:
    """`now`: monotonic seconds; `where`: home or address; `holdings`: what the home has stored, or why that cannot
    be read, None when it is not known; `ends_in_s`: of a demo, None without an end."""

    link: Link
    pace: Pace
    now: float
    where: str
    holdings: Holdings | DialerError | None = None
    notice: Notice | None = None
    ends_in_s: float | None = None
    quit_word: str = "quit"

    @property
    def overview(self) -> Overview | None:
        return self.link.overview

    @property
    def me(self) -> Me | None:
        return self.link.me

    @property
    def stale(self) -> bool:
        """Whether the picture is the last one of a service that is away."""
        return self.link.state is LinkState.LOST

    @property
    def age_s(self) -> float:
        return self.link.age_s(self.now)

    def campaign(self, name: str | None) -> CampaignRow | None:
        """The campaign of that name, None when it is not in the picture."""
        rows = self.overview.campaigns if self.overview else []
        return next((row for row in rows if row.name == name), None)
