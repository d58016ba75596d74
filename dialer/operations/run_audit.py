"""The audit of a campaign: every attempt's permit, derived again from what is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from campaigns.audit import Violation
from campaigns.audit_attempt import AuditedAttempt
from campaigns.audit_case import Case, Evidence, Link, RuleText, Verdict, judge
from campaigns.audit_chain import Seal
from campaigns.audit_consent import Agreed, Agreement
from campaigns.campaign import Campaign
from campaigns.record import AttemptRecord
from dialer.errors import InputError
from dialer.operations.keep_rule_sets import presets_to_keep
from dialer.operations.moments import iso
from dialer.operations.open_campaign import read_campaign
from dialer.ports.store import LeadVersion, Reader, StoredAttempt
from dialer.ports.store import Seal as StoredSeal
from lists.client import client_of
from lists.lead import Lead

_LEADS_PER_LOOKUP = 20
EVER = 1e12
"""Later than any moment stored: seconds UTC, some 31,000 years from now."""
TELL_EVERY = 1_000
"""Attempts between two words about how far it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation with the attempt it is about. `created_at`, `at`: when that was saved and when it was dialed,
    seconds UTC; None, and no number, for a link of the chain that is another campaign's."""

    violation: Violation
    number: str
    lead_id: int | None
    created_at: float | None
    at: float | None


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain of permits, of all campaigns. `outside`: attempts of versions before it; `erased`: attempts of the
    campaign whose permits were erased; `head`: the last link, "" when there is none. `found`: whether the link
    `against` is in it, None when none was asked about."""

    links: int
    outside: int
    erased: int
    head: str
    against: str = ""
    found: bool | None = None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """`audited`: attempts of the campaign that left, or may have left."""

    campaign: str
    audited: int
    findings: tuple[Finding, ...]
    chain: Chain

    @property
    def clean(self) -> bool:
        """Nothing was found, and the link that was asked about is in the chain."""
        return not self.findings and self.chain.found is not False

    def violating(self, since: float | None = None, until: float = float("inf")) -> int:
        """How many attempts the audit would not have permitted, or finds changed; with `since`, those of the
        campaign that were created in [since, until)."""
        return len(
            {
                found.violation.attempt_id
                for found in self.findings
                if since is None or (found.created_at is not None and since <= found.created_at < until)
            }
        )

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer audit --json`."""
        return {
            "campaign": self.campaign,
            "audited": self.audited,
            "violating": self.violating(),
            "chain": asdict(self.chain),
            "violations": [
                asdict(found.violation) | {"number": found.number, "lead_id": found.lead_id, "at": iso(found.at)}
                for found in self.findings
            ],
        }


Judge = Callable[[Iterator[Evidence]], Verdict]


def run_audit(
    reader: Reader,
    name: str,
    progress: Callable[[int], None] | None = None,
    *,
    judge: Judge = judge,
    against: str = "",
) -> AuditReport:
    """Audit every attempt of a campaign, each by the texts it was permitted under; attempts of the other campaigns
    count towards caps, and are in the chain of permits.

    `judge`: who judges; by default this process. `against`: a link of the chain that was written down earlier,
    in hex. Holds all placed attempts in memory, some 2 KB each: the audit wants them by the moment they were
    dialed, and only what was really dialed says which order that is. `progress` is told now and then how many
    attempts it has read. Raises `UnknownName`, `CampaignFileError`."""
    campaign = read_campaign(reader, name)
    attempts = sorted(_attempts(reader, name, progress), key=lambda attempt: (attempt.moment, attempt.attempt_id))
    own = {attempt.attempt_id: attempt for attempt in attempts if attempt.campaign == name}
    verdict = judge(_evidence(reader, campaign, attempts, own, against))
    findings = tuple(_finding(violation, own.get(violation.attempt_id)) for violation in verdict.violations)
    chain = Chain(verdict.links, verdict.outside, verdict.erased, verdict.head, against, verdict.found)
    return AuditReport(name, verdict.audited, findings, chain)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last link of the chain of permits, "" when nothing is sealed yet; the attempt it is of, and how many
    there are."""

    link: str
    attempt_id: int | None
    links: int

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer audit --head --json`."""
        return asdict(self)


def chain_head(reader: Reader) -> ChainHead:
    """To be written down where nobody who can write to the database can reach it."""
    last = reader.last_link()
    return ChainHead("", None, 0) if last is None else ChainHead(last[1].link, last[0], last[1].place)


def link_of(text: str) -> str:
    """A link as somebody gives it; "" for none. Raises `InputError`."""
    link = text.strip().lower()
    if link and not re.fullmatch(r"[0-9a-f]{64}", link):
        raise InputError(
            f"--against: {text!r} is no link; give the 64 hex digits that `dialer audit --head` printed"
        )
    return link


