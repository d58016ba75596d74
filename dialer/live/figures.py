"""Today's figures of every campaign, and how far their leads have come: from committed records alone, so that they
are those of the report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from campaigns.caller_id_watch import CallerIdWatch
from campaigns.kpi import Summary
from campaigns.record import AgentTime, AttemptRecord
from dialer.live.day import day_of
from dialer.ports.store import FINAL, CloseAttempt, LeadCounts, ReturnLeads, ThirdCall


@dataclass(slots=True)
class Tally:
    """One campaign. `summary`: of today. `leads`: of all days, None until they have been counted once. `counted`:
    raised with every record, so that who shows figures knows whether they have changed."""

    summary: Summary = field(default_factory=Summary)
    leads: LeadCounts | None = None
    counted: int = 0


@dataclass(slots=True)
class TrunkTally:
    """One trunk today. `seizures`: calls placed. `through`: of them those that the network delivered, whatever
    came of it; `answered`. `pdd_sum_s` over `pdd_count`: time to the first ringing or refusal. `cost_micro`:
    millionths."""

    seizures: int = 0
    through: int = 0
    answered: int = 0
    pdd_sum_s: float = 0.0
    pdd_count: int = 0
    cost_micro: int = 0

    def add(self, record: AttemptRecord) -> None:
        if record.dialed_at is None:
            return
        self.seizures += 1
        self.through += record.charged
        self.answered += record.answered_at is not None
        self.cost_micro += record.cost_micro or 0
        heard_at = record.progress_at or record.answered_at or record.ended_at
        if heard_at is not None and (record.progress_at is not None or record.sip_status is not None):
            self.pdd_sum_s += heard_at - record.dialed_at
            self.pdd_count += 1


class DayFigures:
    """Figures since midnight of a time zone; they begin anew at the next one."""

    def __init__(self, timezone: str, now: float) -> None:
        self._timezone = timezone
        self.since, self._until = day_of(timezone, now)
        self._tallies: dict[str, Tally] = {}
        self.caller_ids = CallerIdWatch()
        self.trunks: dict[str, TrunkTally] = {}
        """Of today, by name."""

    @property
    def timezone(self) -> str:
        return self._timezone

    def of(self, campaign: str) -> Tally:
        """The campaign's tally; it goes on being counted."""
        tally = self._tallies.get(campaign)
        if tally is None:
            tally = self._tallies[campaign] = Tally()
        return tally

    def roll(self, now: float) -> None:
        """Begin anew when midnight has passed."""
        if now >= self._until:
            self.since, self._until = day_of(self._timezone, now)
            for tally in self._tallies.values():
                tally.summary = Summary()
                tally.counted += 1
            self.trunks.clear()
            self.caller_ids = CallerIdWatch()

    def add_record(self, record: AttemptRecord) -> None:
        """Count an attempt, if it belongs to today: the day it was created on."""
        self.roll(record.closed_at)
        if record.created_at >= self.since:
            tally = self.of(record.campaign)
            tally.summary.add(record)
            tally.counted += 1
            self.trunks.setdefault(record.trunk, TrunkTally()).add(record)
            self.caller_ids.add(record)

    def add_third(self, third: ThirdCall) -> None:
        """What a call to a third party outside has cost is its trunk's. In no other figure."""
        if third.ended_at is not None:
            self.roll(third.ended_at)
            if third.asked_at >= self.since:
                self.trunks.setdefault(third.trunk, TrunkTally()).cost_micro += third.cost_micro or 0

    def add_times(self, stretches: Iterable[AgentTime]) -> None:
        """Count agents' time, as far as it is today's."""
        for stretch in stretches:
            self.roll(stretch.until)
            today = stretch if stretch.since >= self.since else replace(stretch, since=self.since)
            if today.until > today.since:
                tally = self.of(stretch.campaign)
                tally.summary.add_time(today)
                tally.counted += 1

    def absorb(self, campaign: str, aside: DayFigures) -> None:
        """Take what was counted aside for this: the same day's, or midnight has passed and it is nobody's."""
        if aside.since == self.since:
            tally = self.of(campaign)
            tally.summary.merge(aside.of(campaign).summary)
            tally.counted += 1

    def moved(self, write: CloseAttempt | ReturnLeads) -> None:
        """Leads have moved on in their campaign: keep the counts, once there are any."""
        if isinstance(write, CloseAttempt):
            first = write.record.counted and write.record.attempt_no == 1
            self._count(write.record.campaign, int(first), int(write.update.state == FINAL))
        else:
            for update in write.updates:
                if update.state == FINAL:
                    self._count(update.campaign, 0, 1)

    def counted_leads(self, campaign: str, counts: LeadCounts) -> None:
        """The campaign's leads were counted in the store."""
        tally = self.of(campaign)
        tally.leads = counts
        tally.counted += 1

    def _count(self, campaign: str, attempted: int, final: int) -> None:
        leads = self.of(campaign).leads
        if leads is not None and (attempted or final):
            self._tallies[campaign].leads = replace(
                leads,
                attempted=min(leads.total, leads.attempted + attempted),
                final=min(leads.total, leads.final + final),
            )
