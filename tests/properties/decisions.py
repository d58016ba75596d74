"""Random (lead, moment) decisions, made by the decision and judged by the audit, which must agree on each.

Over every rule set there is and two years; half of the moments lie within two seconds of one at which an answer
may change. By hand: `python -m tests.properties.decisions --count 10_000_000`, which says how many of which kind
there were."""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo

import holidays
import phonenumbers
import pytz

from campaigns.amd import Amd, AmdPolicy
from campaigns.applicable import applicable
from campaigns.audit import audit
from campaigns.audit_attempt import AuditedAttempt
from campaigns.audit_chain import Seal
from campaigns.audit_consent import Agreed
from campaigns.callback import CONSENT_HOLDS_S, Callback, moment_of, wall_of
from campaigns.campaign import AttemptLimits, Campaign, Delivery, Mode
from campaigns.cap import Cap, Cooloff
from campaigns.compliance import RuleSet
from campaigns.consent import Consent, ConsentKind, ConsentRegime
from campaigns.declared_rules import DeclaredRules
from campaigns.eligibility import Permitted, decide
from campaigns.hours_rule import HoursRule
from campaigns.outcome import TECHNICAL, Contact, Stage
from campaigns.permission.past import PastAttempt
from campaigns.permission.permit import to_json
from campaigns.permission.proposed import Proposed
from campaigns.purpose import Purpose, Reaches
from campaigns.refusal import Refused
from campaigns.rule_choice import Rules
from campaigns.rule_library import RuleLibrary
from campaigns.toml_rules import parse_rule_set
from lists.area_code import subdivisions_of
from lists.barred import judge
from lists.client import client_of, full_name
from lists.lead import Lead, NumberKind, PhoneNumber, ZoneSource
from tests.properties.registers import NOTHING, Registered, consents, listings
from tests.unit.campaigns.samples import CAMPAIGN, reference_zone
from tests.walls import SIMULATED

FIRST_DAY = date(2025, 12, 1)
DAYS = 730
SPAN_DAYS = 21
"""Decisions of one batch lie within so many days: what the decision keeps of them in its caches is used."""
GRID_S = 0.125
"""Moments lie on this grid, so that all sums of them are exact."""
OFF_GRID_S = GRID_S / 2
"""Past attempts lie between: the audit compares to the millisecond, and would let one pass that is exactly as
old."""
NEAR = tuple(n * GRID_S for n in range(-16, 17))
SUBJECTS = 250
"""Decisions for one campaign, judged by one run of the audit."""
BY_CONSENT = "permitted by consent"
PROMISED = "permitted for a promise"
ERASED = Seal(0, None, "", "")
"""Of earlier attempts, which count and are not judged."""
DAY_S = 86_400.0
HISTORY_S = 31 * DAY_S


class Boundary(StrEnum):
    """What the moment of a decision lies beside."""

    NONE = "none"
    OPENING = "opening"
    CLOSING = "closing"
    LAST_RING = "last ring"  # the phone may ring until the window closes
    CLOCK_CHANGE = "clock change"
    MIDNIGHT = "midnight"
    HOLIDAY = "holiday"  # midnight, opening or closing of one, or of the day before
    CAP = "a cap's expiry"
    COOLOFF = "a cool-off's end"
    CALLBACK = (
        "a callback"  # promised for that time, outside the hours by consent or without; or half an hour before
    )
    REGISTER = "a register's change"  # a do-not-call entry or a consent begins or ends
    VALIDITY = "validity"  # a rule set comes into force, ends, or is outdated


@dataclass(frozen=True, slots=True)
class Subject:
    """One decision. `past`: attempts before it, of this campaign or another. `registered`: what stands on the
    registers about the number."""

    boundary: Boundary
    lead: Lead
    number: PhoneNumber
    now: float
    past: tuple[AuditedAttempt, ...]
    callback: Callback | None = None
    registered: Registered = NOTHING


