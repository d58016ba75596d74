"""How fast each trunk is dialed, seen from one picture to the next."""

from __future__ import annotations

from collections import Counter, deque

from dialer.api.schemas import Overview

OVER_S = 5.0
AT_LIMIT = 0.85
"""From this share of its limit on a trunk counts as dialed as fast as it allows: calls that begin and end between
two pictures are not seen."""


class Pace:
    """Counts attempts that are new in a picture. Attempt ids only grow, so what is new has a higher one."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._started: deque[tuple[float, Counter[str]]] = deque()
        self._from = 0.0

    def add(self, overview: Overview) -> None:
        """One more picture. One of another service run starts the count again."""
        now = overview.service.now
        newest = max((call.attempt_id for call in overview.calls), default=0)
        if self._newest is None or now < self._from:
            self._newest, self._from = newest, now
            self._started.clear()
            return
        before = self._newest
        self._started.append((now, Counter(c.trunk for c in overview.calls if c.attempt_id > before)))
        self._newest = max(before, newest)
        while self._started and self._started[0][0] <= now - OVER_S:
            self._from = self._started.popleft()[0]

    def per_s(self, trunk: str | None = None) -> float:
        """Calls started a second, over the last seconds; None: over all trunks. 0 until two pictures are there."""
        if not self._started:
            return 0.0
        span = self._started[-1][0] - self._from
        count = sum(started.total() if trunk is None else started[trunk] for _, started in self._started)
        return count / span if span > 0 else 0.0

    def at_limit(self, overview: Overview, campaign: str) -> str | None:
        """The trunk that keeps the campaign's calls back by its calls a second: all it uses are at their limit."""
        used = {call.trunk for call in overview.calls if call.campaign == campaign}
        limits = {trunk.name: trunk.cps for trunk in overview.trunks if trunk.name in used}
        full = [name for name, cps in limits.items() if self.per_s(name) >= AT_LIMIT * cps]
        return full[0] if full and len(full) == len(used) else None
