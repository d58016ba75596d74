"""Which rule sets a call comes under.

Chosen for each number: by the country and the subdivision that the lead is said to live in, by the country of the
number's plan and, in North America, the states of its area code; all of them, where they differ. Of those places
every rule set holds that speaks for the campaign's purpose, for what people may hear, and for the kind of number.
Together they are one `RuleSet` (`combined_rules`). A country that no rule set speaks for permits nothing.

The first and the last day of a rule set are days on the clock of the person called. Where that is not known to one
zone, a day has begun when it has in one of them: then the new law holds, and the old one permits nothing more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from campaigns.combined_rules import combine, no_rules
from campaigns.compliance import EVERY_REGION, Basis, RuleSet, midnight
from campaigns.hours import DAY_S
from campaigns.hours_rule import HoursRule
from campaigns.rule_choice import RuleChoice, Rules, touches
from campaigns.zone_group import places_at
from campaigns.zone_offsets import unknown_zones, utc_offset
from lists.area_code import area_code_of
from lists.lead import Lead, NumberKind, PhoneNumber

_EITHER = frozenset({NumberKind.FIXED, NumberKind.MOBILE})


def applicable(rules: Rules, lead: Lead, number: PhoneNumber, now: float) -> RuleSet:
    """What a call to `number` of `lead` comes under at `now` (seconds UTC): where nothing is known, a rule set
    that says why in its `lack` and permits nothing."""
    if isinstance(rules, RuleSet):
        if not lead.country or lead.country == number.region or rules.covers(lead.country):
            return rules
        return no_rules(f"rule set {rules.name} says nothing about country {lead.country}")
    return _applicable(rules, number.kind, places_of(lead, number), _period(rules, number.zones, now))


def places_of(lead: Lead, number: PhoneNumber) -> tuple[str, ...]:
    """ISO 3166 codes of the countries and subdivisions whose rules a call comes under, countries first."""
    return places_at(number.region, area_code_of(number.e164), lead.country, lead.region)


def hours_in(
    rules: Rules, kind: NumberKind, places: tuple[str, ...], zones: tuple[str, ...], now: float
) -> tuple[HoursRule, ...] | None:
    """The hours of the rule sets that numbers of this kind with these candidate zones come under at `now`, of
    people who may be in any of `places` (as `places_of`); None where nothing may be called."""
    if isinstance(rules, RuleSet):
        return rules.hours if all(rules.covers(code) for code in places if "-" not in code) else None
    found = _applicable(rules, kind, places, _period(rules, zones, now))
    return None if found.lack else found.hours


def speaks_of_kind(rule_set: RuleSet, kind: NumberKind) -> bool:
    """A number that is one of two kinds comes under what is said of either."""
    if not rule_set.kinds or kind in rule_set.kinds:
        return True
    return kind is NumberKind.FIXED_OR_MOBILE and bool(_EITHER.intersection(rule_set.kinds))


@lru_cache(maxsize=65_536)
def _applicable(rules: RuleChoice, kind: NumberKind, places: tuple[str, ...], period: int) -> RuleSet:
    found = [one for one in rules.candidates if _speaks_for(one, places, kind)]
    parts, changes_on = _in_force(found, rules, period)
    basis = Basis.PRESET
    for country in (code for code in places if "-" not in code):
        speaking = [part for part in parts if touches(part, country)]
        if not speaking:
            return no_rules(f"no rule set says anything about {rules.chosen_for} in {country}")
        # Rules that leave out the hours narrow a call, but do not permit it.
        permitting = [part for part in speaking if part.hours]
        if not permitting:
            return no_rules(f"no rule set says at which hours {rules.chosen_for} are allowed in {country}")
        if all(part.basis is Basis.DECLARED for part in permitting):
            basis = Basis.DECLARED
    whole = combine(parts)
    return replace(
        whole,
        jurisdiction=tuple(dict.fromkeys((*whole.jurisdiction, *(code for code in places if "-" not in code)))),
        basis=basis,
        valid_to=min(filter(None, (whole.valid_to, _day_before(changes_on))), default=""),
        changes_on=changes_on,
        parts=whole.made_of,
    )


def _in_force(found: Sequence[RuleSet], rules: RuleChoice, period: int) -> tuple[list[RuleSet], str]:
    """Those of the sets that hold in a period between two changes, and the day on which another comes into force
    (ISO, "" for none). One that is over stays, unless another has taken its place: what it permits is refused as
    outdated."""
    bounds = _bounds(rules)
    start = bounds[period - 1] if period else float("-inf")
    held = [one for one in found if _since(one) <= start and start < _until(one)]
    places_taken = {(one.jurisdiction, one.purposes, one.reaches, one.kinds) for one in held}
    over = [one for one in found if _until(one) <= start]
    held += [one for one in over if (one.jurisdiction, one.purposes, one.reaches, one.kinds) not in places_taken]
    if not held:
        held = [one for one in found if _since(one) > start]  # they will be: the answer says when
        return held, ""
    return held, min((one.valid_from for one in found if _since(one) > start), default="")


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat() if day else ""


def _since(rule_set: RuleSet) -> float:
    return midnight(rule_set.valid_from) if rule_set.valid_from else float("-inf")


def _until(rule_set: RuleSet) -> float:
    return midnight(rule_set.valid_to) + DAY_S if rule_set.valid_to else float("inf")


@lru_cache(maxsize=256)
def _bounds(rules: RuleChoice) -> tuple[float, ...]:
    moments = {moment for one in rules.candidates for moment in (_since(one), _until(one))}
    return tuple(sorted(moments - {float("-inf"), float("inf")}))


def _period(rules: RuleChoice, zones: tuple[str, ...], now: float) -> int:
    """Which it is on the clock that is furthest ahead."""
    known = () if unknown_zones(zones) else zones
    ahead = max([utc_offset(zone, now) for zone in known], default=0)
    return bisect_right(_bounds(rules), now + ahead)


def _speaks_for(rule_set: RuleSet, places: tuple[str, ...], kind: NumberKind) -> bool:
    if not speaks_of_kind(rule_set, kind):
        return False
    return EVERY_REGION in rule_set.jurisdiction or any(code in places for code in rule_set.jurisdiction)