@dataclass(frozen=True, slots=True)
class Difference:
    """`decided`: the refusal, "permitted" without one; `found`: the codes of the audit."""

    subject: Subject
    campaign: Campaign
    decided: str
    found: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What was compared: decisions by boundary and answer, and those that differed."""

    answers: Counter[tuple[Boundary, str]]
    differences: list[Difference]

    @property
    def count(self) -> int:
        return self.answers.total()

    def of(self, boundary: Boundary) -> int:
        return sum(n for (beside, _), n in self.answers.items() if beside is boundary)

    def lines(self) -> Iterator[str]:
        for boundary in Boundary:
            of = {answer: n for (kind, answer), n in self.answers.items() if kind is boundary}
            answers = ", ".join(f"{answer} {n:,}" for answer, n in sorted(of.items(), key=lambda one: -one[1]))
            yield f"{boundary.value:15} {self.of(boundary):12,}   {answers}"


def compare(count: int, seed: int) -> Iterator[Tally]:
    """Compare at least `count` decisions; the one tally again and again, after each batch."""
    rng = random.Random(seed)
    tally = Tally(Counter(), [])
    while tally.count < count:
        campaign, rules = _campaign(rng)
        first_day = rng.randrange(DAYS - SPAN_DAYS)
        subjects = [_subject(rng, n, campaign, rules, first_day) for n in range(1, SUBJECTS + 1)]
        _compare(campaign, rules, subjects, tally)
        yield tally


def _compare(campaign: Campaign, rules: Rules, subjects: Sequence[Subject], tally: Tally) -> None:
    decided: dict[int, str] = {}
    attempts: list[AuditedAttempt] = []
    for subject in subjects:
        answer = _decide(campaign, rules, subject)
        attempt_id = subject.lead.lead_id
        permit = to_json(answer.evidence) if isinstance(answer, Permitted) else None
        decided[attempt_id] = "permitted" if isinstance(answer, Permitted) else answer.reason.value
        attempts += subject.past
        attempts.append(_probe(campaign, subject, permit))
        by_consent = isinstance(answer, Permitted) and answer.evidence.callback_consent is not None
        kept = isinstance(answer, Permitted) and answer.evidence.callback is not None
        shown = BY_CONSENT if by_consent else PROMISED if kept else decided[attempt_id]
        tally.answers[subject.boundary, shown] += 1
    found: dict[int, set[str]] = {}
    by_id = {subject.lead.lead_id: subject for subject in subjects}
    for violation in audit(
        campaign,
        SETS,
        sorted(attempts, key=lambda one: one.moment),
        number_of=lambda lead_id, _: by_id[lead_id].number,
        agreed={n: _agreed(one.callback) for n, one in by_id.items() if one.callback is not None},
        list_of=lambda lead_id: by_id[lead_id].lead.list_name,
        home_of=lambda lead_id: (by_id[lead_id].lead.country, by_id[lead_id].lead.region),
        blocked={
            one.number.e164: one.registered.spans(one.number.e164, client_of(campaign.name)) for one in subjects
        },
        consents={one.number.e164: one.registered.agreements() for one in subjects},
        walls={SIMULATED.hash: SIMULATED.body},
    ):
        found.setdefault(violation.attempt_id, set()).add(violation.code)
    for attempt_id, answer_code in decided.items():
        codes = found.get(attempt_id, set())
        agreed = bool(codes & _FOUND.get(answer_code, {answer_code})) if answer_code != "permitted" else not codes
        if not agreed:
            subject = by_id[attempt_id]
            tally.differences.append(Difference(subject, campaign, answer_code, tuple(sorted(codes))))


_FOUND = {"window_closing": {"window_closed", "rule_expired"}, "no_rule": {"no_rule", "rule_expired"}}
"""By which codes the audit may name a refusal, where not by its own."""


def _agreed(callback: Callback) -> Agreed:
    return Agreed(
        callback.promised_in, callback.lead_id, callback.number, callback.wall, callback.zone, callback.made_at,
        callback.made_by, callback.consent,
    )  # fmt: skip


def _decide(campaign: Campaign, rules: Rules, subject: Subject) -> Permitted | Refused:
    lead, number, now = subject.lead, subject.number, subject.now
    past = [_seen(one) for one in subject.past]
    history = tuple(one for one in past if one.number == number.e164)
    return decide(
        Proposed(
            campaign=campaign,
            rule_set=applicable(rules, lead, number, now),
            lead=lead,
            number=number,
            trunk="sim",
            caller_id=CAMPAIGN.caller_ids[0],
            walls=SIMULATED,
            history=history,
            lead_attempts=sum(one.campaign == campaign.name and one.charged for one in history),
            blocked=subject.registered.blocked(number.e164, client_of(campaign.name), campaign.purpose.value, now),
            elsewhere=tuple(one for one in past if one.number != number.e164),
            callback=subject.callback,
            consents=subject.registered.consented(now),
        ),
        now,
        reach_s=campaign.ring_timeout_s + GRID_S / 4,
    )


def _seen(past: AuditedAttempt) -> PastAttempt:
    """As a store remembers it."""
    stage = Stage.ANSWERED if past.answered else Stage.ALERTED if past.alerted else Stage.PLACED
    return PastAttempt(
        past.number, past.campaign, past.moment, str(past.outcome), past.disposition, past.trunk, stage.value,
        past.outcome not in TECHNICAL, past.contact, past.ended_at, past.person, past.debt, past.purpose,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CameTo:
    """What an earlier attempt came to, as its record and its agent say it."""

    outcome: str
    alerted: bool = False
    answered: bool = False
    contact: str = Contact.NONE.value
    disposition: str | None = None
    right_party: bool = False


CAME_TO = (
    CameTo("busy"),
    CameTo("congestion"),
    CameTo("unreachable"),
    CameTo("no_answer", alerted=True),
    CameTo("connected", True, True, Contact.CONVERSATION.value, "sale", right_party=True),
    CameTo("connected", True, True, Contact.CONVERSATION.value),  # nobody has said who it was
    CameTo("connected", True, True, Contact.NONE.value, "wrong_number"),
    CameTo("connected", True, True, Contact.REFUSAL.value, "refused", right_party=True),
    CameTo("abandoned", True, True, Contact.ABANDONED.value),
    CameTo("answering_machine", True, True, Contact.MACHINE.value),
    CameTo("unknown", True, True, Contact.UNKNOWN.value),
)
UNWANTED = CameTo("unwanted", alerted=True, contact=Contact.REFUSAL.value)


def _probe(campaign: Campaign, subject: Subject, permit: str | None) -> AuditedAttempt:
    """The attempt that is decided on, dialed at once."""
    lead = subject.lead
    return AuditedAttempt(
        lead.lead_id, campaign.name, lead.lead_id, subject.number.e164, "sim", CAMPAIGN.caller_ids[0], subject.now,
        subject.now, "busy", permit, person=lead.person, debt=lead.debt, purpose=campaign.purpose.value,
    )  # fmt: skip


# --- who is called, and under which rules -------------------------------------------------------------------

DECLARED = """
name = "ro-declared"
title = "Rules that no preset has: every kind of cool-off, caps on leads and debts"
jurisdiction = "RO"
citation = "none: invented"
confidence = "L"
verified_on = "2026-11-22"
declared_by = "a test"
hours_by_consent = true
declared_on = "2026-11-22"
source = "invented"

