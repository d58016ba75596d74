"""Lines: so many calls at once, whoever is there. For campaigns whose calls a flow takes."""

from __future__ import annotations

from dialer.pacing.snapshot import PacingEvent, Snapshot


class LinesPacer:
    """Keeps `lines` calls in flight, as far as channels and calls per second allow. Raises `ValueError` for less
    than 1."""

    def __init__(self, lines: int) -> None:
        if lines < 1:
            raise ValueError(f"lines must be at least 1, not {lines!r}")
        self._lines = lines

    def decide(self, snapshot: Snapshot) -> int:
        in_flight = len(snapshot.ringing_s) + len(snapshot.waiting_s) + len(snapshot.talking_s) + snapshot.in_flow
        return max(0, min(self._lines - in_flight, snapshot.lines_free, snapshot.leads_ready))

    def observe(self, event: PacingEvent) -> None:
        """Lines pacing learns nothing."""