def _evidence(
    reader: Reader,
    campaign: Campaign,
    attempts: Sequence[AuditedAttempt],
    own: Mapping[int, AuditedAttempt],
    against: str,
) -> Iterator[Evidence]:
    """Everything the audit needs, in the order of `KINDS`."""
    stored = reader.campaign(campaign.name)
    numbers, client = sorted({one.number for one in own.values()}), client_of(campaign.name)
    present = "" if stored is None else stored.body
    yield Case(
        campaign=campaign.name,
        texts=(*(one.body for one in reader.campaign_versions(campaign.name) if one.body != present), present),
        rule_sets=tuple(_rule_texts(reader)),
        walls=reader.walls(),
        blocked=_blocked(reader, numbers, client),
        consents=_consents(reader, numbers, client),
        against=against,
        agreed=tuple(_agreements(reader, campaign.name)),
        expiries=dict(reader.list_expiries()),
    )
    leads = _read_leads(reader, campaign.lists, {attempt.lead_id for attempt in own.values()})
    yield from _as_they_were(leads, reader.lead_versions(leads), attempts, own)
    for attempt_id, seal in reader.chain():
        yield Link(attempt_id, _seal(seal))


def _as_they_were(
    leads: Mapping[int, Lead | None],
    versions: Mapping[int, Sequence[LeadVersion]],
    attempts: Iterable[AuditedAttempt],
    own: Mapping[int, AuditedAttempt],
) -> Iterator[Evidence]:
    """Leads and attempts; a lead that was changed since comes as it was at its first attempt, and again before the
    first that was made of it after each change."""
    left = {lead_id: list(of_lead) for lead_id, of_lead in versions.items()}
    for lead_id, lead in leads.items():
        was = left[lead_id][0].lead if left.get(lead_id) else lead
        if was is not None:
            yield was
    for attempt in attempts:
        of_lead = left.get(attempt.lead_id) if attempt.attempt_id in own else None
        if of_lead and attempt.created_at > of_lead[0].until:
            while of_lead and attempt.created_at > of_lead[0].until:
                del of_lead[0]
            now = of_lead[0].lead if of_lead else leads[attempt.lead_id]
            if now is not None:
                yield now
        yield attempt


def _agreements(reader: Reader, campaign: str) -> Iterator[Agreed]:
    for one in (stored.callback for stored in reader.callbacks(campaign)):
        yield Agreed(
            one.promised_in, one.lead_id, one.number, one.wall, one.zone, one.made_at, one.made_by, one.consent
        )


def _blocked(
    reader: Reader, numbers: Sequence[str], client: str
) -> dict[str, tuple[tuple[str, float, float | None], ...]]:
    found: dict[str, list[tuple[str, float, float | None]]] = {}
    for one in reader.dnc_entries(numbers, client):
        found.setdefault(one.number, []).append((one.purpose, one.since, one.until))
    return {number: tuple(spans) for number, spans in found.items()}


def _consents(reader: Reader, numbers: Sequence[str], client: str) -> dict[str, tuple[Agreement, ...]]:
    found: dict[str, tuple[Agreement, ...]] = {}
    for one in reader.consents(numbers, client):
        entry = one.kind, one.purpose, one.given_at, one.expires_at, one.withdrawn_at
        found[one.number] = (*found.get(one.number, ()), entry)
    return found


def _rule_texts(reader: Reader) -> Iterator[RuleText]:
    """Those that were kept; today's where none were, as of attempts of earlier versions."""
    kept = reader.rule_sets()
    for one in kept:
        yield RuleText(one.name, one.body, one.basis, one.added_at)
    if not kept:
        for preset in presets_to_keep(EVER):
            yield RuleText(preset.name, preset.body, preset.basis, preset.now)


def _seal(stored: StoredSeal | None) -> Seal | None:
    return None if stored is None else Seal(stored.place, stored.salt, stored.digest, stored.link)


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


def _finding(violation: Violation, attempt: AuditedAttempt | None) -> Finding:
    if attempt is None:
        return Finding(violation, "", None, None, None)
    return Finding(violation, attempt.number, attempt.lead_id, attempt.created_at, attempt.moment)


def _attempts(reader: Reader, name: str, progress: Callable[[int], None] | None) -> Iterator[AuditedAttempt]:
    read = 0
    for campaign in reader.campaigns():
        for stored in reader.attempts(campaign.name):
            read += 1
            if progress is not None and read % TELL_EVERY == 0:
                progress(read)
            yield _audited(stored, own=campaign.name == name)


def _audited(stored: StoredAttempt, *, own: bool) -> AuditedAttempt:
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
        permit=stored.permit if own else None,
        seal=_seal(stored.seal) if own else None,
        alerted=record is not None and record.progress_at is not None,
        answered=record is not None and record.answered_at is not None,
        wanted_at=None if record is None else _wanted_at(record),
        ended_at=None if record is None else record.ended_at,
        message_at=None if record is None else _message_at(record),
        opted_out_at=None if record is None else record.opted_out_at,
        recorded_by=None if record is None or record.recording is None else record.recording_rule,
        machine_message=record is not None and record.message == "machine" and record.message_after_s is not None,
        person=stored.person,
        debt=stored.debt,
        purpose=stored.purpose,
        contact="unknown" if record is None else record.contact,
        disposition=None if record is None else record.disposition,
        right_party=record is not None and record.rpc,
    )


def _wanted_at(record: AttemptRecord) -> float | None:
    return record.answered_at if record.to_agents_at is None else record.to_agents_at


def _message_at(record: AttemptRecord) -> float | None:
    if record.message != "abandoned" or record.answered_at is None or record.message_after_s is None:
        return None
    return record.answered_at + record.message_after_s
