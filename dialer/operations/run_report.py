"""What a campaign came to: its summary, and its records as a table."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import IO

from campaigns.kpi import Summary
from campaigns.record import AttemptRecord
from campaigns.rule_choice import strictest
from campaigns.rule_library import PRESETS, RuleLibrary
from dialer.errors import InputError
from dialer.operations.moments import iso
from dialer.operations.open_campaign import read_campaign, read_version
from dialer.operations.run_audit import EVER, TELL_EVERY, run_audit
from dialer.ports.store import LeadCounts, Reader
from lists.spreadsheet import harmless

COLUMNS = tuple(field.name for field in fields(AttemptRecord))
_NUMBERS = ("number", "caller_id")  # E.164: their plus is no formula


@dataclass(frozen=True, slots=True)
class Report:
    """`since`, `until`: the period, seconds UTC; `violations`: attempts the audit would not have permitted.
    `abandon_cap`: fraction of live answers that the rule set `rules`, or the strictest of those that may apply,
    allows to be abandoned. `under_way`: attempts of the period without a record yet, in no figure: the call goes
    on, or the service that placed it was killed and has not been started again."""

    campaign: str
    since: float
    until: float
    summary: Summary
    leads: LeadCounts
    violations: int
    rules: str
    abandon_cap: float
    under_way: int

    @property
    def above_abandon_cap(self) -> bool:
        """More live answers were abandoned than the rules allow, and would be with one fewer: of thirty, one
        person is a high rate, and nothing to be done about."""
        found = self.summary
        return found.abandoned + found.people_lost - 1 > self.abandon_cap * (found.live + found.people_lost)

    def as_dict(self) -> dict[str, object]:
        """The summary that demo, simulate and report share (`docs/reference/kpi.md`)."""
        return self.summary.as_dict(
            campaign=self.campaign,
            since=self.since,
            until=self.until,
            leads_total=self.leads.total,
            leads_attempted=self.leads.attempted,
            leads_final=self.leads.final,
            violations=self.violations,
        )


def run_report(
    reader: Reader,
    name: str,
    since: float | None = None,
    until: float | None = None,
    progress: Callable[[int], None] | None = None,
    library: RuleLibrary = PRESETS,
) -> Report:
    """Fold the campaign's records and agents' times of [since, until) into a report.

    None: from the first attempt or log-in, until the last attempt closed. Attempts belong to the period in
    which they were created; `leads` are those of today. `progress` is told now and then how many attempts it has
    read, those of the audit among them. Raises `UnknownName`, `InputError` (empty period).
    """
    rule_set = strictest(read_version(reader, name, library)[1])
    check_period(since, until)
    low, high = since if since is not None else 0.0, until if until is not None else EVER
    summary, first, last = Summary(), EVER, 0.0
    for read, record in enumerate(reader.records(name, low, high), start=1):
        if progress is not None and read % TELL_EVERY == 0:
            progress(read)
        summary.add(record)
        first, last = min(first, record.created_at), max(last, record.closed_at)
    for stretch in reader.agent_times(name, low, high):
        summary.add_time(stretch)
        first, last = min(first, stretch.since), max(last, stretch.until)
    if last == 0.0:  # nothing happened
        stored = reader.campaign(name)
        first = last = stored.added_at if stored is not None else 0.0
    return Report(
        campaign=name,
        since=since if since is not None else min(first, high),
        until=until if until is not None else max(last, low),
        summary=summary,
        leads=reader.lead_counts(name),
        violations=run_audit(reader, name, progress).violating(low, high),
        rules=rule_set.name,
        abandon_cap=rule_set.abandon_max,
        under_way=sum(one.campaign == name and low <= one.created_at < high for one in reader.open_attempts()),
    )


def write_records(
    reader: Reader, name: str, out: IO[str], since: float | None = None, until: float | None = None
) -> int:
    """The records of [since, until) as CSV, one line an attempt, moments as ISO 8601 UTC; answers how many.
    Raises `UnknownName`, `InputError`."""
    read_campaign(reader, name)
    check_period(since, until)
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    count = 0
    records = reader.records(name, since if since is not None else 0.0, until if until is not None else EVER)
    for record in records:
        table.writerow(_cells(record))
        count += 1
    return count


def check_period(since: float | None, until: float | None) -> None:
    """Raises `InputError` for a period that ends before it begins."""
    if since is not None and until is not None and until <= since:
        raise InputError("--to: the period ends before it begins; give a --to later than --from")


def _cells(record: AttemptRecord) -> Iterator[str | int | float]:
    for name in COLUMNS:
        value = getattr(record, name)
        if value is None:
            yield ""
        elif name.endswith("_at"):
            yield iso(value) or ""
        elif isinstance(value, bool):
            yield int(value)
        elif isinstance(value, str) and name not in _NUMBERS:
            yield harmless(value)
        else:
            yield value
