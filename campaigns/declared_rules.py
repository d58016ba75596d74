"""Rule sets that an installation declares itself: the files of its home's folder `rules`. Format:
`docs/reference/rule-sets.md`. Every problem of every file is reported at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from campaigns.compliance import RuleSet
from campaigns.errors import CampaignFileError, Problem, RuleSetError
from campaigns.place_code import fault_of_place
from campaigns.preset_files import rule_set_names
from campaigns.toml_file import read_toml
from campaigns.toml_hours import fault_of_calendar
from campaigns.toml_rules import parse_rule_set
from campaigns.toml_source import Path as Place
from campaigns.toml_source import TomlSource
from lists.value import value

FOLDER = "rules"
"""Of a home."""

_ADVICE = {
    "declared_by": 'write who answers for it: declared_by = "Ana Pop, counsel"',
    "declared_on": 'write the day: declared_on = "2026-11-30"',
    "source": 'write where it was taken from: source = "opinion of …"',
}


@value
class DeclaredRules:
    """A declared rule set, and the text of its file, which is kept with the permits given under it."""

    rule_set: RuleSet
    text: str


def read_declared_rules(home: Path, today: date) -> tuple[DeclaredRules, ...]:
    """Those of a home, by name. `today`: the day on which they are read, where it began first. Raises
    `CampaignFileError` with what is wrong in any of them."""
    found: list[DeclaredRules] = []
    problems: list[Problem] = []
    for path in sorted((home / FOLDER).glob("*.toml")):
        try:
            found.append(parse_declared_rules(read_toml(path), str(path), path.stem, today))
        except CampaignFileError as error:
            problems += error.problems
    if problems:
        raise CampaignFileError(problems)
    return tuple(found)


def parse_declared_rules(text: str, filename: str, name: str, today: date) -> DeclaredRules:
    """One file's text; `filename` appears in messages, `name` is what it is called without its ending; `today`:
    see `read_declared_rules`. Raises `CampaignFileError`."""
    source = TomlSource(text, filename)
    for key, advice in _ADVICE.items():
        if key not in source.data:
            source.at_key((key,), "missing", advice)
    if name in rule_set_names():
        source.at_value(
            ("name",), f'the product has a rule set "{name}"', "give yours another name, and its file too"
        )
    source.raise_problems()
    try:
        rule_set = parse_rule_set(text.encode(), name)
    except RuleSetError as error:
        complaint = str(error).removeprefix(f"rule set {name}: ")
        source.at_value(_place(source.data, complaint), complaint, "see docs/reference/rule-sets.md")
        raise CampaignFileError(source.problems) from None
    _check_places(source, rule_set)
    _check_calendar(source, rule_set)
    for key in ("declared_on", "verified_on"):
        if source.data.get(key, "") > today.isoformat():
            source.at_value((key,), f"{source.data[key]} is still to come", "write the day on which it was done")
    source.raise_problems()
    return DeclaredRules(rule_set, text)


def _check_places(source: TomlSource, rule_set: RuleSet) -> None:
    several = isinstance(source.data["jurisdiction"], list)
    for index, code in enumerate(rule_set.jurisdiction):
        fault = fault_of_place(code)
        if fault is not None:
            source.at_value(("jurisdiction", index) if several else ("jurisdiction",), *fault)


def _check_calendar(source: TomlSource, rule_set: RuleSet) -> None:
    for rule in rule_set.hours:
        fault = fault_of_calendar(rule.calendar)
        if fault is not None:
            source.at_value(("hours", "holiday_calendar"), *fault)


def _place(data: dict[str, Any], complaint: str) -> Place:
    """Where a complaint is about: it names the key, or the cap."""
    named = re.match(r"(cap|cool-off) ([^:]+):", complaint)
    if named is not None:
        table = "caps" if named[1] == "cap" else "cooloffs"
        return next(((table, index) for index in _with_name(data.get(table), named[2])), (table,))
    return next(((word,) for word in re.findall(r"[a-z_]+", complaint) if word in data), ())


def _with_name(tables: object, name: str) -> Iterator[int]:
    for index, one in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(one, dict) and one.get("name") == name:
            yield index
