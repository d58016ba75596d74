"""Of what the hours of a campaign depend: what of a lead has to be known to tell when it may be called.

Two people are told apart only where the hours of the campaign, or of the rule sets that it may come under, tell
them apart: the store looks into group after group for the next leads, so that there are to be few.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace
from functools import lru_cache

from campaigns.applicable import speaks_of_kind
from campaigns.campaign import Campaign
from campaigns.compliance import EVERY_REGION, RuleSet
from campaigns.hours_rule import HolidayScope, HoursRule
from campaigns.rule_choice import Rules, sets_of
from campaigns.zone_group import Grouping
from lists.lead import NumberKind

_OF_A_STATE = frozenset({HolidayScope.SUBDIVISION, HolidayScope.ANY_SUBDIVISION})


@lru_cache(maxsize=64)
def grouping_of(campaign: Campaign, rules: Rules) -> Grouping:
    """The coarsest grouping known that never puts two numbers together of which one may be called and the other
    may not, as far as hours go."""
    sets = [one for one in sets_of(rules) if one.hours]
    own = campaign.narrower_hours
    chosen = not isinstance(rules, RuleSet)  # else that one holds everywhere
    holidays = {rule.region or EVERY_REGION for rule in (campaign.hours, *own) if _asks_by_state(rule)}
    for one in sets:
        if any(map(_asks_by_state, one.hours)):
            holidays.update(one.jurisdiction if chosen else (EVERY_REGION,))
    named = {rule.region for rule in own if "-" in rule.region}
    if chosen:
        named.update(code for one in sets for code in one.jurisdiction if "-" in code)
    return Grouping(
        states=_standing_for((code, _rules_in(code, sets, own)) for code in named),
        holidays=tuple(sorted(holidays)),
        kinds=_kinds(sets) if chosen else (),
        lists=tuple(sorted({rule.list_name for rule in own if rule.list_name})),
    )


def _asks_by_state(rule: HoursRule) -> bool:
    return rule.asks_for_holidays and rule.calendar in _OF_A_STATE


def _standing_for(rules_of: Iterable[tuple[str, Hashable]]) -> tuple[tuple[str, str], ...]:
    """Each with the first of those that have the same rules."""
    first: dict[Hashable, str] = {}
    return tuple((code, first.setdefault(rules, code)) for code, rules in sorted(rules_of, key=lambda of: of[0]))


def _rules_in(state: str, sets: Iterable[RuleSet], own: Iterable[HoursRule]) -> Hashable:
    """All that a state's hours are made of; with its country, for another country's state says something else."""
    country = state.partition("-")[0]
    laws = tuple(
        (
            one.hours, one.valid_from, one.valid_to, one.purposes, one.reaches, one.kinds,
            tuple(sorted("" if code == state else code for code in one.jurisdiction)),
        )
        for one in sets
        if state in one.jurisdiction
    )  # fmt: skip
    return country, laws, tuple(replace(rule, region="") for rule in own if rule.region == state)


def _kinds(sets: Iterable[RuleSet]) -> tuple[tuple[str, str], ...]:
    """Kinds of number of which rules say something else than of one that is not known."""
    of_kinds = [one for one in sets if one.kinds]
    said = {kind: tuple(speaks_of_kind(one, kind) for one in of_kinds) for kind in NumberKind}
    unlike = ((kind.value, of) for kind, of in said.items() if of != said[NumberKind.UNKNOWN])
    return _standing_for(unlike)
