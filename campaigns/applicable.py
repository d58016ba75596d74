"""Which rule sets a call comes under, and what they come to together.

Chosen for each number: by the country and the subdivision that the lead is said to live in, by the country of the
number's plan and, in North America, the states of its area code; all of them, where they differ. Of those places
every rule set holds that speaks for the campaign's purpose, for what people may hear, and for the kind of number.
Together they are one `RuleSet`: hours by intersection, every cap, the smallest share of abandoned calls, the
longest ring, the narrowest recording. A country that no rule set speaks for permits nothing.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache, reduce

from campaigns.amd import Amd, MachineAction
from campaigns.campaign import Delivery
from campaigns.compliance import EVERY_REGION, Basis, RuleSet, midnight
from campaigns.consent import ConsentRegime
from campaigns.hours import DAY_S
from campaigns.hours_rule import HoursRule
from campaigns.purpose import Purpose, Reaches
from campaigns.recording_rule import RecordingRule, narrower
from campaigns.refusal_rule import RefusalRule
from lists.area_code import area_code_of, subdivisions_of
from lists.lead import Lead, NumberKind, PhoneNumber

_EITHER = frozenset({NumberKind.FIXED, NumberKind.MOBILE})


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """The rule sets out of which those that apply are chosen for each number. `chosen_for`: in words."""

    candidates: tuple[RuleSet, ...]
    chosen_for: str
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        # Part of the key of every cached choice, so computed once.
        object.__setattr__(self, "_hash", hash((self.chosen_for, tuple(one.hash for one in self.candidates))))

    def __hash__(self) -> int:
        return self._hash

    def covers(self, region: str) -> bool:
        """Whether some number of this country (ISO 3166-1 alpha-2) may come under any of them."""
        return any(_touches(one, region) for one in self.candidates)


Rules = RuleSet | RuleChoice
"""What a campaign keeps to: one rule set for all of its calls, or those that apply to each."""


def strictest(rules: Rules) -> RuleSet:
    """What keeps to all of the rules at once, at any hour that one of them alone allows: for what a campaign
    settles once for all its calls."""
    return rules if isinstance(rules, RuleSet) else _strictest(rules)


def sets_of(rules: Rules) -> tuple[RuleSet, ...]:
    """All that may apply."""
    return (rules,) if isinstance(rules, RuleSet) else rules.candidates


def recordings_allowed(rules: Rules) -> frozenset[RecordingRule]:
    """What calls may be allowed of recordings, by where they go."""
    return frozenset({one.recording for one in sets_of(rules)})


def rules_for(
    named: Sequence[RuleSet], others: Iterable[RuleSet], purpose: Purpose, reaches: tuple[Reaches, ...]
) -> Rules:
    """The rules of a campaign that names these sets; none: they are chosen among the `others` by its purpose.

    A declared set narrows what the product knows of the same places, and never takes its place."""
    if len(named) == 1 and _stands_alone(named[0]):
        return named[0]
    if named and all(one.basis is Basis.PRESET for one in named):
        return RuleChoice(tuple(named), f"the rule sets {', '.join(one.name for one in named)}")
    chosen = {one.name: one for one in named}
    chosen |= {one.name: one for one in others if not one.fictional and _speaks_of(one, purpose, reaches)}
    return RuleChoice(tuple(chosen.values()), f"{_PURPOSES[purpose]} calls")


_PURPOSES = {
    Purpose.SALES: "sales",
    Purpose.DEBT: "debt collection",
    Purpose.RESEARCH: "research",
    Purpose.SERVICE: "service",
}


def reaches_of(delivery: Delivery, amd: Amd) -> tuple[Reaches, ...]:
    """What the people called may hear."""
    first = Reaches.PRERECORDED if delivery is Delivery.PRERECORDED else Reaches.AGENTS
    return (first, Reaches.MESSAGE_DROP) if amd.machine is MachineAction.MESSAGE else (first,)


def outdated_sets(rules: Rules, now: float) -> tuple[RuleSet, ...]:
    """Those that nobody has checked for a year, of all that may apply."""
    return tuple(one for one in sets_of(rules) if one.outdated(now))


def within(rules: Rules, regions: Collection[str]) -> Rules:
    """Those that may apply where all numbers and leads are in these countries (ISO 3166-1 alpha-2)."""
    if isinstance(rules, RuleSet):
        return rules
    near = tuple(one for one in rules.candidates if any(_touches(one, region) for region in regions))
    return RuleChoice(near, rules.chosen_for)


def applicable(rules: Rules, lead: Lead, number: PhoneNumber, now: float) -> RuleSet:
    """What a call to `number` of `lead` comes under at `now` (seconds UTC): where nothing is known, a rule set
    that says why in its `lack` and permits nothing."""
    if isinstance(rules, RuleSet):
        if not lead.country or lead.country == number.region or rules.covers(lead.country):
            return rules
        return _nothing(f"rule set {rules.name} says nothing about country {lead.country}")
    area = area_code_of(number.e164)
    return _applicable(rules, number.kind, number.region, area, lead.country, lead.region, _period(rules, now))


def places_of(lead: Lead, number: PhoneNumber) -> tuple[str, ...]:
    """ISO 3166 codes of the countries and subdivisions whose rules a call comes under, countries first."""
    return _places(number.region, area_code_of(number.e164), lead.country, lead.region)


def hours_in(rules: Rules, region: str, now: float) -> tuple[HoursRule, ...] | None:
    """Hours outside of which no number of a country may be called, wherever in it its lead lives; None where
    nothing may be called. What a state or a lead adds is narrower, and is seen when the number is judged."""
    if isinstance(rules, RuleSet):
        return rules.hours if rules.covers(region) else None
    return _hours_in(rules, region, _period(rules, now))


def combine(parts: Sequence[RuleSet]) -> RuleSet:
    """At least one rule set, all of them kept at once. What one says nothing of (`RuleSet.states`) is left to the
    others; what none states is as each has it, which is cautious."""
    if len(parts) == 1:
        return parts[0]
    share = min(_stating("abandonment", parts), key=lambda part: part.abandon_max)
    return replace(
        parts[0],
        name="+".join(part.name for part in parts),
        title="; ".join(part.title for part in parts),
        jurisdiction=tuple(dict.fromkeys(code for part in parts for code in part.jurisdiction)),
        hours=tuple(dict.fromkeys(rule for part in parts for rule in part.hours)),
        caps=tuple(cap for part in parts for cap in part.caps),
        cooloffs=tuple(cooloff for part in parts for cooloff in part.cooloffs),
        consent=max((part.consent for part in parts), key=list(ConsentRegime).index),
        ring_min_s=max(part.ring_min_s for part in _stating("ring_min", parts)),
        abandon_max=share.abandon_max,
        abandon_period=share.abandon_period,
        abandon_denominator=share.abandon_denominator,
        abandon_clock_s=min(part.abandon_clock_s for part in _stating("abandonment", parts)),
        abandoned_message=any(part.abandoned_message for part in parts),
        fictional=any(part.fictional for part in parts),
        citation="; ".join(part.citation for part in parts),
        confidence=max((part.confidence for part in parts), key="HML".index),
        verified_on=min((part.verified_on for part in parts if part.verified_on), default=""),
        valid_from=max(part.valid_from for part in parts),
        valid_to=min((part.valid_to for part in parts if part.valid_to), default=""),
        hash=hashlib.sha256("\n".join(part.hash for part in parts).encode()).hexdigest(),
        may_withhold_caller_id=all(part.may_withhold_caller_id for part in parts),
        recording=reduce(narrower, [part.recording for part in _stating("recording", parts)]),
        machine_message=all(part.machine_message for part in _stating("machine_message", parts)),
        hours_by_consent=all(part.hours_by_consent for part in _stating("hours", parts)),
        refusal=reduce(RefusalRule.wider, [part.refusal for part in parts]),
        sources=tuple(source for part in parts for source in part.sources),
        parts=tuple((part.name, part.hash) for part in parts),
        note="",
    )


def _stating(rule: str, parts: Sequence[RuleSet]) -> Sequence[RuleSet]:
    return [part for part in parts if part.states(rule)] or parts


@lru_cache(maxsize=65_536)
def _applicable(
    rules: RuleChoice, kind: NumberKind, region: str, area: str, country: str, subdivision: str, period: int
) -> RuleSet:
    places = _places(region, area, country, subdivision)
    found = [one for one in rules.candidates if _speaks_for(one, places, kind)]
    parts, next_change = _in_force(found, rules, period)
    basis = Basis.PRESET
    for country in (code for code in places if "-" not in code):
        speaking = [part for part in parts if _touches(part, country)]
        if not speaking:
            return _nothing(f"no rule set says anything about {rules.chosen_for} in {country}")
        # Rules that leave out the hours narrow a call, but do not permit it.
        permitting = [part for part in speaking if part.hours]
        if not permitting:
            return _nothing(f"no rule set says at which hours {rules.chosen_for} are allowed in {country}")
        if all(part.basis is Basis.DECLARED for part in permitting):
            basis = Basis.DECLARED
    whole = combine(parts)
    return replace(
        whole,
        jurisdiction=tuple(dict.fromkeys((*whole.jurisdiction, *(code for code in places if "-" not in code)))),
        basis=basis,
        valid_to=min(filter(None, (whole.valid_to, next_change)), default=""),
        parts=whole.made_of,
    )


def _in_force(found: Sequence[RuleSet], rules: RuleChoice, period: int) -> tuple[list[RuleSet], str]:
    """Those of the sets that hold in a period between two changes, and the last day before the next change ("" for
    none). One that is over stays, unless another has taken its place: what it permits is refused as outdated."""
    bounds = _bounds(rules)
    start = bounds[period - 1] if period else float("-inf")
    held = [one for one in found if _since(one) <= start and start < _until(one)]
    places_taken = {(one.jurisdiction, one.purposes, one.reaches, one.kinds) for one in held}
    over = [one for one in found if _until(one) <= start]
    held += [one for one in over if (one.jurisdiction, one.purposes, one.reaches, one.kinds) not in places_taken]
    if not held:
        held = [one for one in found if _since(one) > start]  # they will be: the answer says when
        return held, ""
    changes = [one for one in found if _since(one) > start]
    if not changes:
        return held, ""
    last = datetime.fromtimestamp(min(map(_since, changes)), UTC).date() - timedelta(days=1)
    return held, last.isoformat()


def _since(rule_set: RuleSet) -> float:
    return midnight(rule_set.valid_from) if rule_set.valid_from else float("-inf")


def _until(rule_set: RuleSet) -> float:
    return midnight(rule_set.valid_to) + DAY_S if rule_set.valid_to else float("inf")


@lru_cache(maxsize=256)
def _bounds(rules: RuleChoice) -> tuple[float, ...]:
    moments = {moment for one in rules.candidates for moment in (_since(one), _until(one))}
    return tuple(sorted(moments - {float("-inf"), float("inf")}))


def _period(rules: RuleChoice, now: float) -> int:
    return bisect_right(_bounds(rules), now)


@lru_cache(maxsize=4_096)
def _hours_in(rules: RuleChoice, region: str, period: int) -> tuple[HoursRule, ...] | None:
    if not rules.covers(region):
        return None
    everywhere = [one for one in rules.candidates if not one.kinds and _covers_country(one, region)]
    held, _ = _in_force(everywhere, rules, period)
    return tuple(dict.fromkeys(rule for one in held for rule in one.hours))


@lru_cache(maxsize=65_536)
def _places(region: str, area: str, country: str, subdivision: str) -> tuple[str, ...]:
    countries = dict.fromkeys(code for code in (region, country) if code)
    states = dict.fromkeys(code for code in (*subdivisions_of(area), subdivision) if code)
    return (*countries, *states)


@lru_cache(maxsize=64)
def _strictest(rules: RuleChoice) -> RuleSet:
    if not rules.candidates:
        return _nothing(f"no rule set says anything about {rules.chosen_for}")
    return replace(combine(rules.candidates), name=f"for {rules.chosen_for}", hours=(), parts=())


@lru_cache(maxsize=1_024)
def _nothing(lack: str) -> RuleSet:
    return RuleSet(
        name="none",
        title="no rules",
        jurisdiction=(),
        hours=(),
        caps=(),
        ring_min_s=0.0,
        abandon_max=0.0,
        abandon_clock_s=0.0,
        fictional=False,
        citation="",
        confidence="L",
        verified_on="",
        valid_from="",
        valid_to="",
        hash="",
        recording=RecordingRule.NEVER,
        lack=lack,
    )


def _speaks_of(rule_set: RuleSet, purpose: Purpose, reaches: tuple[Reaches, ...]) -> bool:
    of_purpose = not rule_set.purposes or purpose in rule_set.purposes
    return of_purpose and (not rule_set.reaches or any(one in rule_set.reaches for one in reaches))


def _speaks_for(rule_set: RuleSet, places: tuple[str, ...], kind: NumberKind) -> bool:
    if (
        rule_set.kinds
        and kind not in rule_set.kinds
        and not (kind is NumberKind.FIXED_OR_MOBILE and _EITHER.intersection(rule_set.kinds))
    ):
        return False
    return EVERY_REGION in rule_set.jurisdiction or any(code in places for code in rule_set.jurisdiction)


def _covers_country(rule_set: RuleSet, region: str) -> bool:
    return region in rule_set.jurisdiction or EVERY_REGION in rule_set.jurisdiction


def _touches(rule_set: RuleSet, country: str) -> bool:
    """It speaks for the country or for a part of it."""
    within = f"{country}-"
    return _covers_country(rule_set, country) or any(code.startswith(within) for code in rule_set.jurisdiction)


def _stands_alone(rule_set: RuleSet) -> bool:
    """It says at which hours any number of its countries may be called."""
    whole = not rule_set.kinds and all("-" not in code for code in rule_set.jurisdiction)
    return whole and bool(rule_set.hours) and rule_set.basis is Basis.PRESET
