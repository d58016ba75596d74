"""The texts of rule sets, kept before anything is permitted under them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from campaigns.preset_files import preset_text, rule_set_names
from campaigns.rule_library import RuleLibrary
from dialer.ports.store import Reader, SaveRuleSet


def presets_to_keep(now: float) -> Iterator[SaveRuleSet]:
    """Those that come with the product."""
    for name in rule_set_names():
        text = preset_text(name)
        yield SaveRuleSet(name, hashlib.sha256(text.encode()).hexdigest(), text, now)


def _declared(library: RuleLibrary, now: float) -> Iterator[SaveRuleSet]:
    for one in library.declared:
        rule_set = one.rule_set
        yield SaveRuleSet(rule_set.name, rule_set.hash, one.text, now, rule_set.basis.value)


def rule_sets_to_keep(reader: Reader, library: RuleLibrary, now: float) -> tuple[SaveRuleSet, ...]:
    """What has changed since texts were kept last: new ones, other ones, and those that are not there any more."""
    kept = {one.name: one.hash for one in reader.rule_sets()}  # the last of each name stands
    there = [*presets_to_keep(now), *_declared(library, now)]
    gone = kept.keys() - {one.name for one in there}
    taken_away = [SaveRuleSet(name, "", "", now) for name in sorted(gone) if kept[name]]
    return tuple(one for one in there if kept.get(one.name) != one.hash) + tuple(taken_away)
