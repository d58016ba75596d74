"""Why a number or a lead may, or may not, be dialed at a moment: the engine's own decision, asked from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from campaigns.applicable import applicable
from campaigns.campaign import Campaign
from campaigns.eligibility import Permitted, decide
from campaigns.outcome import Outcome, Stage
from campaigns.permission.past import PastAttempt
from campaigns.reach import reach_of
from campaigns.refusal import Refusal, Refused
from campaigns.retry import dead_positions
from campaigns.walls import Walls
from campaigns.zone_offsets import unknown_zones, utc_offset
from dialer.errors import InputError, UnknownName
from dialer.operations.moments import iso
from dialer.operations.open_campaign import Version, read_version
from dialer.operations.routes_at import RoutesAt
from dialer.ports.store import FINAL, Place, Reader
from dialer.trunks.selection import Route
from lists.client import client_of
from lists.lead import Lead, PhoneNumber
from lists.phone import BadNumber, check_region, parse_phone

NO_LEAD = 0
"""Lead id in the answer for a number that no lead of the campaign has."""

_REFUSALS = frozenset(refusal.value for refusal in Refusal)


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
    None while it is; `due_at`: when its latest attempt in this campaign has it dialed again. `wrong`: those of
    its numbers that were found dead or another's, and that are not the one to try next."""

    history: tuple[PastAttempt, ...]
    lead_attempts: int
    closed: str | None
    due_at: float | None
    wrong: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Way:
    """How a call would leave. `refused`: why it would not, though the number may be dialed."""

    walls: Walls
    trunk: str
    caller_id: str
    refused: Refused | None = None


def why(
    reader: Reader,
    campaign_name: str,
    who: str,
    at: float,
    region: str | None = None,
    *,
    walls: Walls,
    routes: RoutesAt | None = None,
) -> Explanation:
    """May `who`, a phone number or a lead id, be dialed for the campaign at `at` (seconds UTC)?

    A lead is allowed when any of its numbers is, a number when it is for any lead that has it; refused, the
    answer is about the one that comes free first. Attempts saved at or after `at` are left out of account; the
    do-not-call register, the lists and the `walls` are those of today. `routes`: the trunks at that moment; None:
    they are taken for able and willing. Raises `InputError`, `UnknownName`,
    `CampaignFileError`.
    """
    version = read_version(reader, campaign_name)
    asked = _find(reader, version[0], who, check_region(region) if region else None)
    blocked = reader.blocked_numbers((phone.e164 for _, phone in asked), client_of(campaign_name))
    past = {lead.lead_id: _past(reader, version[0], lead, at) for lead, _ in asked}
    answers = [
        _ask(version, lead, phone, past[lead.lead_id], blocked, at, _way(version[0], phone, walls, routes))
        for lead, phone in asked
    ]
    best = min(answers, key=_preference)
    if len(answers) > 1:
        alternatives, key = ("leads", "lead_id") if len(past) > 1 else ("numbers", "number")
        best.evidence[alternatives] = [
            {key: answer.evidence[key], "reason": answer.reason, "until": iso(answer.until)} for answer in answers
        ]
    return best


def _preference(answer: Explanation) -> tuple[bool, float]:
    return not answer.allowed, answer.until if answer.until is not None else float("inf")


def _find(reader: Reader, campaign: Campaign, who: str, region: str | None) -> Sequence[tuple[Lead, PhoneNumber]]:
    """The leads meant, each with the number that is asked about. A number that the campaign does not have stands
    for itself."""
    if who.isascii() and who.isdecimal() and not (region and len(who) > 6):
        lead = reader.lead(int(who)) if len(who) < 18 else None
        if lead is None:
            raise UnknownName("lead", who, (), "write a telephone number as +12025550123; lead ids: `list export`")
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


def _past(reader: Reader, campaign: Campaign, lead: Lead, at: float) -> _Past:
    history: list[PastAttempt] = []
    lead_attempts = 0
    closed: str | None = None
    due_at: float | None = None
    latest = True  # nothing has been done about the lead since `at`: its place is that of then
    for attempt in reader.attempts_on(phone.e164 for phone in lead.phones):
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
            history.append(
                PastAttempt(attempt.number, attempt.campaign, moment, outcome, said, attempt.trunk, stage, charged)
            )
            lead_attempts += own and charged
        if own and record is not None:
            closed = (record.disposition or record.outcome) if record.final else None
            due_at = record.next_attempt_at
        elif own and attempt.record is not None:
            latest = False  # it closed after `at`, and moved the lead on
    history.sort(key=lambda past: past.at)
    place = reader.place(campaign.name, lead.lead_id) if latest else None
    if place is not None and place.state == FINAL:
        closed = closed or place.reason
    return _Past(tuple(history), lead_attempts, closed, due_at, _wrong(campaign, lead, history, place))


