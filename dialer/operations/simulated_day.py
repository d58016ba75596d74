"""What one day of a simulation came to."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.kpi import Summary
from dialer.operations.moments import iso
from dialer.ports.store import LeadCounts, Reader


@dataclass(frozen=True, slots=True)
class SimulatedDay:
    """From `since` to `until` (seconds UTC). `leads`: at its end. `dialed_until`: when the last call was placed;
    long before the end, nothing was left to be dialed. None: none was."""

    since: float
    until: float
    summary: Summary
    leads: LeadCounts
    dialed_until: float | None

    @property
    def penetration(self) -> float:
        """Leads attempted by its end, as a share of all."""
        return self.leads.attempted / self.leads.total if self.leads.total else 0.0

    def as_dict(self) -> dict[str, object]:
        """One entry of `by_day` of `dialer simulate --json`."""
        found = self.summary
        return {
            "from": iso(self.since),
            "attempts": found.attempts,
            "connects": found.connects,
            "live": found.live,
            "abandoned": found.abandoned,
            "abandonment_rate": round(found.abandonment_rate, 6),
            "rpc": found.rpc,
            "agent_hours": round(found.agent_hours, 6),
            "rpc_per_agent_hour": round(found.rpc_per_agent_hour, 6),
            "busy_share": round(found.busy_share, 6),
            "attempted": self.leads.attempted,
            "final": self.leads.final,
            "penetration": round(self.penetration, 6),
            "dialed_until": iso(self.dialed_until),
        }


def simulated_day(reader: Reader, campaign: str, since: float, until: float) -> SimulatedDay:
    """Fold the records of [since, until); leads are counted as they stand now."""
    summary = Summary()
    last: float | None = None
    for record in reader.records(campaign, since, until):
        summary.add(record)
        if record.dialed_at is not None:
            last = record.dialed_at if last is None else max(last, record.dialed_at)
    for stretch in reader.agent_times(campaign, since, until):
        summary.add_time(stretch)
    return SimulatedDay(since, until, summary, reader.lead_counts(campaign), last)
