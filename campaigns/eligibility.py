"""May this number be dialed now? Asked at take-up and again at dial time, for the whole tuple."""

from __future__ import annotations

from dataclasses import replace

from campaigns.applicable import places_of
from campaigns.callback import CONSENT_HOLDS_S, Callback
from campaigns.campaign import Campaign
from campaigns.compliance import Basis
from campaigns.consent import ConsentCheck, consent_until, is_lacking
from campaigns.expiry import ends_at
from campaigns.hours_rule import HoursRule
from campaigns.permission.caps import CapCheck, Counter, check_caps
from campaigns.permission.evidence import Evidence, zone_evidence
from campaigns.permission.lasting import lasting_refusal
from campaigns.permission.promised import asked_until, callback_check
from campaigns.permission.proposed import Proposed
from campaigns.permission.terms import Terms, terms_of
from campaigns.reach import reach_of
from campaigns.refusal import Refusal, Refused
from campaigns.window import OPENING_HORIZON_S, CallingHours, calling_hours, closes_at, next_open, open_until
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from lists.value import value


@value
class Permitted:
    """Yes, until `valid_until` (seconds UTC): after it, ask again. `caps`, and the `consent` that there has to
    be, bind the inserting transaction, and `asked`, that to be called back, where it rests on it; None: whatever
    there is."""

    evidence: Evidence
    valid_until: float
    caps: tuple[CapCheck, ...]
    consent: ConsentCheck | None = None
    asked: ConsentCheck | None = None


MAX_VALIDITY_S = 60.0
"""Longest a permit stands before it is asked for again."""


def hours_of(
    campaign: Campaign, laws: tuple[HoursRule, ...], places: tuple[str, ...], list_name: str
) -> CallingHours:
    """When a campaign may call leads of this list who may be in any of `places`."""
    return calling_hours((campaign.hours, *campaign.narrower_hours, *laws), places, list_name)


def decide(
    proposed: Proposed,
    now: float,
    *,
    dnc_version: int = 0,
    consent_version: int = 0,
    expected_cost_micro: int | None = None,
    reach_s: float | None = None,
) -> Permitted | Refused:
    """May the call be placed at `now` (seconds UTC)?

    `dnc_version`, `consent_version`: of the registers that `proposed` was told of. `expected_cost_micro`: kept as
    evidence. `reach_s`: seconds after `now` during which the phone may ring (`reach_of` by default): all of it
    must lie inside the window. Where the person was promised a callback and agreed to a time outside the hours,
    the campaign's own do not bind then, nor those of a rule set that allows it. For a promised call the campaign's
    limits make way, and a cool-off that a law lifts for who has asked to be called.

    What time does not mend is answered first; `Refused.until` is the first moment at which, as things stand,
    the answer would be yes (to the millisecond, looked for over 400 days).
    """
    campaign, rule_set, number = proposed.campaign, proposed.rule_set, proposed.number
    reach = reach_of(campaign) if reach_s is None else reach_s
    grounds = _judge(proposed, now, reach)
    if isinstance(grounds, Refused):
        return grounds
    evidence = Evidence(  # what has no default in the order of its fields: by name it takes twice as long
        now,
        proposed.lead.lead_id,
        number.e164,
        number.region,
        _KINDS[number.kind],
        proposed.trunk,
        proposed.caller_id,
        campaign.name,
        campaign.source_hash,
        rule_set.name,
        rule_set.hash,
        zone_evidence(number.zones, int(now)),
        _SOURCES[number.zone_source],
        grounds.data,
        grounds.closes_at,
        grounds.counters,
        dnc_version,
        walls=proposed.walls.hash,
        expected_cost_micro=expected_cost_micro,
        currency="" if expected_cost_micro is None else proposed.walls.currency,
        consent_version=consent_version if grounds.consent.required or grounds.asked is not None else 0,
        basis=_BASES[rule_set.basis],
        rules_outdated=rule_set.outdated(now),
        rule_parts=rule_set.made_of,
        purpose=campaign.purpose.value,
        callback_consent=grounds.callback,
        callback=grounds.promise,
    )
    valid_until = min(grounds.closes_at - reach, now + MAX_VALIDITY_S, grounds.asked_until)
    return Permitted(evidence, valid_until, grounds.caps, grounds.consent, grounds.asked)


