"""Why a number or a lead may, or may not, be dialed at a moment: the engine's own decision, asked from outside."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from campaigns.applicable import applicable
from campaigns.campaign import Campaign
from campaigns.eligibility import Permitted
from campaigns.outcome import Contact, Outcome, Stage
from campaigns.permission.past import PastAttempt
from campaigns.reach import reach_of
from campaigns.refusal import Refusal, Refused
from campaigns.rule_library import PRESETS, RuleLibrary
from campaigns.walls import Walls
from campaigns.zone_offsets import unknown_zones, utc_offset
from dialer.errors import InputError, UnknownName
from dialer.operations.gates import gates
from dialer.operations.lead_verdict import (
    REFUSALS,
    KnownLead,
    Verdict,
    Way,
    Ways,
    stands,
    verdict_on,
    when_due,
    wrong_numbers,
)
from dialer.operations.moments import iso
from dialer.operations.open_campaign import Version, version_at
from dialer.operations.routes_at import RoutesAt
from dialer.operations.show_list import evidence_dicts
from dialer.ports.store import FINAL, LEASED, Reader
from lists.client import client_of
from lists.lead import Lead, PhoneNumber
from lists.phone import BadNumber, check_region, parse_phone

_WRONG = Refused(Refusal.FINAL, None, "the number was found to be wrong or not in use")
NO_LEAD = 0
"""Lead id in the answer for a number that no lead of the campaign has."""


IN_CALL = "in a call"
AT_HAND = "at hand, and dialed when the pace and a line allow"
"""What a running service does with a lead at this moment: `standing` of the evidence."""


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
    """What has been done about a lead before the moment asked about. `closed`: why it is not dialed any more,
    None while it is; `due_at`: when it is dialed again, and what has brought it there. `turn`: the number whose
    turn it is, None where that is not known any more. `standing`: what a running service does with it."""

    known: KnownLead
    closed: str | None
    due_at: float | None
    brought_by: str
    turn: int | None
    standing: str = ""


def why(
    reader: Reader,
    campaign_name: str,
    who: str,
    at: float,
    region: str | None = None,
    *,
    walls: Walls,
    routes: RoutesAt | None = None,
    library: RuleLibrary = PRESETS,
    served: bool = False,
) -> Explanation:
    """May `who`, a phone number or a lead id, be dialed for the campaign at `at` (seconds UTC)?

    A lead is answered about the number that the engine would come to (where that is not known any more, the one
    that comes free first), a number about the lead of those that have it which comes free first. Attempts saved
    at or after `at` are left out of account, and the campaign's text and the do-not-call registers are those of
    then; lists, rule sets and `walls` are those of today. `routes`: the trunks at that moment; None: they are
    taken for able and willing. `served`: `at` is now, and a service runs: it is told what that does with the lead.
    Raises `InputError`, `UnknownName`, `CampaignFileError`.
    """
    version = version_at(reader, campaign_name, at, library)
    asked = people_meant(reader, version[0], who, check_region(region) if region else None)
    blocked = blocked_at(
        reader, [phone.e164 for _, phone in asked], client_of(campaign_name), version[0].purpose, at
    )
    past = {lead.lead_id: _past(reader, version[0], lead, blocked, at) for lead, _ in asked}
    ways = Ways(version[0], walls, routes)
    answers = [_ask(version, phone, past[lead.lead_id], at, ways) for lead, phone in asked]
    best = answers[0] if len(answers) == 1 else _of_several(version, asked, past, answers, at, ways)
    if len(answers) > 1:
        alternatives, key = ("leads", "lead_id") if len(past) > 1 else ("numbers", "number")
        best.evidence[alternatives] = [
            {key: answer.evidence[key], "reason": answer.reason, "until": iso(answer.until)} for answer in answers
        ]
    shown = next(
        (lead, phone)
        for lead, phone in asked
        if phone.e164 == best.evidence["number"] and (lead.lead_id or None) == best.evidence["lead_id"]
    )
    best.evidence["gates"] = _gates(version, shown[1], past[shown[0].lead_id], at, ways)
    if served and past[shown[0].lead_id].standing:
        best.evidence["standing"] = past[shown[0].lead_id].standing
    return best


def blocked_at(reader: Reader, numbers: Sequence[str], client: str, purpose: str, at: float) -> frozenset[str]:
    """Those of these numbers that the house's register or the client's had for the purpose at a moment; later than
    now: will have, as things stand."""
    entries = reader.dnc_entries(numbers, client)
    return frozenset(one.number for one in entries if one.held_at(at) and one.forbids(purpose))


def _of_several(
    version: Version,
    asked: Sequence[tuple[Lead, PhoneNumber]],
    past: dict[int, _Past],
    answers: Sequence[Explanation],
    at: float,
    ways: Ways,
) -> Explanation:
    """Of a lead's numbers the one that the engine would come to; of several leads that which comes free first."""
    one = past[asked[0][0].lead_id]
    if len(past) > 1 or one.turn is None:
        return min(answers, key=_preference)
    position, verdict, _ = stands(version, one.known, one.turn, one.due_at or 0.0, one.brought_by, at, ways)
    answer = answers[position]
    if one.closed is not None or not isinstance(verdict, Refused):
        return answer
    if (answer.reason, answer.until) != (
        verdict.reason.value,
        verdict.until,
    ):  # an earlier number, by the schedule
        evidence = answer.evidence | {"detail": verdict.detail}
        return Explanation(False, verdict.reason.value, verdict.until, evidence)
    return answer


