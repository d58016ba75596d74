"""Rule sets that an installation declares itself: the files of its home's folder `rules`. Format:
`docs/reference/rule-sets.md`. Every problem of every file is reported at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from campaigns.compliance import RuleSet
from campaigns.errors import CampaignFileError, Problem, RuleSetError
from campaigns.preset_files import rule_set_names
from campaigns.toml_file import read_toml
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


def read_declared_rules(home: Path) -> tuple[DeclaredRules, ...]:
    """Those of a home, by name. Raises `CampaignFileError` with what is wrong in any of them."""
    found: list[DeclaredRules] = []
    problems: list[Problem] = []
    for path in sorted((home / FOLDER).glob("*.toml")):
        try:
            found.append(parse_declared_rules(read_toml(path), str(path), path.stem))
        except CampaignFileError as error:
            problems += error.problems
    if problems:
        raise CampaignFileError(problems)
    return tuple(found)


def parse_declared_rules(text: str, filename: str, name: str) -> DeclaredRules:
    """One file's text; `filename` appears in messages, `name` is what it is called without its ending. Raises
    `CampaignFileError`."""
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
        return DeclaredRules(parse_rule_set(text.encode(), name), text)
    except RuleSetError as error:
        complaint = str(error).removeprefix(f"rule set {name}: ")
        source.at_value(_place(source.data, complaint), complaint, "see docs/reference/rule-sets.md")
    source.raise_problems()
    raise AssertionError("unreachable")


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