def refusal(proposed: Proposed, now: float, reach_s: float) -> Refused | None:
    """What `decide` would refuse, None where it would permit: for a lead that is only taken up, and asked about
    again when it is dialed. The evidence, half of the work of a permit, is not made."""
    grounds = _judge(proposed, now, reach_s)
    return grounds if isinstance(grounds, Refused) else None


_KINDS = {kind: kind.value for kind in NumberKind}
_BASES = {basis: basis.value for basis in Basis}
_SOURCES = {source: source.value for source in ZoneSource}


@value
class _Grounds:
    """Of a permit: when the window closes or the consent ends, the caps for the writer, the counters for the
    evidence, the data that the window was reckoned with, the consents for the writer, the callback whose consent
    it rests on, that for which a limit or a cool-off made way, and until when a cool-off does."""

    closes_at: float
    caps: tuple[CapCheck, ...]
    counters: tuple[Counter, ...]
    data: str
    consent: ConsentCheck
    callback: int | None = None
    promise: int | None = None
    asked: ConsentCheck | None = None
    asked_until: float = float("inf")


def _judge(proposed: Proposed, now: float, reach: float) -> _Grounds | Refused:
    """By the rules, and by the last day of the list."""
    found = _by_rules(proposed, now, reach)
    expires_on = proposed.lead.expires_on
    if not expires_on or (isinstance(found, Refused) and found.until is None):
        return found
    ends = ends_at(expires_on, proposed.number.zones)
    if isinstance(found, Refused):
        may_be = found.until is not None and ends - found.until >= reach
        return found if may_be else _expired(proposed)
    if ends - now < reach:
        return _expired(proposed)
    return found if ends >= found.closes_at else replace(found, closes_at=ends)


def _expired(proposed: Proposed) -> Refused:
    lead = proposed.lead
    detail = f"nobody on list {lead.list_name} is dialed after {lead.expires_on}, where they may be"
    return Refused(Refusal.LIST_EXPIRED, None, detail)


