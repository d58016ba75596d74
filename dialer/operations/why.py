"""Why a number or a lead may, or may not, be dialed at a moment: the engine's own decision, asked from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.eligibility import PastAttempt, Permitted, Refusal, Refused, decide, reach_of
from campaigns.outcome import Outcome
from campaigns.window import unknown_zones, utc_offset
from dialer.errors import InputError, UnknownName
from dialer.operations.moments import iso
from dialer.operations.open_campaign import OpenedCampaign, open_campaign
from dialer.ports.store import Reader, StoredAttempt
from lists.lead import Lead, PhoneNumber
from lists.phone import BadNumber, check_region, parse_phone

NO_LEAD = 0
"""Lead id in the answer for a number that no lead of the campaign has."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """`reason`: a `Refusal` value, None when allowed. `until`, seconds UTC: allowed, the first moment at which it
    no longer is, as far as the window says; refused, the first at which it would be, None for never."""

    allowed: bool
    reason: str | None
    until: float | None
    evidence: dict[str, object]

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer why --json`."""
        return {
            "allowed": self.allowed,
            "reason": self.reason,
            "until": iso(self.until),
            "evidence": self.evidence,
        }


@dataclass(frozen=True, slots=True)
class _Past:
    """What has been done about a lead before the moment asked about. `final`, `due_at`: where its latest
    attempt in this campaign left it."""

    history: tuple[PastAttempt, ...]
    lead_attempts: int
    final: str | None
    due_at: float | None


def why(reader: Reader, campaign_name: str, who: str, at: float, region: str | None = None) -> Explanation:
    """May `who`, a phone number or a lead id, be dialed for the campaign at `at` (seconds UTC)?

    A lead is allowed when any of its numbers is; refused, the answer is about the number that comes free first.
    Attempts saved at or after `at` are left out of account; the do-not-call register and the lists are those of
    today. Reads every attempt stored. Raises `InputError`, `UnknownName`, `CampaignFileError`.
    """
    opened = open_campaign(reader, campaign_name)
    lead, phones = _find(reader, opened, who, check_region(region) if region else None)
    past = _past(reader, opened, lead, phones, at)
    blocked = reader.blocked_numbers(phone.e164 for phone in phones)
    answers = [_ask(opened, lead, phone, past, blocked, at) for phone in phones]
    best = min(answers, key=_preference)
    if len(answers) > 1:
        best.evidence["numbers"] = [
            {"number": answer.evidence["number"], "reason": answer.reason, "until": iso(answer.until)}
            for answer in answers
        ]
    return best


def _preference(answer: Explanation) -> tuple[bool, float]:
    return not answer.allowed, answer.until if answer.until is not None else float("inf")


def _find(
    reader: Reader, opened: OpenedCampaign, who: str, region: str | None
) -> tuple[Lead, tuple[PhoneNumber, ...]]:
    """The lead meant, and which of its numbers. A number that the campaign does not have stands for itself."""
    campaign = opened.campaign
    if who.isascii() and who.isdecimal() and not (region and len(who) > 6):
        lead = reader.lead(int(who)) if len(who) < 18 else None
        if lead is None:
            raise UnknownName("lead", who, (), "write a telephone number as +12025550123; lead ids: `list export`")
        if lead.list_name not in campaign.lists:
            raise InputError(
                f"lead {who} is in list {lead.list_name}, which campaign {campaign.name} does not call"
                f" (it calls {', '.join(campaign.lists)})"
            )
        return lead, lead.phones
    number = parse_phone(who, region)
    if isinstance(number, BadNumber):
        raise InputError(f"{number.text} (write it as +12025550123, or give a lead's id)")
    for list_name in campaign.lists:
        if not reader.known_numbers(list_name, [number.e164]):
            continue
        for lead in reader.leads(list_name):
            for phone in lead.phones:  # as stored: a stated time zone may have taken the place of the number's
                if phone.e164 == number.e164:
                    return lead, (phone,)
    return Lead(NO_LEAD, "", (number,)), (number,)


