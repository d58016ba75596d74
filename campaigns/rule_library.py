"""The rule sets there are: those that come with the product, and those that an installation has declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet
from campaigns.declared_rules import DeclaredRules
from campaigns.errors import UnknownRuleSet
from campaigns.preset_files import load_rule_set, rule_set_names
from campaigns.purpose import Purpose, Reaches
from campaigns.rule_choice import Rules, reaches_of, rules_for

USUAL_GRACE_S = 30 * 86_400.0
"""For how long an installation relies on rules that are outdated, if it does not say otherwise."""


@dataclass(frozen=True, slots=True)
class RuleLibrary:
    """`declared`: rule sets of the installation's own. `outdated_for_s`: for how long rules are relied on although
    nobody has checked them for a year; infinite: for ever."""

    declared: tuple[DeclaredRules, ...] = ()
    outdated_for_s: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """Sorted."""
        return tuple(sorted({*rule_set_names(), *(one.rule_set.name for one in self.declared)}))

    def named(self, name: str) -> RuleSet:
        """Raises `UnknownRuleSet`."""
        for one in self.declared:
            if one.rule_set.name == name:
                return _relied_on(one.rule_set, self.outdated_for_s)
        if name not in rule_set_names():
            raise UnknownRuleSet(name, self.names)
        return _relied_on(load_rule_set(name), self.outdated_for_s)

    def rules_of(self, campaign: Campaign) -> Rules:
        """What a campaign keeps to. Raises `UnknownRuleSet` when it names one that is not there any more."""
        return self.rules(campaign.rules, campaign.purpose, reaches_of(campaign.delivery, campaign.amd))

    def rules(self, names: Sequence[str], purpose: Purpose, reaches: tuple[Reaches, ...]) -> Rules:
        """The same, of a campaign that is not read to its end yet."""
        return rules_for([self.named(name) for name in names], self._all(), purpose, reaches)

    def all(self) -> tuple[RuleSet, ...]:
        """Declared ones first, then by name."""
        return tuple(self._all())

    def _all(self) -> Iterator[RuleSet]:
        """Read one by one, and only when they are asked for: a campaign that names its rules needs no others."""
        for one in self.declared:
            yield _relied_on(one.rule_set, self.outdated_for_s)
        for name in rule_set_names():
            yield _relied_on(load_rule_set(name), self.outdated_for_s)


@lru_cache(maxsize=1_024)
def _relied_on(rule_set: RuleSet, outdated_for_s: float) -> RuleSet:
    # Cached, so that one rule set is one value, and comparing two of them costs nothing.
    return replace(rule_set, outdated_for_s=outdated_for_s) if outdated_for_s else rule_set


PRESETS = RuleLibrary()
"""What comes with the product alone."""
