"""Funnels of campaigns: counted in a process of its own, one at a time, and kept for a while."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dialer.api.holdings import FunnelAnswer
from dialer.operations.routes_at import out_of_use
from dialer.web.counted import Counted
from dialer.web.service import Service
from dialer.web.work import FunnelWork, TrunkOut

KEPT_S = 15.0


class Funnels:
    """As `Counted`."""

    def __init__(self, home: Path, database: Callable[[], str], service: Service) -> None:
        self._service = service
        self._counted = Counted(home, database, service, FunnelAnswer, what="funnels", kept_s=KEPT_S)

    async def funnel(self, campaign: str, at: float | None) -> FunnelAnswer:
        """Of now (`at` None), maybe some seconds old, or of a later moment. Raises `Refused`."""

        def work(now: float) -> FunnelWork:
            down = out_of_use(self._service.trunk_rows(), now) if at is None else {}
            outs = {name: TrunkOut(words=out.words, until=out.until) for name, out in down.items()}
            return FunnelWork(campaign=campaign, at=at, down=outs)

        return await self._counted.get((campaign, at), work, keep=at is None)

    async def close(self) -> None:
        """End what is being counted."""
        await self._counted.close()
