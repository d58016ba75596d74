"""May this number be dialed now? Asked at take-up and again at dial time, for the whole tuple."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from campaigns.applicable import places_of
from campaigns.callback import CONSENT_HOLDS_S, Callback
from campaigns.campaign import Campaign, Delivery
from campaigns.compliance import Basis, RuleSet
from campaigns.consent import Consent, ConsentCheck, ConsentKind, ConsentRegime, consent_until
from campaigns.hours_rule import HoursRule
from campaigns.permission.caps import CapCheck, check_caps
from campaigns.permission.evidence import Evidence, zone_evidence
from campaigns.permission.lasting import Walled, lasting_refusal
from campaigns.permission.past import PastAttempt
from campaigns.reach import reach_of
from campaigns.refusal import Refusal, Refused
from campaigns.walls import Walls
from campaigns.window import OPENING_HORIZON_S, CallingHours, calling_hours, closes_at, next_open, open_until
from lists.lead import Lead, NumberKind, PhoneNumber, ZoneSource
from lists.value import value


@value
class Permitted:
    """Yes, until `valid_until` (seconds UTC): after it, ask again. `caps`, and the `consent` that the rules want,
    bind the inserting transaction."""

    evidence: Evidence
    valid_until: float
    caps: tuple[CapCheck, ...]
    consent: ConsentCheck | None = None


MAX_VALIDITY_S = 60.0
"""Longest a permit stands before it is asked for again."""


def hours_of(
    campaign: Campaign, laws: tuple[HoursRule, ...], places: tuple[str, ...], list_name: str
) -> CallingHours:
    """When a campaign may call leads of this list who may be in any of `places`."""
    return calling_hours((campaign.hours, *campaign.narrower_hours, *laws), places, list_name)


def decide(
    *,
    campaign: Campaign,
    rule_set: RuleSet,
    lead: Lead,
    number: PhoneNumber,
    trunk: str,
    caller_id: str,
    history: Sequence[PastAttempt],
    lead_attempts: int,
    blocked: Collection[str],
    dnc_version: int,
    now: float,
    walls: Walls,
    expected_cost_micro: int | None = None,
    reach_s: float | None = None,
    elsewhere: Sequence[PastAttempt] = (),
    callback: Callback | None = None,
    consents: Collection[Consent] = (),
    consent_version: int = 0,
) -> Permitted | Refused:
    """May `number` of `lead` be dialed over `trunk`, showing `caller_id`, at `now` (seconds UTC)?

    `history`: counted attempts on any of the lead's numbers, of all campaigns as far back as the longest cap
    and all of this campaign's; `elsewhere`: those on the same person or debt over other numbers.
    `lead_attempts`: charged attempts of this campaign on the lead. `blocked`:
    numbers on a do-not-call register, as of `dnc_version`; `consents`: the client's, as of `consent_version`.
    `walls`: what may be dialed at all. `expected_cost_micro`: kept as evidence. `reach_s`: seconds after `now`
    during which the phone may ring (`reach_of` by default): all of it must lie inside the window. `callback`: what
    the lead was promised; where the person agreed to a time outside the hours, the campaign's own do not bind
    then, nor those of a rule set that allows it.

    What time does not mend is answered first; `Refused.until` is the first moment at which, as things stand,
    the answer would be yes (to the millisecond, looked for over 400 days).
    """
    reach = reach_of(campaign) if reach_s is None else reach_s
    walled = Walled(walls, trunk, caller_id)
    grounds = _judge(
        campaign,
        rule_set,
        lead,
        number,
        walled,
        history,
        elsewhere,
        lead_attempts,
        blocked,
        consents,
        now,
        reach,
        callback,
    )
    if isinstance(grounds, Refused):
        return grounds
    closes, caps, counters, agreed, data, consent = grounds
    evidence = Evidence(
        at=now,
        lead_id=lead.lead_id,
        number=number.e164,
        region=number.region,
        kind=_KINDS[number.kind],
        trunk=trunk,
        caller_id=caller_id,
        campaign=campaign.name,
        campaign_hash=campaign.source_hash,
        rule_set=rule_set.name,
        rule_set_hash=rule_set.hash,
        rule_parts=rule_set.made_of,
        basis=_BASES[rule_set.basis],
        rules_outdated=rule_set.outdated(now),
        zones=zone_evidence(number.zones, int(now)),
        zone_source=_SOURCES[number.zone_source],
        zone_data=data,
        window_closes_at=closes,
        counters=counters,
        dnc_version=dnc_version,
        walls=walls.hash,
        expected_cost_micro=expected_cost_micro,
        currency="" if expected_cost_micro is None else walls.currency,
        callback_consent=agreed,
        consent_version=0 if consent is None else consent_version,
    )
    return Permitted(evidence, min(closes - reach, now + MAX_VALIDITY_S), caps, consent)


def refusal(
    *,
    campaign: Campaign,
    rule_set: RuleSet,
    lead: Lead,
    number: PhoneNumber,
    trunk: str,
    caller_id: str,
    history: Sequence[PastAttempt],
    lead_attempts: int,
    blocked: Collection[str],
    now: float,
    walls: Walls,
    reach_s: float,
    elsewhere: Sequence[PastAttempt] = (),
    callback: Callback | None = None,
    consents: Collection[Consent] = (),
) -> Refused | None:
    """What `decide` would refuse, None where it would permit: for a lead that is only taken up, and asked about
    again when it is dialed. The evidence, half of the work of a permit, is not made."""
    walled = Walled(walls, trunk, caller_id)
    grounds = _judge(
        campaign,
        rule_set,
        lead,
        number,
        walled,
        history,
        elsewhere,
        lead_attempts,
        blocked,
        consents,
        now,
        reach_s,
        callback,
    )
    return grounds if isinstance(grounds, Refused) else None


_KINDS = {kind: kind.value for kind in NumberKind}
_BASES = {basis: basis.value for basis in Basis}
_SOURCES = {source: source.value for source in ZoneSource}


_Grounds = tuple[
    float, tuple[CapCheck, ...], tuple[tuple[str, int, int], ...], int | None, str, ConsentCheck | None
]
"""Of a permit: when the window closes or the consent ends, the caps for the writer, the counters for the evidence,
the callback whose consent it rests on, the data that the window was reckoned with, the consent for the writer."""


def _judge(
    campaign: Campaign,
    rule_set: RuleSet,
    lead: Lead,
    number: PhoneNumber,
    walled: Walled,
    history: Sequence[PastAttempt],
    elsewhere: Sequence[PastAttempt],
    lead_attempts: int,
    blocked: Collection[str],
    consents: Collection[Consent],
    now: float,
    reach: float,
    callback: Callback | None,
) -> _Grounds | Refused:
    used = 0
    if history:
        e164, name = number.e164, campaign.name
        used = sum(1 for past in history if past.number == e164 and past.campaign == name and past.charged)
    refused = lasting_refusal(campaign, number, walled, history, lead_attempts, used, blocked)
    if refused is not None:
        return refused
    if rule_set.lack:
        return Refused(Refusal.NO_RULE, None, rule_set.lack)
    if rule_set.fictional and not walled.walls.simulated(walled.trunk):
        detail = f"rule set {rule_set.name} is invented, and trunk {walled.trunk} is no simulated one"
        return Refused(Refusal.NO_RULE, None, detail)
    valid_from, valid_to = rule_set.validity()
    if not rule_set.covers(number.region):
        detail = f"rule set {rule_set.name} says nothing about region {number.region}"
        return Refused(Refusal.NO_RULE, None, detail)
    if now >= valid_to:
        return Refused(Refusal.RULE_EXPIRED, None, f"rule set {rule_set.name} is past its validity")
    consent, consent_ends = None, float("inf")
    if rule_set.consent is ConsentRegime.OPT_IN:
        consent = consent_wanted(campaign)
        ends = consent_until(consents, number.e164, consent, now)
        if ends is None or ends - now < reach:
            return Refused(
                Refusal.CONSENT, None, f"no consent to {consent.kind} for {consent.purpose} is in force"
            )
        consent_ends = ends
    hours = hours_of(campaign, rule_set.hours, places_of(lead, number), lead.list_name)
    if hours.unknown:
        detail = f"the holiday data knows no calendar {hours.unknown[0]}"
        return Refused(Refusal.NO_CALENDAR, None, detail)
    if now < valid_from:
        until = _first_fit(hours, number.zones, valid_from, reach, valid_to)
        return Refused(Refusal.NO_RULE, until, f"rule set {rule_set.name} is not in force yet")

    caps, counters, over = check_caps(
        campaign, rule_set, lead, number, history, elsewhere, lead_attempts, used, now
    )
    if over is not None:
        until = _first_fit(hours, number.zones, over.free_at, reach, valid_to)
        return Refused(over.reason, until, over.detail)

    window_closes = open_until(hours, number.zones, now)
    if callback is not None and (window_closes is None or window_closes - now < reach):
        agreed = _agreed_until(rule_set, callback, lead, number, now)
        if agreed is not None and min(agreed, valid_to) - now >= reach:
            ends = min(agreed, valid_to, consent_ends)
            return ends, caps, counters, callback.promised_in, hours.data, consent
    if window_closes is None:
        until = _first_fit(hours, number.zones, now, reach, valid_to)
        return Refused(Refusal.WINDOW_CLOSED, until, f"outside the calling window in {_zones_text(number)}")
    closes = min(window_closes, valid_to, consent_ends)
    if closes - now < reach:
        until = _first_fit(hours, number.zones, closes, reach, valid_to)
        detail = f"the window closes in {closes - now:.0f} s and the phone may ring for {reach:.0f} s"
        return Refused(Refusal.WINDOW_CLOSING, until, detail)
    return closes, caps, counters, None, hours.data, consent


def _agreed_until(
    rule_set: RuleSet, callback: Callback, lead: Lead, number: PhoneNumber, now: float
) -> float | None:
    """Until when the person agreed to be called, though it is outside the hours; None: not, or that is not
    enough."""
    if not callback.consented_at(number.e164, now):
        return None
    until = callback.due_at + CONSENT_HOLDS_S
    if rule_set.hours_by_consent:
        return until
    closes = open_until(calling_hours(rule_set.hours, places_of(lead, number), lead.list_name), number.zones, now)
    return None if closes is None else min(until, closes)


def consent_wanted(campaign: Campaign) -> ConsentCheck:
    """What somebody has to have agreed to before the campaign may call them, where rules want it."""
    prerecorded = campaign.delivery is Delivery.PRERECORDED
    return ConsentCheck(ConsentKind.PRERECORDED if prerecorded else ConsentKind.CALL, campaign.purpose)


def _first_fit(
    hours: CallingHours, zones: tuple[str, ...], at: float, reach: float, valid_to: float
) -> float | None:
    """First moment from `at` on at which the window is open for at least `reach` seconds more."""
    limit = min(at + OPENING_HORIZON_S, valid_to)
    moment = next_open(hours, zones, at, limit - at)
    while moment is not None:
        closes = min(closes_at(hours, zones, moment), valid_to)
        if closes - moment >= reach:
            return moment
        moment = next_open(hours, zones, closes, limit - closes)
    return None


def _zones_text(number: PhoneNumber) -> str:
    zones = number.zones
    return zones[0] if len(zones) == 1 else f"at least one of its {len(zones)} candidate zones"
