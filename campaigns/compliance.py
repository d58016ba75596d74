"""Rule sets: calling hours, caps and abandonment limits as data (`presets/*.toml`).

One file is one rule set: what one jurisdiction says of one or several purposes. Which of them a call comes
under, and what they come to together, is said by `applicable`.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any, TypeVar

from campaigns.cap import Cap, Cooloff, read_caps, read_cooloffs, refuse_same_names
from campaigns.consent import ConsentRegime
from campaigns.duration import parse_duration
from campaigns.errors import RuleSetError, UnknownRuleSet
from campaigns.hours import DAY_S
from campaigns.hours_rule import HoursRule
from campaigns.purpose import Purpose, Reaches
from campaigns.recording_rule import RecordingRule
from campaigns.refusal_rule import UNSAID, RefusalBlocks, RefusalReaches, RefusalRule
from lists.lead import NumberKind

EVERY_REGION = "*"
REVERIFY_AFTER_DAYS = 366
"""Rules that nobody has checked for longer than this are outdated."""

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
_FOREVER = float("inf")
_PLACE = re.compile(r"\*|[A-Z]{2}(-[A-Z0-9]{1,3})?")
Read = TypeVar("Read")


class Binding(StrEnum):
    """What gives a rule its force."""

    LAW = "law"
    CODE = "code"  # an industry's code, which binds those who have signed it
    ADVISORY = "advisory"  # good practice: nobody is bound


class Basis(StrEnum):
    """On whose word a call is permitted."""

    PRESET = "preset"  # rules that come with the product
    DECLARED = "declared"  # rules that somebody has declared for a place of which the product knows none


class AbandonPeriod(StrEnum):
    """Over which calls a share of abandoned ones is reckoned."""

    DAYS_30 = "30d"
    MONTH = "month"  # of the calendar
    DAY = "24h"


class Denominator(StrEnum):
    """Of what abandoned calls are a share."""

    LIVE = "live"  # answered by a person
    LIVE_AND_MISJUDGED = "live_and_misjudged"  # those a detector took for machines, as estimated, among them


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where one rule of a set is written. `rule`: "hours", "ring_min", … or a cap's name. `confidence`: H, M, L;
    an L was not verified at its source. `verified_on`, `valid_from`, `valid_to`: ISO dates, "" when open. `note`:
    what is uncertain in it, or which value was taken where sources differ."""

    rule: str
    citation: str
    confidence: str
    binding: Binding
    verified_on: str
    valid_from: str
    valid_to: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """Who answers for a rule set that does not come with the product: `by` whom and `on` which day (ISO) it was
    declared, and from which `source` it was taken."""

    by: str
    on: str
    source: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One rule set, or what several come to together (`parts`). `jurisdiction`: ISO 3166 codes of the countries
    and subdivisions it speaks for ("US", "US-FL"), ("*",) for all (only a fictional one may).

    `purposes`, `reaches`, `kinds`: which calls it is about; all where there is none. `hours`: all of them hold;
    where it states none (`states`), any hour will do. `verified_on`, `valid_from`, `valid_to`: ISO dates ("" when
    open); a rule of its own that was verified earlier, or ends earlier, speaks for the whole. `abandon_max`:
    fraction of live answers, `abandon_clock_s`: seconds from the answer; `abandoned_message`: people who are
    abandoned have to hear within that time who has called. `machine_message`: messages may be left on answering
    machines. `refusal`: what a refusal blocks at least. `hours_by_consent`: who agreed to a time outside the hours
    may be called then. `confidence`: H, M or L. `hash`: SHA-256 of the file; of several, of their hashes.
    `recording`: how conversations may be recorded; never where it says nothing. `lack`: why nothing is permitted
    by it, for a number that no rules were found for. `declared`: of one that does not come with the product.
    `outdated_for_s`: for how long it is relied on although nobody has checked it for a year, by the installation's
    word."""

    name: str
    title: str
    jurisdiction: tuple[str, ...]
    hours: tuple[HoursRule, ...]
    caps: tuple[Cap, ...]
    ring_min_s: float
    abandon_max: float
    abandon_clock_s: float
    fictional: bool
    citation: str
    confidence: str
    verified_on: str
    valid_from: str
    valid_to: str
    hash: str
    may_withhold_caller_id: bool = False
    abandoned_message: bool = False
    recording: RecordingRule = RecordingRule.NEVER
    machine_message: bool = False
    hours_by_consent: bool = False
    purposes: tuple[Purpose, ...] = ()
    reaches: tuple[Reaches, ...] = ()
    kinds: tuple[NumberKind, ...] = ()
    binding: Binding = Binding.LAW
    abandon_period: AbandonPeriod = AbandonPeriod.DAYS_30
    abandon_denominator: Denominator = Denominator.LIVE
    note: str = ""
    sources: tuple[RuleSource, ...] = ()
    basis: Basis = Basis.PRESET
    parts: tuple[tuple[str, str], ...] = ()
    lack: str = ""
    declared: Declaration | None = None
    outdated_for_s: float = 0.0
    cooloffs: tuple[Cooloff, ...] = ()
    consent: ConsentRegime = ConsentRegime.NONE
    refusal: RefusalRule = UNSAID

    def __hash__(self) -> int:
        return hash(self.hash)  # part of the key of what is kept of every decision

    @property
    def made_of(self) -> tuple[tuple[str, str], ...]:
        """Name and hash of each file it comes from."""
        return self.parts or ((self.name, self.hash),)

    @property
    def label(self) -> str:
        """As a sentence begins that says what it wants."""
        return " and ".join(f"rule set {name}" for name, _ in self.made_of)

    def covers(self, region: str) -> bool:
        """Whether it says anything about numbers of this country (ISO 3166-1 alpha-2, or "001")."""
        return region in self.jurisdiction or EVERY_REGION in self.jurisdiction

    def states(self, rule: str) -> bool:
        """Whether its file has the rule: "hours", "ring_min"…; where it has none, it says nothing of it."""
        return any(source.rule == rule for source in self.sources)

    def validity(self) -> tuple[float, float]:
        """From when until when it may be relied on, [from, until) in seconds UTC: `valid_to` is the last day,
        and rules not verified for `REVERIFY_AFTER_DAYS` are relied on no longer than the installation says,
        whatever they say."""
        return _validity(self.valid_from, self.valid_to, self.verified_on, self.outdated_for_s)

    def outdated(self, now: float) -> bool:
        """Whether nobody has checked it for `REVERIFY_AFTER_DAYS`."""
        return bool(self.verified_on) and now >= _outdated_from(self.verified_on)


@lru_cache(maxsize=256)
def _validity(valid_from: str, valid_to: str, verified_on: str, outdated_for_s: float) -> tuple[float, float]:
    since = midnight(valid_from) if valid_from else -_FOREVER
    until = midnight(valid_to) + DAY_S if valid_to else _FOREVER
    if verified_on:
        until = min(until, _outdated_from(verified_on) + outdated_for_s)
    return since, until


@lru_cache(maxsize=256)
def _outdated_from(verified_on: str) -> float:
    return midnight(verified_on) + REVERIFY_AFTER_DAYS * DAY_S


def midnight(day: str) -> float:
    """Seconds UTC at which an ISO date begins."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp()


@lru_cache(maxsize=1)
def rule_set_names() -> tuple[str, ...]:
    """Names of the presets that come with the product, sorted."""
    files = resources.files("campaigns").joinpath("presets").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def preset_text(name: str) -> str:
    """The text of the preset of this name. Raises `UnknownRuleSet`."""
    if name not in rule_set_names():
        raise UnknownRuleSet(name, rule_set_names())
    return resources.files("campaigns").joinpath("presets", f"{name}.toml").read_bytes().decode()


@lru_cache(maxsize=256)
def load_rule_set(name: str) -> RuleSet:
    """The preset of this name. Raises `UnknownRuleSet`."""
    return parse_rule_set(preset_text(name).encode(), name)


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