def is_lead_id(who: str, region: str | None) -> bool:
    """Whether a lead's id is meant, and no number: bare digits, unless a country is given for longer ones."""
    return who.isascii() and who.isdecimal() and not (region and len(who) > 6)


def _preference(answer: Explanation) -> tuple[bool, float]:
    return not answer.allowed, answer.until if answer.until is not None else float("inf")


def people_meant(
    reader: Reader, campaign: Campaign, who: str, region: str | None
) -> Sequence[tuple[Lead, PhoneNumber]]:
    """The leads meant, each with the number that is asked about. A number that the campaign does not have stands
    for itself."""
    if is_lead_id(who, region):
        lead = reader.lead(int(who)) if len(who) < 18 else None
        if lead is None:
            raise UnknownName(
                "lead", who, None, "write a telephone number as +12025550123; lead ids: `list export`"
            )
        if lead.list_name not in campaign.lists:
            raise InputError(
                f"lead {who} is in list {lead.list_name}, which campaign {campaign.name} does not call"
                f" (it calls {', '.join(campaign.lists)})"
            )
        return [(lead, phone) for phone in lead.phones]
    number = parse_phone(who, region)
    if isinstance(number, BadNumber):
        raise InputError(f"{number.text} (write it as +12025550123, or give a lead's id)")
    found = [
        (lead, phone)  # as stored: a stated time zone may have taken the place of the number's
        for lead in reader.leads_by_number(number.e164)
        if lead.list_name in campaign.lists
        for phone in lead.phones
        if phone.e164 == number.e164
    ]
    return found or [(Lead(NO_LEAD, "", (number,)), number)]


def _past(reader: Reader, campaign: Campaign, lead: Lead, blocked: Collection[str], at: float) -> _Past:
    history: list[PastAttempt] = []
    elsewhere: list[PastAttempt] = []
    mine = {phone.e164 for phone in lead.phones}
    lead_attempts = 0
    closed: str | None = None
    due_at: float | None = None
    standing = ""
    latest = True  # nothing has been done about the lead since `at`: its place is that of then
    for attempt in reader.attempts_on(mine, lead.person, lead.debt):
        own = attempt.campaign == campaign.name and attempt.lead_id == lead.lead_id
        if attempt.created_at >= at:
            latest = latest and not own
            continue
        record = attempt.record if attempt.record is not None and attempt.record.closed_at <= at else None
        if record is None or record.counted:
            # One whose end was not seen counts like any other.
            outcome = record.outcome if record is not None else Outcome.UNKNOWN.value
            dialed_at = record.dialed_at if record is not None else None
            said = record.disposition if record is not None else None
            moment = dialed_at or attempt.created_at
            stage = record.stage if record is not None else Stage.ANSWERED.value
            charged = record is None or record.charged
            contact = Contact.OPEN.value if record is None else record.contact
            ended_at = None if record is None else record.ended_at
            (history if attempt.number in mine else elsewhere).append(
                PastAttempt(
                    attempt.number, attempt.campaign, moment, outcome, said, attempt.trunk, stage, charged,
                    contact, ended_at, attempt.person, attempt.debt, attempt.purpose,
                )
            )  # fmt: skip
            lead_attempts += own and charged
        if own and attempt.record is None:
            standing = IN_CALL
        if own and record is not None:
            closed = (record.disposition or record.outcome) if record.final else None
            due_at = record.next_attempt_at
        elif own and attempt.record is not None:
            latest = False  # it closed after `at`, and moved the lead on
    history.sort(key=lambda past: past.at)
    placed = next(iter(reader.candidates(campaign.name, [lead.lead_id], at)), None) if latest else None
    brought_by, turn, callback = "", None, None
    wrong = frozenset[str]()
    if placed is not None:
        place, callback = placed[0], placed[1].callback
        if place.state == LEASED:
            standing = standing or AT_HAND
        if place.state == FINAL:
            closed = closed or place.reason
        elif place.due_at > 0:
            due_at, brought_by = place.due_at, place.reason
        turn = place.phone_position
        wrong = wrong_numbers(campaign, lead, history) - {lead.phones[turn].e164}
    known = KnownLead(
        lead,
        tuple(history),
        lead_attempts,
        blocked,
        wrong,
        tuple(elsewhere),
        callback,
        reader.consents(mine, client_of(campaign.name)),
        tries=() if placed is None else placed[1].tries,
    )
    return _Past(known, closed, due_at, brought_by, turn, standing)


