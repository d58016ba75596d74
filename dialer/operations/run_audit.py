"""The audit of a campaign: every attempt's permit, derived again from what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from campaigns.audit import AuditedAttempt, Violation, audit
from campaigns.campaign import Campaign
from campaigns.compliance import Basis, RuleSet
from campaigns.record import AttemptRecord
from campaigns.rule_library import PRESETS, RuleLibrary
from dialer.operations.moments import iso
from dialer.operations.open_campaign import campaign_texts, read_campaign
from dialer.ports.store import Reader, StoredAttempt
from lists.client import client_of
from lists.lead import Lead, PhoneNumber

_LEADS_PER_LOOKUP = 20
TELL_EVERY = 1_000
"""Attempts between two words about how far it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation with the attempt it is about. `created_at`, `at`: when that was saved and when it was dialed,
    seconds UTC."""

    violation: Violation
    number: str
    lead_id: int
    created_at: float
    at: float


@dataclass(frozen=True, slots=True)
class AuditReport:
    """`audited`: attempts of the campaign that left, or may have left."""

    campaign: str
    audited: int
    findings: tuple[Finding, ...]

    def violating(self, since: float = 0.0, until: float = float("inf")) -> int:
        """How many attempts created in [since, until) the audit would not have permitted."""
        return len({found.violation.attempt_id for found in self.findings if since <= found.created_at < until})

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer audit --json`."""
        return {
            "campaign": self.campaign,
            "audited": self.audited,
            "violating": self.violating(),
            "violations": [
                asdict(found.violation) | {"number": found.number, "lead_id": found.lead_id, "at": iso(found.at)}
                for found in self.findings
            ],
        }


def run_audit(
    reader: Reader, name: str, progress: Callable[[int], None] | None = None, library: RuleLibrary = PRESETS
) -> AuditReport:
    """Audit every attempt of a campaign, each by the text it was permitted under; attempts of the other campaigns
    count towards caps.

    Holds all placed attempts in memory, some 2 KB each: the audit wants them by the moment they were dialed,
    and only what was really dialed says which order that is. `progress` is told now and then how many attempts it
    has read. Raises `UnknownName`, `CampaignFileError`.
    """
    campaign = read_campaign(reader, name)
    versions = campaign_texts(reader, name)
    attempts = sorted(_placed(reader, name, progress), key=lambda attempt: (attempt.moment, attempt.attempt_id))
    own = {attempt.attempt_id: attempt for attempt in attempts if attempt.campaign == name}
    leads = _read_leads(reader, campaign.lists, {attempt.lead_id for attempt in own.values()})

    def number_of(lead_id: int, e164: str) -> PhoneNumber | None:
        lead = leads[lead_id]
        return None if lead is None else next((phone for phone in lead.phones if phone.e164 == e164), None)

    def home_of(lead_id: int) -> tuple[str, str]:
        lead = leads[lead_id]
        return ("", "") if lead is None else (lead.country, lead.region)

    blocked = reader.blocked_spans(sorted({attempt.number for attempt in own.values()}), client_of(name))
    found = audit(
        campaign,
        _rule_sets(campaign, library),
        attempts,
        number_of=number_of,
        blocked=blocked,
        earlier_versions=[(text, _rule_sets(text, library)) for text in versions],
        walls=reader.walls(),
        home_of=home_of,
    )
    findings = tuple(_finding(violation, own[violation.attempt_id]) for violation in found)
    return AuditReport(name, len(own), findings)


def _rule_sets(campaign: Campaign, library: RuleLibrary) -> Sequence[RuleSet]:
    """Those it names, or all there are; a name that is not there any more names nothing."""
    named = [library.named(name) for name in campaign.rules if name in library.names]
    if named and all(one.basis is Basis.PRESET for one in named):
        return named
    return library.all()


def _read_leads(reader: Reader, lists: Sequence[str], wanted: set[int]) -> dict[int, Lead | None]:
    """The leads of these ids, None for one that is not stored. Lists are read whole where most of their leads
    are wanted: asking for one lead costs as much as reading twenty."""
    found: dict[int, Lead | None] = {}
    for summary in reader.lists():
        if summary.name in lists and summary.leads < len(wanted) * _LEADS_PER_LOOKUP:
            found.update((lead.lead_id, lead) for lead in reader.leads(summary.name) if lead.lead_id in wanted)
    for lead_id in sorted(wanted - found.keys()):
        found[lead_id] = reader.lead(lead_id)
    return found


def _finding(violation: Violation, attempt: AuditedAttempt) -> Finding:
    return Finding(violation, attempt.number, attempt.lead_id, attempt.created_at, attempt.moment)


def _placed(reader: Reader, name: str, progress: Callable[[int], None] | None) -> Iterator[AuditedAttempt]:
    read = 0
    for campaign in reader.campaigns():
        for stored in reader.attempts(campaign.name):
            read += 1
            if progress is not None and read % TELL_EVERY == 0:
                progress(read)
            attempt = _audited(stored, with_permit=campaign.name == name)
            if attempt.placed:
                yield attempt


def _audited(stored: StoredAttempt, *, with_permit: bool) -> AuditedAttempt:
    record = stored.record
    return AuditedAttempt(
        attempt_id=stored.attempt_id,
        campaign=stored.campaign,
        lead_id=stored.lead_id,
        number=stored.number,
        trunk=stored.trunk,
        caller_id=stored.caller_id,
        created_at=stored.created_at,
        dialed_at=None if record is None else record.dialed_at,
        outcome=None if record is None else record.outcome,
        permit=stored.permit if with_permit else None,
        alerted=record is not None and record.progress_at is not None,
        answered=record is not None and record.answered_at is not None,
        wanted_at=None if record is None else _wanted_at(record),
        ended_at=None if record is None else record.ended_at,
        message_at=None if record is None else _message_at(record),
        opted_out_at=None if record is None else record.opted_out_at,
        machine_message=record is not None and record.message == "machine" and record.message_after_s is not None,
    )


def _wanted_at(record: AttemptRecord) -> float | None:
    return record.answered_at if record.to_agents_at is None else record.to_agents_at


def _message_at(record: AttemptRecord) -> float | None:
    if record.message != "abandoned" or record.answered_at is None or record.message_after_s is None:
        return None
    return record.answered_at + record.message_after_s