def _wrong(campaign: Campaign, lead: Lead, history: Sequence[PastAttempt], place: Place | None) -> frozenset[str]:
    """The engine goes through a lead's numbers from its place on, and passes these over."""
    if place is None:
        return frozenset()
    numbers = [phone.e164 for phone in lead.phones]
    dead = dead_positions(numbers, history)
    somebody_else = {said.code for said in campaign.dispositions if said.wrong_number}
    wrong = {numbers[position] for position in dead}
    wrong |= {past.number for past in history if past.disposition in somebody_else}
    return frozenset(wrong.intersection(numbers) - {numbers[place.phone_position]})


def _way(campaign: Campaign, phone: PhoneNumber, walls: Walls, routes: RoutesAt | None) -> _Way:
    """What a call would take; where there is no way, the first trunk and caller id of the campaign that the walls
    let pass, else its first ones."""
    chosen = routes.choose(campaign, phone) if routes is not None else None
    if isinstance(chosen, Route):
        return _Way(walls, chosen.trunk, chosen.caller_id)
    way = _usual_way(campaign, phone, walls)
    return replace(way, refused=chosen) if chosen is not None else way


def _usual_way(campaign: Campaign, phone: PhoneNumber, walls: Walls) -> _Way:
    ways = [_Way(walls, trunk, caller_id) for trunk in campaign.trunks for caller_id in campaign.caller_ids]
    client, narrower = client_of(campaign.name), campaign.destinations
    for way in ways:
        if (
            walls.refusal(phone.e164, client=client, trunk=way.trunk, caller_id=way.caller_id, campaign=narrower)
            is None
        ):
            return way
    return ways[0]


def _ask(
    version: Version, lead: Lead, phone: PhoneNumber, past: _Past, blocked: set[str], at: float, way: _Way
) -> Explanation:
    campaign, rules = version
    rule_set = applicable(rules, lead, phone, at)
    verdict = _verdict(version, lead, phone, past, blocked, at, way)
    evidence: dict[str, object] = {
        "at": iso(at),
        "campaign": campaign.name,
        "lead_id": lead.lead_id or None,
        "list": lead.list_name or None,
        "number": phone.e164,
        "region": phone.region,
        "kind": phone.kind.value,
        "trunk": way.trunk,
        "caller_id": way.caller_id,
        "zone_source": phone.zone_source.value,
        "zones": [_local(zone, at) for zone in phone.zones if not unknown_zones((zone,))],
        "rule_set": rule_set.name,
        "rule_set_hash": rule_set.hash,
        "basis": rule_set.basis.value,
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
    version: Version, lead: Lead, phone: PhoneNumber, past: _Past, blocked: set[str], at: float, way: _Way
) -> Permitted | Refused:
    """The engine's decision, and where the lead has been left: a closed one is not dialed, and a retry is not
    dialed before it is due."""
    if past.closed is not None and past.closed not in _REFUSALS:
        return Refused(Refusal.FINAL, None, f"the lead is closed: {past.closed}")
    due_at = at if past.due_at is None else max(at, past.due_at)
    verdict = decide(
        campaign=version[0],
        rule_set=applicable(version[1], lead, phone, due_at),
        lead=lead,
        number=phone,
        trunk=way.trunk,
        caller_id=way.caller_id,
        history=past.history,
        lead_attempts=past.lead_attempts,
        blocked=blocked,
        dnc_version=0,
        now=due_at,
        walls=way.walls,
    )
    if isinstance(verdict, Refused) and verdict.until is None:
        return verdict
    if past.closed is not None:  # by a refusal that would not be given any more
        return Refused(Refusal.FINAL, None, f"the lead is closed: {past.closed}")
    if phone.e164 in past.wrong:
        return Refused(Refusal.FINAL, None, "the number was found to be wrong or not in use")
    if due_at == at:
        return way.refused or verdict if isinstance(verdict, Permitted) else verdict
    until = due_at if isinstance(verdict, Permitted) else verdict.until
    return Refused(Refusal.NOT_DUE, until, f"a retry or callback is scheduled for {iso(due_at)}")


def _local(zone: str, at: float) -> dict[str, object]:
    offset_s = utc_offset(zone, at)
    local = iso(float(int(at) + offset_s)) or ""
    return {"zone": zone, "utc_offset_s": offset_s, "local_time": local.removesuffix("Z")}
