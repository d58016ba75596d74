"""Power: a fixed number of lines for each agent on duty (VICIdial's RATIO), whatever comes of the calls."""

from __future__ import annotations

import math

from dialer.pacing.snapshot import PacingEvent, Snapshot

MAX_RATIO = 15.0


class PowerPacer:
    """Keeps `ratio × agents` lines in flight, rounded half up. In flight: ringing, waiting, talking, in a flow.

    `ratio`: lines per agent who is idle, talking or in wrap-up, 1.0–15.0. Raises `ValueError` outside it.
    """

    def __init__(self, ratio: float) -> None:
        if not 1.0 <= ratio <= MAX_RATIO:
            raise ValueError(f"ratio must lie in 1.0–{MAX_RATIO}, not {ratio!r}")
        self._ratio = ratio

    def decide(self, snapshot: Snapshot) -> int:
        agents = snapshot.idle + len(snapshot.talking_s) + len(snapshot.wrapping_s)
        in_flight = len(snapshot.ringing_s) + len(snapshot.waiting_s) + len(snapshot.talking_s) + snapshot.in_flow
        wanted = math.floor(self._ratio * agents + 0.5) - in_flight
        return max(0, min(wanted, snapshot.lines_free, snapshot.leads_ready))

    def observe(self, event: PacingEvent) -> None:
        """Power pacing learns nothing."""
