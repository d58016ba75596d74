"""Rule sets in words and as documents: all there are, one of them, and those that a call comes under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from campaigns.applicable import applicable, places_of
from campaigns.cap import After, Cap, Cooloff, Scope
from campaigns.compliance import EVERY_REGION, RuleSet, RuleSource
from campaigns.outcome import Counts
from campaigns.rule_choice import RuleChoice, Rules
from campaigns.rule_library import RuleLibrary
from dialer.errors import UnknownName
from dialer.operations.moments import iso
from dialer.operations.open_campaign import read_version
from dialer.operations.why import people_meant
from dialer.ports.store import Reader
from lists.area_code import area_code_of, subdivisions_of
from lists.lead import Lead, PhoneNumber
from lists.phone import check_region

_COUNTED = {Counts.PLACED: "calls", Counts.ALERTED: "calls that may have rung", Counts.ANSWERED: "answered calls"}
_AFTER = {
    After.CONVERSATION: "a conversation",
    After.REFUSAL: "a refusal",
    After.ABANDONMENT: "an abandoned call",
    After.MACHINE: "a machine",
}
_PER = {
    Scope.NUMBER: "to a number",
    Scope.LEAD: "to a lead",
    Scope.PERSON: "to a person",
    Scope.DEBT: "about a debt",
}


def rule_rows(library: RuleLibrary, now: float) -> list[dict[str, object]]:
    """One entry of `dialer rules --json` for each rule set, by name."""
    return [_head(library.named(name), now) for name in library.names]


def show_rule_set(library: RuleLibrary, name: str, now: float) -> dict[str, object]:
    """The document of `dialer rules show --json`. Raises `UnknownName`."""
    if name not in library.names:
        raise UnknownName("rule set", name, library.names, "`dialer rules` lists them")
    return _whole(library.named(name), now)


def rules_for_number(
    reader: Reader, library: RuleLibrary, campaign_name: str, who: str, now: float, region: str | None = None
) -> dict[str, Any]:
    """The document of `dialer rules for --json`: what a call of the campaign to a number, or to a lead's numbers,
    comes under at `now` (seconds UTC), and why. Raises `InputError`, `UnknownName`, `CampaignFileError`."""
    campaign, rules = read_version(reader, campaign_name, library)
    asked = people_meant(reader, campaign, who, check_region(region) if region else None)
    return {
        "campaign": campaign.name,
        "purpose": campaign.purpose.value,
        "chosen": "for each number" if isinstance(rules, RuleChoice) else "by the campaign's file",
        "at": iso(now),
        "numbers": [_for_number(library, rules, lead, number, now) for lead, number in asked],
    }


def _for_number(
    library: RuleLibrary, rules: Rules, lead: Lead, number: PhoneNumber, now: float
) -> dict[str, object]:
    found = applicable(rules, lead, number, now)
    places = places_of(lead, number)
    parts = () if found.lack else tuple(library.named(name) for name, _ in found.made_of)
    return {
        "number": number.e164,
        "lead_id": lead.lead_id or None,
        "places": [{"code": code, "because": _because(code, lead, number)} for code in places],
        "allowed": not found.lack,
        "lack": found.lack,
        "basis": None if found.lack else found.basis.value,
        "hash": found.hash,
        "rule_sets": [{**_whole(part, now), "because": ", ".join(_reasons(part, places))} for part in parts],
        "together": [] if found.lack else list(_together(found)),
    }


def _because(code: str, lead: Lead, number: PhoneNumber) -> str:
    area = area_code_of(number.e164)
    reasons = [
        ("the country of the number", code == number.region),
        (f"area code {area}", code in subdivisions_of(area)),
        ("the country of the lead", code == lead.country),
        ("the region of the lead", code == lead.region),
    ]
    return ", ".join(text for text, holds in reasons if holds)


def _reasons(part: RuleSet, places: Sequence[str]) -> Iterator[str]:
    if EVERY_REGION in part.jurisdiction:
        yield "speaks for everybody"
    yield from (f"speaks for {code}" for code in part.jurisdiction if code in places)


def _together(found: RuleSet) -> Iterator[str]:
    """All of it in words, the strictest of each."""
    for rule in found.hours:
        yield f"hours: {rule}"
    yield f"ring: at least {found.ring_min_s:g} s"
    yield f"abandonment: {_abandonment(found)}"
    yield f"recording: {found.recording.value}"
    for cap in found.caps:
        yield f"{cap.name}: {_cap(cap)}"
    for cooloff in found.cooloffs:
        yield f"{cooloff.name}: {_cooloff(cooloff)}"


def _head(rule_set: RuleSet, now: float) -> dict[str, object]:
    return {
        "name": rule_set.name,
        "title": rule_set.title,
        "jurisdiction": list(rule_set.jurisdiction),
        "purpose": [purpose.value for purpose in rule_set.purposes],
        "binding": rule_set.binding.value,
        "basis": rule_set.basis.value,
        "confidence": max([rule_set.confidence, *(one.confidence for one in rule_set.sources)], key="HML".index),
        "verified_on": rule_set.verified_on or None,
        "valid_from": rule_set.valid_from or None,
        "valid_to": rule_set.valid_to or None,
        "state": state_of(rule_set, now),
        "relied_on_until": _finite(rule_set.validity()[1]),
    }


def state_of(rule_set: RuleSet, now: float) -> str:
    """`in force`, `outdated` (and still relied on), `over`, `not yet in force`."""
    since, until = rule_set.validity()
    if now < since:
        return "not yet in force"
    if now >= until:
        return "over"
    return "outdated" if rule_set.outdated(now) else "in force"


def _whole(rule_set: RuleSet, now: float) -> dict[str, object]:
    declared = rule_set.declared
    return {
        **_head(rule_set, now),
        "delivery": [reach.value for reach in rule_set.reaches],
        "numbers": [kind.value for kind in rule_set.kinds],
        "citation": rule_set.citation,
        "note": rule_set.note,
        "hash": rule_set.hash,
        "declared": None
        if declared is None
        else {"by": declared.by, "on": declared.on, "source": declared.source},
        "rules": [_rule(rule_set, source) for source in rule_set.sources],
    }


def _rule(rule_set: RuleSet, source: RuleSource) -> dict[str, object]:
    return {
        "rule": source.rule,
        "says": _says(rule_set, source.rule),
        "citation": source.citation,
        "confidence": source.confidence,
        "verified": source.confidence != "L",
        "binding": source.binding.value,
        "verified_on": source.verified_on or None,
        "valid_from": source.valid_from or None,
        "valid_to": source.valid_to or None,
        "note": source.note,
    }


def _says(rule_set: RuleSet, rule: str) -> str:
    match rule:
        case "hours":
            return "; ".join(map(str, rule_set.hours))
        case "ring_min":
            return f"ring at least {rule_set.ring_min_s:g} s"
        case "abandonment":
            return _abandonment(rule_set)
        case "recording":
            return rule_set.recording.value
        case "machine_message":
            return "messages on machines" if rule_set.machine_message else "no messages on machines"
        case "may_withhold_caller_id":
            return "the caller id may be withheld" if rule_set.may_withhold_caller_id else "a caller id is shown"
    for cap in rule_set.caps:
        if cap.name == rule:
            return _cap(cap)
    for cooloff in rule_set.cooloffs:
        if cooloff.name == rule:
            return _cooloff(cooloff)
    return ""


def _abandonment(rule_set: RuleSet) -> str:
    message = ", with a message" if rule_set.abandoned_message else ""
    share = f"{rule_set.abandon_max:.2%}".rstrip("0%").rstrip(".")
    of = "live answers" if rule_set.abandon_denominator == "live" else "live answers and people taken for machines"
    return f"at most {share} % of {of} in {rule_set.abandon_period}, after {rule_set.abandon_clock_s:g} s{message}"


def _cap(cap: Cap) -> str:
    return f"at most {cap.limit} {_COUNTED.get(cap.counts, 'calls')} {_PER[cap.scope]} in {cap.period}"


def _cooloff(cooloff: Cooloff) -> str:
    unless = ", unless an agent waits" if cooloff.unless_agent_waits else ""
    what = f"none for {cooloff.period}" if cooloff.calendar is None else f"none in the same {cooloff.period}"
    return f"{what} after {_AFTER[cooloff.after]}, {_PER[cooloff.scope]}{unless}"


def _finite(moment: float) -> str | None:
    return iso(moment) if moment < float("inf") else None
