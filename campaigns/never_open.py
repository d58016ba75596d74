"""Hours that exclude each other: a campaign's, its regions' and its lists', and those of the rules it keeps to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from campaigns.campaign import Campaign
from campaigns.compliance import EVERY_REGION, RuleSet
from campaigns.hours import common_hours
from campaigns.hours_rule import HoursRule
from campaigns.reach import reach_of
from campaigns.rule_choice import Rules
from lists.client import own_name


@dataclass(frozen=True, slots=True)
class NeverOpen:
    """Hours that leave no time to call. `path`: where in the campaign file. `text`: together with what others."""

    path: tuple[str, ...]
    text: str


def never_open(campaign: Campaign, rules: Rules) -> Iterator[NeverOpen]:
    """Each two of the hours that can hold for the same person and leave no day of the week on which a call
    fits; three, where no two of them do. What a candidate zone takes away besides depends on the number."""
    reach_s = reach_of(campaign)
    sets = (rules,) if isinstance(rules, RuleSet) else rules.candidates
    laws = [(one, rule) for one in sets for rule in one.hours]
    of_all, narrower = campaign.hours, campaign.narrower_hours
    for one, law in laws:
        if not _fits((of_all, law), reach_s):
            yield NeverOpen(("hours",), f"nobody in {_where(one)} is called: rule set {one.name} has {law}")
    for position, rule in enumerate(narrower):
        path = _path(rule)
        if not _fits((rule, of_all), reach_s):
            yield NeverOpen(path, f"leaves no time to call together with [hours]: {of_all}")
            continue
        for other in narrower[:position]:
            if _meet(rule, other) and not _fits((rule, other), reach_s):
                yield NeverOpen(path, f"leaves no time to call together with [{'.'.join(_path(other))}]: {other}")
        for one, law in laws:
            if not _holds_in(one, rule.region) or not _fits((of_all, law), reach_s):
                continue
            if not _fits((rule, law), reach_s):
                yield NeverOpen(path, f"leaves no time to call together with rule set {one.name}: {law}")
            elif not _fits((rule, of_all, law), reach_s):
                text = f"leaves no time to call together with [hours] and rule set {one.name}: {of_all}; {law}"
                yield NeverOpen(path, text)


def _fits(rules: Sequence[HoursRule], reach_s: float) -> bool:
    if any(hours for rule in rules for _, hours in rule.special_days):
        return True  # on some date at least: which, depends on when it is asked
    days = (reduce(common_hours, same_day) for same_day in zip(*(rule.week.days for rule in rules), strict=True))
    return any((end - start) * 60 >= reach_s for day in days for start, end in day)


def _meet(a: HoursRule, b: HoursRule) -> bool:
    """Whether both may hold for one lead."""
    if a.list_name and b.list_name:
        return False
    return not a.region or not b.region or _within(a.region, b.region) or _within(b.region, a.region)


def _holds_in(rule_set: RuleSet, region: str) -> bool:
    if not region or EVERY_REGION in rule_set.jurisdiction:
        return True
    return any(_within(code, region) or _within(region, code) for code in rule_set.jurisdiction)


def _within(code: str, place: str) -> bool:
    return f"{code}-".startswith(f"{place}-")


def _where(rule_set: RuleSet) -> str:
    return "any country" if EVERY_REGION in rule_set.jurisdiction else ", ".join(rule_set.jurisdiction)


def _path(rule: HoursRule) -> tuple[str, ...]:
    if rule.region:
        return ("hours", "region", rule.region)
    return ("hours", "list", own_name(rule.list_name))
