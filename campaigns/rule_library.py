"""The rule sets there are: those that come with the product, and those that an installation has declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from campaigns.applicable import Rules, reaches_of, rules_for
from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet, load_rule_set, rule_set_names
from campaigns.errors import UnknownRuleSet
from campaigns.purpose import Purpose, Reaches


@dataclass(frozen=True, slots=True)
class RuleLibrary:
    """`declared`: rule sets of the installation's own."""

    declared: tuple[RuleSet, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Sorted."""
        return tuple(sorted({*rule_set_names(), *(one.name for one in self.declared)}))

    def named(self, name: str) -> RuleSet:
        """Raises `UnknownRuleSet`."""
        for one in self.declared:
            if one.name == name:
                return one
        if name not in rule_set_names():
            raise UnknownRuleSet(name, self.names)
        return load_rule_set(name)

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
        yield from self.declared
        for name in rule_set_names():
            yield load_rule_set(name)


PRESETS = RuleLibrary()
"""What comes with the product alone."""
