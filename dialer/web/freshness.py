"""Freshness of lists: counted in a process of its own, one at a time, and kept for some minutes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dialer.api.freshness import FreshnessAnswer
from dialer.web.counted import Counted
from dialer.web.service import Service
from dialer.web.work import FreshnessWork

KEPT_S = 300.0
"""Numbers go in weeks, and counting a million of them takes seconds."""


class ListFreshness:
    """As `Counted`."""

    def __init__(self, home: Path, database: Callable[[], str], service: Service) -> None:
        self._counted = Counted(home, database, service, FreshnessAnswer, what="freshness reports", kept_s=KEPT_S)

    async def freshness(
        self, list_name: str, at: float | None, verify_below: float, worth_from: float
    ) -> FreshnessAnswer:
        """Of now (`at` None), maybe some minutes old, or as of that moment; shares as `list_freshness` has them.
        Raises `Refused`."""
        work = FreshnessWork(list_name=list_name, at=at, verify_below=verify_below, worth_from=worth_from)
        key = (list_name, at, verify_below, worth_from)
        return await self._counted.get(key, lambda _: work, keep=at is None)

    async def close(self) -> None:
        """End what is being counted."""
        await self._counted.close()