def _gates(version: Version, phone: PhoneNumber, past: _Past, at: float, ways: Ways) -> list[dict[str, object]]:
    before = []
    if past.closed is not None:
        before.append(Refused(Refusal.FINAL, None, f"the lead is closed: {past.closed}"))
    elif phone.e164 in past.known.wrong:
        before.append(_WRONG)
    elif past.due_at is not None and past.due_at > at and past.brought_by not in REFUSALS:
        text = f"a retry or callback is scheduled for {iso(past.due_at)}"
        before.append(Refused(Refusal.NOT_DUE, past.due_at, text))
    return [gate.as_dict() for gate in gates(version, past.known, phone, at, ways.way(phone), before)]


def _ask(version: Version, phone: PhoneNumber, past: _Past, at: float, ways: Ways) -> Explanation:
    campaign, rules = version
    known, way = past.known, ways.way(phone)
    rule_set = applicable(rules, known.lead, phone, at)
    verdict = _verdict(version, phone, past, at, way)
    evidence: dict[str, object] = {
        "at": iso(at),
        "campaign": campaign.name,
        "lead_id": known.lead.lead_id or None,
        "list": known.lead.list_name or None,
        "number": phone.e164,
        "region": phone.region,
        "kind": phone.kind.value,
        "trunk": way.trunk,
        "caller_id": way.caller_id,
        "zone_source": phone.zone_source.value,
        "zone_evidence": evidence_dicts(phone),
        "zones": [_local(zone, at) for zone in phone.zones if not unknown_zones((zone,))],
        "rule_set": rule_set.name,
        "rule_set_hash": rule_set.hash,
        "basis": rule_set.basis.value,
        "campaign_hash": campaign.source_hash,
        "lead_attempts": known.lead_attempts,
        "on_dnc": phone.e164 in known.blocked,
    }
    if isinstance(verdict, Permitted):
        permit = verdict.evidence
        evidence["zone_data"] = permit.zone_data
        evidence["window_closes_at"] = iso(permit.window_closes_at)
        evidence["counters"] = [{"cap": cap, "used": used, "limit": limit} for cap, used, limit in permit.counters]
        return Explanation(True, None, permit.window_closes_at - reach_of(campaign), evidence)
    evidence["detail"] = verdict.detail
    return Explanation(False, verdict.reason.value, verdict.until, evidence)


def _verdict(version: Version, phone: PhoneNumber, past: _Past, at: float, way: Way) -> Verdict:
    """The engine's decision, and where the lead has been left: a closed one is not dialed, and a retry is not
    dialed before it is due."""
    if past.closed is not None and past.closed not in REFUSALS:
        return Refused(Refusal.FINAL, None, f"the lead is closed: {past.closed}")
    verdict = when_due(
        lambda moment: verdict_on(version, past.known, phone, moment, way),
        at,
        at if past.due_at is None else past.due_at,
        past.brought_by,
    )
    if isinstance(verdict, Refused) and verdict.until is None:
        return verdict
    if past.closed is not None:  # by a refusal that would not be given any more
        return Refused(Refusal.FINAL, None, f"the lead is closed: {past.closed}")
    if phone.e164 in past.known.wrong:
        return _WRONG
    return verdict


def _local(zone: str, at: float) -> dict[str, object]:
    offset_s = utc_offset(zone, at)
    local = iso(float(int(at) + offset_s)) or ""
    return {"zone": zone, "utc_offset_s": offset_s, "local_time": local.removesuffix("Z")}