def _by_rules(proposed: Proposed, now: float, reach: float) -> _Grounds | Refused:
    rule_set, lead, number = proposed.rule_set, proposed.lead, proposed.number
    used = proposed.used
    refused = lasting_refusal(proposed, used)
    if refused is not None:
        return refused
    if rule_set.lack:
        return Refused(Refusal.NO_RULE, None, rule_set.lack)
    if rule_set.fictional and not proposed.walls.simulated(proposed.trunk):
        detail = f"rule set {rule_set.name} is invented, and trunk {proposed.trunk} is no simulated one"
        return Refused(Refusal.NO_RULE, None, detail)
    if not rule_set.covers(number.region):
        detail = f"rule set {rule_set.name} says nothing about region {number.region}"
        return Refused(Refusal.NO_RULE, None, detail)
    terms = terms_of(proposed.campaign, rule_set, places_of(lead, number), number.zones, lead.list_name)
    hours, valid_to, consent = terms.hours, terms.valid_to, terms.consent
    if now >= valid_to:
        return Refused(Refusal.RULE_EXPIRED, None, f"rule set {rule_set.name} is past its validity")
    consent_ends = _FOREVER
    if consent.required:
        ends = consent_until(proposed.consents, number.e164, consent, now)
        if ends is None or ends - now < reach:
            return Refused(
                Refusal.CONSENT, None, f"no consent to {consent.kind} for {consent.purpose} is in force"
            )
        consent_ends = ends
    elif is_lacking(proposed.consents, number.e164, consent, now):
        detail = f"{consent.kind} for {consent.purpose}: the consent was withdrawn, and none given since"
        return Refused(Refusal.CONSENT, None, detail)
    if hours.unknown:
        detail = f"the holiday data knows no calendar {hours.unknown[0]}"
        return Refused(Refusal.NO_CALENDAR, None, detail)
    if now < terms.valid_from:
        until = _first_fit(terms, number.zones, terms.valid_from, reach)
        return Refused(Refusal.NO_RULE, until, f"rule set {rule_set.name} is not in force yet")

    found = check_caps(proposed, terms, used, now)
    caps, counters, over = found.checks, found.counters, found.over
    callback = proposed.callback
    promise = callback.promised_in if callback is not None and found.for_promise else None
    asked = None if found.asked_until is None else callback_check(proposed)
    asked_until = _FOREVER if found.asked_until is None else found.asked_until
    if over is not None:
        agreed = None if callback is None else _agreed_until(proposed, callback, terms, over.free_at, reach)
        fits = _first_fit(terms, number.zones, over.free_at, reach)
        return Refused(over.reason, fits if agreed is None else over.free_at, over.detail)

    window_closes = open_until(hours, number.zones, now)
    if callback is not None and (window_closes is None or window_closes - now < reach):
        agreed = _agreed_until(proposed, callback, terms, now, reach)
        if agreed is not None:
            ends = min(agreed, consent_ends)
            by_consent = callback.promised_in, promise, callback_check(proposed), asked_until
            return _Grounds(ends, caps, counters, hours.data, consent, *by_consent)
    if window_closes is None:
        until = _first_fit(terms, number.zones, now, reach)
        return Refused(Refusal.WINDOW_CLOSED, until, f"outside the calling window in {_zones_text(number)}")
    closes = min(window_closes, valid_to, consent_ends)
    if closes - now < reach:
        until = _first_fit(terms, number.zones, closes, reach)
        detail = f"the window closes in {closes - now:.0f} s and the phone may ring for {reach:.0f} s"
        return Refused(Refusal.WINDOW_CLOSING, until, detail)
    return _Grounds(closes, caps, counters, hours.data, consent, None, promise, asked, asked_until)


_FOREVER = float("inf")
_NO_CALENDAR_FROM = 32_503_680_000.0
"""The year 3000: people who write 9999 mean never, and no holidays are known then."""


def _agreed_until(proposed: Proposed, callback: Callback, terms: Terms, at: float, reach: float) -> float | None:
    """Until when the person agreed to be called at `at`, though it is outside the hours; None: not, or that is not
    enough, or for less than `reach` seconds."""
    if not callback.consented_at(proposed.number.e164, at):
        return None
    on_register = asked_until(proposed, at)
    if on_register is None:
        return None
    until = min(callback.due_at + CONSENT_HOLDS_S, terms.valid_to, on_register)
    if not proposed.rule_set.hours_by_consent:
        closes = open_until(terms.law_hours, proposed.number.zones, at)
        if closes is None:
            return None
        until = min(until, closes)
    return until if until - at >= reach else None


def _first_fit(terms: Terms, zones: tuple[str, ...], at: float, reach: float) -> float | None:
    """First moment from `at` on at which the window is open for at least `reach` seconds more; before other rules
    come into force there may be none, and then it is when they do."""
    hours, valid_to = terms.hours, terms.valid_to
    if at >= _NO_CALENDAR_FROM:
        return None
    limit = min(at + OPENING_HORIZON_S, valid_to)
    moment = next_open(hours, zones, at, limit - at)
    while moment is not None:
        closes = min(closes_at(hours, zones, moment), valid_to)
        if closes - moment >= reach:
            return moment
        moment = next_open(hours, zones, closes, limit - closes)
    changes_at = terms.changes_at
    return changes_at if changes_at is not None and at <= changes_at <= at + OPENING_HORIZON_S else None


def _zones_text(number: PhoneNumber) -> str:
    zones = number.zones
    return zones[0] if len(zones) == 1 else f"at least one of its {len(zones)} candidate zones"
