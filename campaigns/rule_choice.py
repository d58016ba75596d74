"""The rules of a campaign: one rule set for all of its calls, or those that `applicable` chooses among."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from campaigns.amd import Amd, MachineAction
from campaigns.campaign import Delivery
from campaigns.combined_rules import combine, no_rules
from campaigns.compliance import EVERY_REGION, Basis, RuleSet
from campaigns.purpose import Purpose, Reaches
from campaigns.recording_rule import RecordingRule


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
        return any(touches(one, region) for one in self.candidates)


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
    near = tuple(one for one in rules.candidates if any(touches(one, region) for region in regions))
    return RuleChoice(near, rules.chosen_for)


@lru_cache(maxsize=64)
def _strictest(rules: RuleChoice) -> RuleSet:
    if not rules.candidates:
        return no_rules(f"no rule set says anything about {rules.chosen_for}")
    return replace(combine(rules.candidates), name=f"for {rules.chosen_for}", hours=(), parts=())


def _covers_country(rule_set: RuleSet, region: str) -> bool:
    """It speaks for the whole country (ISO 3166-1 alpha-2)."""
    return region in rule_set.jurisdiction or EVERY_REGION in rule_set.jurisdiction


def touches(rule_set: RuleSet, country: str) -> bool:
    """It speaks for the country or for a part of it."""
    within = f"{country}-"
    return _covers_country(rule_set, country) or any(code.startswith(within) for code in rule_set.jurisdiction)


def _speaks_of(rule_set: RuleSet, purpose: Purpose, reaches: tuple[Reaches, ...]) -> bool:
    of_purpose = not rule_set.purposes or purpose in rule_set.purposes
    return of_purpose and (not rule_set.reaches or any(one in rule_set.reaches for one in reaches))


def _stands_alone(rule_set: RuleSet) -> bool:
    """It says at which hours any number of its countries may be called."""
    whole = not rule_set.kinds and all("-" not in code for code in rule_set.jurisdiction)
    return whole and bool(rule_set.hours) and rule_set.basis is Basis.PRESET