def _past(reader: Reader, opened: OpenedCampaign, lead: Lead, phones: tuple[PhoneNumber, ...], at: float) -> _Past:
    numbers = {phone.e164 for phone in (*lead.phones, *phones)}
    name = opened.campaign.name
    history: list[PastAttempt] = []
    lead_attempts = 0
    final: str | None = None
    due_at: float | None = None
    for attempt in _attempts(reader, at):
        own = attempt.campaign == name and attempt.lead_id == lead.lead_id
        if not own and attempt.number not in numbers:
            continue
        record = attempt.record if attempt.record is not None and attempt.record.closed_at <= at else None
        if record is None or record.counted:
            # One whose end was not seen counts like any other.
            outcome = record.outcome if record is not None else Outcome.UNKNOWN.value
            dialed_at = record.dialed_at if record is not None else None
            said = record.disposition if record is not None else None
            moment = dialed_at or attempt.created_at
            history.append(PastAttempt(attempt.number, attempt.campaign, moment, outcome, said))
            lead_attempts += own
        if own and record is not None:
            final = (record.disposition or record.outcome) if record.final else None
            due_at = record.next_attempt_at
    history.sort(key=lambda past: past.at)
    return _Past(tuple(history), lead_attempts, final, due_at)


def _attempts(reader: Reader, at: float) -> Iterator[StoredAttempt]:
    for campaign in reader.campaigns():
        for attempt in reader.attempts(campaign.name):
            if attempt.created_at < at:
                yield attempt


def _ask(
    opened: OpenedCampaign, lead: Lead, phone: PhoneNumber, past: _Past, blocked: set[str], at: float
) -> Explanation:
    campaign = opened.campaign
    verdict = _verdict(opened, lead, phone, past, blocked, at)
    evidence: dict[str, object] = {
        "at": iso(at),
        "campaign": campaign.name,
        "lead_id": lead.lead_id or None,
        "list": lead.list_name or None,
        "number": phone.e164,
        "region": phone.region,
        "kind": phone.kind.value,
        "trunk": campaign.trunks[0],
        "caller_id": campaign.caller_ids[0],
        "zone_source": phone.zone_source.value,
        "zones": [_local(zone, at) for zone in phone.zones if not unknown_zones((zone,))],
        "rule_set": opened.rule_set.name,
        "rule_set_hash": opened.rule_set.hash,
        "campaign_hash": campaign.source_hash,
        "lead_attempts": past.lead_attempts,
        "on_dnc": phone.e164 in blocked,
    }
    if isinstance(verdict, Permitted):
        permit = verdict.evidence
        evidence["zone_data"] = permit.zone_data
        evidence["window_closes_at"] = iso(permit.window_closes_at)
        evidence["counters"] = [{"cap": cap, "used": used, "limit": limit} for cap, used, limit in permit.counters]
        return Explanation(True, None, permit.window_closes_at - reach_of(campaign), evidence)
    evidence["detail"] = verdict.detail
    return Explanation(False, verdict.reason.value, verdict.until, evidence)


def _verdict(
    opened: OpenedCampaign, lead: Lead, phone: PhoneNumber, past: _Past, blocked: set[str], at: float
) -> Permitted | Refused:
    """The engine's decision, and where the latest attempt left the lead: a closed lead is not dialed, and a
    retry is not dialed before it is due."""
    if past.final is not None:
        return Refused(Refusal.FINAL, None, f"the lead is closed: {past.final}")
    due_at = at if past.due_at is None else max(at, past.due_at)
    verdict = decide(
        campaign=opened.campaign,
        rule_set=opened.rule_set,
        lead=lead,
        number=phone,
        trunk=opened.campaign.trunks[0],
        caller_id=opened.campaign.caller_ids[0],
        history=past.history,
        lead_attempts=past.lead_attempts,
        blocked=blocked,
        dnc_version=0,
        now=due_at,
    )
    if due_at == at or (isinstance(verdict, Refused) and verdict.until is None):
        return verdict
    until = due_at if isinstance(verdict, Permitted) else verdict.until
    return Refused(Refusal.NOT_DUE, until, f"a retry or callback is scheduled for {iso(due_at)}")


def _local(zone: str, at: float) -> dict[str, object]:
    offset_s = utc_offset(zone, at)
    local = iso(float(int(at) + offset_s)) or ""
    return {"zone": zone, "utc_offset_s": offset_s, "local_time": local.removesuffix("Z")}
