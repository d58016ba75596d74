"""A rule set from the text of its file (`presets/*.toml`, and those that an installation declares)."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from campaigns.cap import read_caps, read_cooloffs, refuse_same_names
from campaigns.compliance import (
    EVERY_REGION,
    AbandonPeriod,
    Basis,
    Binding,
    Declaration,
    Denominator,
    RuleSet,
    RuleSource,
)
from campaigns.consent import ConsentRegime
from campaigns.duration import parse_duration
from campaigns.errors import RuleSetError
from campaigns.hours_rule import HoursRule
from campaigns.purpose import Purpose, Reaches
from campaigns.recording_rule import RecordingRule
from campaigns.refusal_rule import UNSAID, RefusalBlocks, RefusalReaches, RefusalRule
from lists.lead import NumberKind

CAUTIOUS_RING_MIN_S = 15.0
CAUTIOUS_ABANDON_MAX = 0.03
CAUTIOUS_ABANDON_CLOCK_S = 2.0
"""What is kept to where a rule set says nothing: the narrowest of the rules known to us."""


_KEYS = frozenset(
    {"name", "title", "jurisdiction", "purpose", "delivery", "numbers", "binding", "fictional", "note"}
    | {"citation", "confidence", "verified_on", "valid_from", "valid_to", "sources"}
    | {"declared_by", "declared_on", "source"}
    | {"ring_min", "hours", "abandonment", "caps", "cooloffs", "consent", "may_withhold_caller_id", "recording"}
    | {"machine_message", "hours_by_consent", "refusal_reaches", "refusal_blocks"}
)
_RULES = (
    "hours", "consent", "ring_min", "abandonment", "recording", "machine_message", "may_withhold_caller_id",
    "refusal_reaches", "refusal_blocks",
)  # fmt: skip
"""Keys of a file that are rules, each with a source of its own; each cap and cool-off is one besides."""
_PLACE = re.compile(r"\*|[A-Z]{2}(-[A-Z0-9]{1,3})?")
Read = TypeVar("Read")


def parse_rule_set(body: bytes, name: str) -> RuleSet:
    """A rule set from the bytes of its file; `name` is what the file is called. Raises `RuleSetError`."""
    try:
        data = tomllib.loads(body.decode())
        rule_set = _build(data, hashlib.sha256(body).hexdigest())
    except KeyError as error:
        raise RuleSetError(f"rule set {name}: {error.args[0]} is missing") from None
    except (TypeError, ValueError) as error:
        raise RuleSetError(f"rule set {name}: {error}") from error
    if rule_set.name != name:
        raise RuleSetError(f"rule set {name}: name is {rule_set.name!r}, and the file is called {name!r}")
    return rule_set


def _build(data: Mapping[str, Any], digest: str) -> RuleSet:
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}")
    abandonment, declared = _table(data, "abandonment"), _declaration(data)
    rule_set = RuleSet(
        name=_text(data, "name"),
        title=_text(data, "title"),
        jurisdiction=_words(data["jurisdiction"], "jurisdiction"),
        hours=(_at("hours", HoursRule.parse, _table(data, "hours")),) if "hours" in data else (),
        caps=read_caps(data.get("caps", ())),
        cooloffs=read_cooloffs(data.get("cooloffs", ())),
        consent=_at("consent", ConsentRegime, data.get("consent", ConsentRegime.NONE)),
        ring_min_s=_at("ring_min", parse_duration, data["ring_min"])
        if "ring_min" in data
        else CAUTIOUS_RING_MIN_S,
        abandon_max=float(abandonment.get("maximum", CAUTIOUS_ABANDON_MAX)),
        abandon_clock_s=_at("abandonment", parse_duration, abandonment.get("clock", CAUTIOUS_ABANDON_CLOCK_S)),
        fictional=data.get("fictional", False) is True,
        citation=_text(data, "citation", data.get("source")),
        confidence=_text(data, "confidence", "L" if declared else None),
        verified_on=_date(data, "verified_on", declared.on if declared else None),
        valid_from=_date(data, "valid_from", ""),
        valid_to=_date(data, "valid_to", ""),
        hash=digest,
        may_withhold_caller_id=data.get("may_withhold_caller_id", False) is True,
        abandoned_message=abandonment.get("message", False) is True,
        recording=_at("recording", RecordingRule, data.get("recording", RecordingRule.NEVER)),
        machine_message=data.get("machine_message", False) is True,
        hours_by_consent=data.get("hours_by_consent", False) is True,
        refusal=RefusalRule(
            _at("refusal_reaches", RefusalReaches, data.get("refusal_reaches", UNSAID.reaches)),
            _at("refusal_blocks", RefusalBlocks, data.get("refusal_blocks", UNSAID.blocks)),
        ),
        purposes=tuple(_at("purpose", Purpose, word) for word in _words(data.get("purpose", []), "purpose")),
        reaches=tuple(_at("delivery", Reaches, word) for word in _words(data.get("delivery", []), "delivery")),
        kinds=_kinds(data.get("numbers", "all")),
        binding=_at("binding", Binding, data.get("binding", Binding.LAW)),
        abandon_period=_at("abandonment", AbandonPeriod, abandonment.get("period", AbandonPeriod.DAYS_30)),
        abandon_denominator=_at("abandonment", Denominator, abandonment.get("denominator", Denominator.LIVE)),
        note=_text(data, "note", ""),
        basis=Basis.PRESET if declared is None else Basis.DECLARED,
        declared=declared,
    )
    rule_set = _with_sources(rule_set, data)
    rule_set.validity()
    refuse_same_names("cool-off", (*rule_set.caps, *rule_set.cooloffs))
    if stray := [code for code in rule_set.jurisdiction if not _PLACE.fullmatch(code)]:
        raise ValueError(f"jurisdiction: {stray[0]!r} is no code like RO or US-FL")
    if rule_set.valid_to and rule_set.valid_from > rule_set.valid_to:
        raise ValueError("valid_to: it ends before valid_from")
    if EVERY_REGION in rule_set.jurisdiction and not rule_set.fictional:
        raise ValueError("jurisdiction: only a fictional rule set may speak for every region")
    if not rule_set.fictional and not rule_set.verified_on:
        raise ValueError("verified_on is missing: a real rule set says when it was last checked")
    if not {rule_set.confidence, *(source.confidence for source in rule_set.sources)} <= {"H", "M", "L"}:
        raise ValueError("confidence is H, M or L")
    if not rule_set.jurisdiction or any(rule.week.empty for rule in rule_set.hours):
        raise ValueError("jurisdiction, hours: it has no jurisdiction or no hours")
    if not 0.0 <= rule_set.abandon_max <= 1.0:
        raise ValueError("abandonment.maximum is a fraction 0-1 of live answers")
    return rule_set


def _with_sources(rule_set: RuleSet, data: Mapping[str, Any]) -> RuleSet:
    """The source of each rule: what `[source.RULE]` says, else what is said of the whole file. The set as a whole
    is as old as the rule that was verified first, and in force only while each of them is."""
    rules = [
        *(key for key in _RULES if key in data),
        *(cap.name for cap in rule_set.caps),
        *(cooloff.name for cooloff in rule_set.cooloffs),
    ]
    stated = _table(data, "sources")
    if stray := sorted(set(stated) - set(rules)):
        raise ValueError(f"sources.{stray[0]}: the file has no such rule")
    # A cap of kind "both" has become two, and the second goes by the source of the first.
    own = {rule: _table(stated, rule if rule in stated else rule.removesuffix("_calendar")) for rule in rules}
    sources = tuple(_source(rule_set, rule, own[rule]) for rule in rules)
    verified = [source.verified_on for source in sources if source.verified_on]
    ends = [source.valid_to for source in sources if source.valid_to]
    return replace(
        rule_set,
        sources=sources,
        verified_on=min([rule_set.verified_on, *verified]) if rule_set.verified_on else "",
        valid_from=max([rule_set.valid_from, *(source.valid_from for source in sources)]),
        valid_to=min([rule_set.valid_to, *ends] if rule_set.valid_to else ends, default=""),
    )


def _declaration(data: Mapping[str, Any]) -> Declaration | None:
    if "declared_by" not in data:
        if stray := sorted({"declared_on", "source"} & set(data)):
            raise ValueError(f"unknown key {stray[0]!r}: nobody has declared this rule set")
        return None
    if data.get("fictional"):
        raise ValueError("fictional: rules that somebody declares are for real people")
    declared = Declaration(_text(data, "declared_by"), _date(data, "declared_on"), _text(data, "source"))
    for key, value in (("declared_by", declared.by), ("declared_on", declared.on), ("source", declared.source)):
        if not value.strip():
            raise ValueError(f"{key} is empty")
    return declared


def _source(whole: RuleSet, rule: str, stated: Mapping[str, Any]) -> RuleSource:
    known = {"citation", "confidence", "binding", "verified_on", "valid_from", "valid_to", "note"}
    if unknown := sorted(set(stated) - known):
        raise ValueError(f"unknown key 'sources.{rule}.{unknown[0]}'")
    return RuleSource(
        rule=rule,
        citation=_text(stated, "citation", whole.citation),
        confidence=_text(stated, "confidence", whole.confidence),
        binding=Binding(stated.get("binding", whole.binding)),
        verified_on=_date(stated, "verified_on", whole.verified_on),
        valid_from=_date(stated, "valid_from", whole.valid_from),
        valid_to=_date(stated, "valid_to", whole.valid_to),
        note=_text(stated, "note", ""),
    )


def _date(data: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """An ISO date, or "" where there may be none."""
    text = _text(data, key, default)
    if text:
        try:
            canonical = date.fromisoformat(text).isoformat()
        except ValueError:
            canonical = ""
        if text != canonical:  # fromisoformat takes weeks too; dates are compared as texts
            raise ValueError(f"{key} is {text!r}, no date like 2026-11-22")
    return text


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, Mapping):
        raise TypeError(f"{key} is not a table")
    return value


def _at(key: str, read: Callable[[Any], Read], value: object) -> Read:
    """What is read, or a complaint that says where."""
    try:
        return read(value)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def _kinds(value: object) -> tuple[NumberKind, ...]:
    return () if value == "all" else tuple(_at("numbers", NumberKind, word) for word in _words(value, "numbers"))


def _words(value: object, key: str) -> tuple[str, ...]:
    """One text or a list of them."""
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise TypeError(f"{key} is not a text or a list of texts")
    return tuple(words)


def _text(data: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = data[key] if default is None else data.get(key, default)
    if not isinstance(value, str):
        raise TypeError(f"{key} is not a text")
    return value
