"""Progressive: one call for each idle agent. Nobody who answers waits; agents wait a long time."""

from __future__ import annotations

from dialer.pacing.snapshot import PacingEvent, Snapshot


class ProgressivePacer:
    """Keeps as many calls unanswered, waiting or in a call flow as there are idle agents."""

    def decide(self, snapshot: Snapshot) -> int:
        wanted = snapshot.idle - len(snapshot.ringing_s) - len(snapshot.waiting_s) - snapshot.in_flow
        return max(0, min(wanted, snapshot.lines_free, snapshot.leads_ready))

    def observe(self, event: PacingEvent) -> None:
        """Progressive pacing learns nothing."""