[hours]
daily = "09:00-21:00"

[[caps]]
name = "lead_day"
limit = 2
period = "day"
scope = "lead"
counts = "alerted"

[[caps]]
name = "debt_week"
limit = 2
period = "7d"
scope = "debt"
counts = "answered"
same_purpose = true

[[cooloffs]]
name = "after_conversation"
after = "conversation"
period = "7d"
scope = "debt"
unless_asked_within = "2d"

[[cooloffs]]
name = "after_refusal"
after = "refusal"
period = "month"
scope = "person"
same_purpose = true

[[cooloffs]]
name = "after_abandonment"
after = "abandonment"
period = "72h"
scope = "number"
unless_agent_waits = true

[[cooloffs]]
name = "after_machine"
after = "machine"
period = "day"
scope = "number"
"""
LIBRARY = RuleLibrary((DeclaredRules(parse_rule_set(DECLARED.encode(), "ro-declared"), DECLARED),))
SETS = LIBRARY.all()
_WITH_COOLOFFS = tuple(one for one in SETS if one.cooloffs)
ODD_ZONES = (
    "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham", "Africa/Casablanca",
    "America/Vancouver", "Pacific/Apia", "Asia/Tehran",
)  # fmt: skip
PARTS = {
    "FR": ("", "FR-67", "FR-57", "FR-GES", "FR-75", "FR-974"), "DE": ("", "DE-BY", "DE-BE"),
    "ES": ("", "ES-CT", "ES-B"), "AU": ("", "AU-VIC", "AU-NSW"), "GB": ("", "GB-SCT", "GB-LND"),
}  # fmt: skip
"""Where leads live of whom no rule set names the part."""
_HOURS = tuple(
    HoursRule.parse(table)
    for table in (
        {"daily": "00:00-24:00"},
        {"weekdays": "09:00-20:00"},
        {"weekdays": "08:30-12:00, 12:01-21:00", "sat": "10:00-16:00"},
        {"daily": "00:00-02:30, 22:00-24:00"},
        {"daily": "08:00-21:00", "holidays": "closed", "before_holidays": "08:00-14:00"},
        {
            "daily": "06:00-23:00",
            "days_off": ["2026-12-24/2027-01-06"],
            "special_days": {"2026-07-03": "10:00-11:00"},
        },
    )
)
_RINGS_S = (25.0, 60.0, 180.0)


def _campaign(rng: random.Random) -> tuple[Campaign, Rules]:
    """One that names a rule set, or calls for something that one is about."""
    one = rng.choice(SETS if rng.random() < 0.8 else _WITH_COOLOFFS)
    purpose = rng.choice(one.purposes or tuple(Purpose))
    reach = rng.choice(one.reaches or (Reaches.AGENTS,))
    named = one.fictional or rng.random() < 0.3
    prerecorded = reach is Reaches.PRERECORDED
    names = (one.name,) if named else ()
    elsewhere = replace(rng.choice(_HOURS), region=_country(rng.choice(SETS)))
    campaign = replace(
        CAMPAIGN,
        name=rng.choice(("spring", "acme/spring")),
        rules=names,
        purpose=purpose,
        delivery=Delivery.PRERECORDED if prerecorded else Delivery.AGENTS,
        hours=rng.choice(_HOURS),
        narrower_hours=(elsewhere,) if rng.random() < 0.2 else (),
        ring_timeout_s=rng.choice(_RINGS_S),
        amd=Amd(rng.choice(tuple(AmdPolicy))),
        pacing=replace(CAMPAIGN.pacing, mode=rng.choice((Mode.POWER, Mode.PREVIEW))),
        limits=AttemptLimits(
            per_lead=rng.choice((3, 9)), per_number=rng.choice((2, 9)), per_number_day=rng.choice((1, 3))
        ),
    )
    heard = (Reaches.PRERECORDED,) if prerecorded else (Reaches.AGENTS,)
    return campaign, LIBRARY.rules(names, purpose, heard)


def _country(one: RuleSet) -> str:
    code = one.jurisdiction[0]
    return "DE" if code == "*" else code[:2]


def _subject(rng: random.Random, n: int, campaign: Campaign, rules: Rules, first_day: int) -> Subject:
    of = [one for one in SETS if one.name in campaign.rules] or [
        one for one in SETS if not one.purposes or campaign.purpose in one.purposes
    ]
    place = rng.choice(rng.choice(of).jurisdiction)
    if place == "*" or rng.random() < 0.05:
        place = rng.choice(("DE", "FR", "GB", "US", "AU", "IN", "BR", "JP"))
    region = place[:2]
    number = _number(rng, place, n)
    stated = rng.random()
    known = region if stated < 0.35 or "-" in place else ""
    lead = Lead(
        n, full_name(client_of(campaign.name), "sample"), (number,),
        country=rng.choice(("US", "FR", "CA")) if stated < 0.05 else known,
        region=place if "-" in place and rng.random() < 0.8 else rng.choice(PARTS.get(region, ("",))),
        person_key=f"person {n}" if rng.random() < 0.5 else "",
        debt_id=f"debt {n}" if rng.random() < 0.3 else "",
    )  # fmt: skip
    boundary = Boundary.NONE if rng.random() < 0.5 else rng.choice(tuple(Boundary)[1:])
    now = _random_moment(rng, first_day)
    rule_set = applicable(rules, lead, number, now)
    past: list[AuditedAttempt] = []
    callback: Callback | None = None
    if boundary is Boundary.COOLOFF and not rule_set.cooloffs:
        boundary = Boundary.CAP
    if boundary is Boundary.CAP:
        now, past = _cap_expiry(rng, campaign, rule_set, lead, number, now)
    elif boundary is Boundary.COOLOFF:
        now, past = _cooloff_expiry(rng, campaign, rule_set, lead, number, now)
    elif boundary is Boundary.CALLBACK:
        if rng.random() < 0.7:  # soon after hours, where a consent matters
            now = _moment_beside(rng, Boundary.CLOSING, campaign, rule_set, number, now) + rng.randrange(7_200)
        callback = _promised(rng, campaign, lead, number, now)
        now = callback.due_at + rng.choice((0.0, CONSENT_HOLDS_S, CONSENT_HOLDS_S - campaign.ring_timeout_s))
        now += rng.choice(NEAR)
    elif boundary not in (Boundary.NONE, Boundary.REGISTER):
        now = _moment_beside(rng, boundary, campaign, rule_set, number, now) + rng.choice(NEAR)
    if boundary in (Boundary.CAP, Boundary.COOLOFF) and rng.random() < 0.4:
        callback = _promised_before(rng, campaign, rule_set, lead, number, now)
    if rng.random() < 0.3:
        past += _past(rng, campaign, lead, number, now)
    past.sort(key=lambda one: one.moment)
    registered = _registered(rng, boundary, campaign, rule_set, number, now)
    if callback is not None and rng.random() < 0.9:
        asked_for = _asked_for(rng, callback, campaign, now)
        registered = replace(registered, consents=(*registered.consents, asked_for))
    return Subject(boundary, lead, number, now, tuple(past), callback, registered)


def _registered(
    rng: random.Random, boundary: Boundary, campaign: Campaign, rule_set: RuleSet, number: PhoneNumber, now: float
) -> Registered:
    """What changes on a register changes within two seconds of the moment, or at some other time. A consent that
    is known to expire does so before or after the phone may ring: the decision does not begin what it would not
    let end, and of a consent that has ended the audit does not know whether it was to be foreseen."""
    edges = [_off_grid(now + rng.choice((-1, 1)) * (600.0 + rng.random() * 30 * DAY_S)) for _ in range(2)]
    calm = [*edges, _off_grid(now - rng.random() * 2.0), _off_grid(now + campaign.ring_timeout_s + GRID_S)]
    beside = boundary is Boundary.REGISTER
    if beside:
        edges = [_off_grid(now + rng.choice(NEAR))]
    by_consent = rule_set.consent is ConsentRegime.OPT_IN
    listed = rng.random() < ((0.3 if by_consent else 0.9) if beside else 0.05)
    asked = beside or by_consent or rng.random() < 0.05
    given = (Consent(number.e164, "call", "", 0.0), Consent(number.e164, "prerecorded", "", 0.0))
    return Registered(
        listings(rng, campaign, edges) if listed else (),
        (consents(rng, number.e164, campaign, edges, calm) if rng.random() < 0.5 or beside else given)
        if asked
        else (),
    )


def _promised(rng: random.Random, campaign: Campaign, lead: Lead, number: PhoneNumber, at: float) -> Callback:
    """A callback promised for about that moment."""
    zone = rng.choice(number.zones or ("UTC",))
    wall = wall_of(at, zone)
    on = number.e164 if rng.random() < 0.9 else "+99900"
    consent = "after nine is fine" if rng.random() < 0.8 else ""
    due_at = moment_of(wall, zone)
    return Callback(
        lead.lead_id, campaign.name, lead.lead_id, on, wall, zone, due_at, due_at - 86_400.0, "agent", "", consent
    )


def _promised_before(
    rng: random.Random, campaign: Campaign, rule_set: RuleSet, lead: Lead, number: PhoneNumber, now: float
) -> Callback:
    """A callback that is due, promised in or after one of the calls before; or so long ago that a cool-off is
    just not lifted any more."""
    promised = _promised(rng, campaign, lead, number, now - 60.0)
    ago_s = rng.choice((0.5, 3_600.0, DAY_S, 5 * DAY_S, *(one.unless_asked_s for one in rule_set.cooloffs)))
    return replace(promised, made_at=now - max(0.5, ago_s + rng.choice(NEAR)))


def _asked_for(rng: random.Random, callback: Callback, campaign: Campaign, now: float) -> Consent:
    """What stands on the register of it: withdrawn since, now or later, or not; for this purpose, or another."""
    purpose = campaign.purpose.value if rng.random() < 0.9 else rng.choice(tuple(Purpose)).value
    withdrawn_at = _off_grid(now + rng.choice((*NEAR, DAY_S))) if rng.random() < 0.2 else None
    if withdrawn_at is not None and withdrawn_at <= callback.made_at:
        withdrawn_at = None
    kind = ConsentKind.CALLBACK.value
    return Consent(callback.number, kind, purpose, callback.made_at, withdrawn_at=withdrawn_at)


def _number(rng: random.Random, place: str, n: int) -> PhoneNumber:
    region = place[:2]
    known = _numbers(place)
    kind = rng.choice((NumberKind.FIXED, NumberKind.MOBILE, NumberKind.FIXED_OR_MOBILE))
    zones = rng.sample(_zones(region), min(len(_zones(region)), rng.choice((1, 1, 1, 2, 3))))
    if rng.random() < 0.05:
        zones = [*zones, rng.choice(ODD_ZONES)]
    source = ZoneSource.NUMBER
    if rng.random() < 0.005:
        zones, source = [], ZoneSource.UNKNOWN
    return PhoneNumber(known[n % len(known)], region, kind, tuple(sorted(set(zones))), source)


@cache
def _zones(region: str) -> tuple[str, ...]:
    return tuple(pytz.country_timezones[region])


@cache
def _numbers(place: str) -> tuple[str, ...]:
    """Numbers of the place that no wall is in the way of, as many as there are subjects."""
    region = place[:2]
    if region in {"US", "CA"}:
        codes = [f"{code}" for code in range(201, 990) if place in subdivisions_of(f"{code}")] or [
            "202",
            "212",
            "416",
        ]
        found = [f"+1{codes[n % len(codes)]}255{n:04}" for n in range(4 * SUBJECTS)]
    else:
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        if example is None:
            raise ValueError(f"there is no mobile number of {region}")
        base = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        found = [f"{base[:-4]}{n:04}" for n in range(10_000)]
    good = tuple(islice((number for number in found if judge(number).bar is None), SUBJECTS + 1))
    if len(good) <= SUBJECTS:
        raise ValueError(f"only {len(good)} numbers of {place}")
    return good


# --- at which moment ----------------------------------------------------------------------------------------


def _random_moment(rng: random.Random, first_day: int) -> float:
    start = datetime.combine(FIRST_DAY + timedelta(days=first_day), datetime.min.time(), UTC).timestamp()
    return start + rng.randrange(int(SPAN_DAYS * 86_400 / GRID_S)) * GRID_S


def _moment_beside(
    rng: random.Random, boundary: Boundary, campaign: Campaign, rule_set: RuleSet, number: PhoneNumber, now: float
) -> float:
    zone = rng.choice(number.zones or ("UTC",))
    day = datetime.fromtimestamp(now, reference_zone_of(zone)).date()
    rules = (campaign.hours, *campaign.narrower_hours, *rule_set.hours)
    match boundary:
        case Boundary.OPENING:
            return _at(zone, day, rng.choice(_edges(rules, day, 0)), rng)
        case Boundary.CLOSING:
            return _at(zone, day, rng.choice(_edges(rules, day, 1)), rng)
        case Boundary.LAST_RING:
            return _at(zone, day, rng.choice(_edges(rules, day, 1)), rng) - campaign.ring_timeout_s
        case Boundary.CLOCK_CHANGE:
            changes = _clock_changes(zone)
            return rng.choice(changes) if changes else now
        case Boundary.MIDNIGHT:
            return _at(zone, day, 0, rng)
        case Boundary.HOLIDAY:
            day = rng.choice(_holidays(number.region) or (day,)) - timedelta(days=rng.choice((0, 0, 1)))
            edges = (0, 1_440, *_edges(rules, day, 0), *_edges(rules, day, 1))
            return _at(zone, day, rng.choice(edges), rng)
        case Boundary.VALIDITY:
            dates = [(one.valid_from, 0) for one in (rule_set, *SETS) if one.valid_from]
            dates += [(one.valid_to, 1) for one in (rule_set, *SETS) if one.valid_to]
            begins = [_at(zone, date.fromisoformat(on) + timedelta(days=later), 0, rng) for on, later in dates]
            ends = [one.relied_on_until for one in (rule_set, *SETS) if one.verified_on]
            return rng.choice(begins if begins and rng.random() < 0.6 else ends or [now])
    raise ValueError(boundary)


def _edges(rules: Iterable[HoursRule], day: date, which: int) -> list[int]:
    """Minutes at which some rule opens (0) or closes (1) on such a day."""
    found = []
    for rule in rules:
        of_day = [rule.week.days[day.weekday()], rule.holidays or (), rule.before_holidays or ()]
        of_day += [hours for _, hours in rule.special_days]
        found += [interval[which] for hours in of_day for interval in hours]
    return found or [540]


def _at(zone: str, day: date, minute: int, rng: random.Random) -> float:
    """The moment at which the clocks of the zone show that; where they show it twice, one of the two."""
    midnight = datetime.combine(day, datetime.min.time())
    shown = midnight + timedelta(minutes=minute)
    return shown.replace(tzinfo=reference_zone_of(zone), fold=rng.randrange(2)).timestamp()


@cache
def _holidays(region: str) -> tuple[date, ...]:
    years = range(FIRST_DAY.year, FIRST_DAY.year + 3)
    calendar = holidays.country_holidays(region, years=years)
    parts = [holidays.country_holidays(region, part, years) for part in calendar.subdivisions]
    last = FIRST_DAY + timedelta(days=DAYS)
    return tuple(sorted({day for one in (calendar, *parts) for day in one if FIRST_DAY < day < last}))


@cache
def reference_zone_of(zone: str) -> ZoneInfo:
    return reference_zone(zone)


@cache
def _clock_changes(zone: str) -> tuple[float, ...]:
    """Whole seconds UTC at which the offset of the zone changes."""
    start = int(datetime.combine(FIRST_DAY, datetime.min.time(), UTC).timestamp())

    def offset(at: int) -> timedelta | None:
        return datetime.fromtimestamp(at, reference_zone_of(zone)).utcoffset()

    found = []
    for day in range(DAYS):
        low, high = start + day * 86_400, start + (day + 1) * 86_400
        if offset(low) == offset(high):
            continue
        before = offset(low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == before else (low, middle)
        found.append(float(high))
    return tuple(found)


# --- what came before ---------------------------------------------------------------------------------------


def _past(
    rng: random.Random, campaign: Campaign, lead: Lead, number: PhoneNumber, now: float
) -> list[AuditedAttempt]:
    found = []
    for _ in range(rng.randrange(1, 7)):
        age_s = rng.choice((3_600.0, 86_400.0, 8 * 86_400.0, HISTORY_S - 4_000.0)) * rng.random() + 1.0
        came_to = UNWANTED if rng.random() < 0.01 else rng.choice(CAME_TO)
        found.append(_earlier(rng, campaign, lead, number, now, now - age_s, came_to))
    return found


def _earlier(
    rng: random.Random, campaign: Campaign, lead: Lead, number: PhoneNumber, now: float, at: float,
    came_to: CameTo, lasts_s: float | None = None,
) -> AuditedAttempt:  # fmt: skip
    """An attempt on the number or, now and then, on another one of the same person; over before `now`."""
    moment = _off_grid(at)
    lasted_s = rng.choice((0.0, 20.0, 600.0)) if lasts_s is None else lasts_s
    ended_at = min(moment + lasted_s, _off_grid(now) - GRID_S)
    on = number.e164, lead.lead_id
    if lead.person and rng.random() < 0.2:
        on = f"+99900{lead.lead_id:06}", 1_000_000 + lead.lead_id
    debt = f":another:{lead.person_key}" if lead.debt and rng.random() < 0.3 else lead.debt
    purpose = rng.choice(("", campaign.purpose.value, rng.choice(tuple(Purpose)).value))
    return AuditedAttempt(
        -1, campaign.name if on[0] == number.e164 and rng.random() < 0.6 else "another", on[1], on[0], "sim",
        CAMPAIGN.caller_ids[0], moment, moment, came_to.outcome, None, alerted=came_to.alerted,
        answered=came_to.answered, ended_at=None if came_to.outcome == "unknown" else max(ended_at, moment),
        person=lead.person, debt=debt, purpose=purpose, contact=came_to.contact, disposition=came_to.disposition,
        right_party=came_to.right_party, seal=ERASED,
    )  # fmt: skip


def _off_grid(at: float) -> float:
    return at // GRID_S * GRID_S + OFF_GRID_S


def _cap_expiry(
    rng: random.Random, campaign: Campaign, rule_set: RuleSet, lead: Lead, number: PhoneNumber, now: float
) -> tuple[float, list[AuditedAttempt]]:
    """A moment beside the one at which a cap lets through again, in the middle of a day, and what uses it up."""
    cap = rng.choice((Cap("per_number_day", campaign.limits.per_number_day, 86_400.0), *rule_set.caps))
    now, oldest = _expiry(rng, cap, number, now)
    reaching = rng.choice((CAME_TO[4], CAME_TO[-1]))
    found = [_earlier(rng, campaign, lead, number, now, oldest, reaching)]
    for _ in range(cap.limit - 1):
        between = oldest + rng.random() * max(now - oldest - 1.0, 0.0)
        found.append(_earlier(rng, campaign, lead, number, now, between, rng.choice(CAME_TO)))
    return now, [one for one in found if one.moment < now]


def _cooloff_expiry(
    rng: random.Random, campaign: Campaign, rule_set: RuleSet, lead: Lead, number: PhoneNumber, now: float
) -> tuple[float, list[AuditedAttempt]]:
    """A moment beside the end of a cool-off, which runs from the end of a call that came to what it is after."""
    cooloff = rng.choice(rule_set.cooloffs)
    now, ended = _expiry(rng, cooloff, number, now)
    lasted_s = rng.choice((10.0, 300.0, 3_600.0))
    came_to = rng.choice([one for one in CAME_TO if one.answered])
    one = _earlier(rng, campaign, lead, number, now, ended - lasted_s, came_to, lasted_s)
    return now, [one] if one.moment < now else []


def _expiry(rng: random.Random, rule: Cap | Cooloff, number: PhoneNumber, now: float) -> tuple[float, float]:
    """A moment in the middle of a day or, with a period of the calendar, at midnight; and one that is just as long
    before as the rule counts back, a little more or less."""
    zone = rng.choice(number.zones or ("UTC",))
    day = datetime.fromtimestamp(now, reference_zone_of(zone)).date()
    midday = _at(zone, day, 720 + rng.randrange(-120, 121), rng)
    if rule.calendar is None:
        return midday, midday - rule.period_s + rng.choice(NEAR)
    midnight = _at(zone, day, 0, rng)
    if rng.random() < 0.5:
        return midnight + rng.choice(NEAR), midnight - rng.random() * 5 * 86_400.0
    return midday, midnight + rng.choice(NEAR)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.properties.decisions", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    told = 0
    tally = Tally(Counter(), [])
    for tally in compare(options.count, options.seed):
        if tally.count - told >= 100_000:
            told = tally.count
            print(f"{tally.count:,} decisions, {len(tally.differences)} differences", file=sys.stderr, flush=True)
        if len(tally.differences) >= 50:
            break
    print(f"{tally.count:,} decisions over {len(SETS)} rule sets, {len(tally.differences)} differences")
    print("\n".join(tally.lines()))
    for one in tally.differences[:50]:
        print(describe(one))
    return 1 if tally.differences else 0


def describe(one: Difference) -> str:
    subject = one.subject
    local = {
        zone: datetime.fromtimestamp(subject.now, reference_zone_of(zone)).isoformat()
        for zone in subject.number.zones
    }
    past = [(past.moment - subject.now, past.campaign, past.outcome) for past in subject.past]
    return (
        f"{subject.boundary.value}: decided {one.decided}, audited {one.found or 'clean'}:"
        f" now {subject.now!r} {local},"
        f" {subject.number}, lead {subject.lead.country} {subject.lead.region}, rules {one.campaign.rules},"
        f" {one.campaign.purpose.value}, hours {one.campaign.hours}, {one.campaign.narrower_hours},"
        f" ring {one.campaign.ring_timeout_s}, {one.campaign.limits}, past {past}"
    )


if __name__ == "__main__":
    sys.exit(main())
