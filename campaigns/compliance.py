"""Rule sets: calling hours, caps and abandonment limits as data (`presets/*.toml`)."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib import resources
from typing import Any

from campaigns.cap import Cap, read_caps
from campaigns.duration import parse_duration
from campaigns.errors import RuleSetError, UnknownRuleSet
from campaigns.hours import DAY_S, WeeklyHours
from campaigns.recording_rule import RecordingRule

EVERY_REGION = "*"
REVERIFY_AFTER_DAYS = 366
"""Rules that nobody has checked for longer than this are outdated."""

_KEYS = frozenset(
    {"name", "title", "regions", "fictional", "citation", "confidence", "verified_on", "valid_from", "valid_to"}
    | {"ring_min", "hours", "abandonment", "caps", "may_withhold_caller_id", "recording", "machine_message"}
)
_FOREVER = float("inf")


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One preset. `regions`: ISO 3166 codes it speaks for, ("*",) for all (only a fictional one may).

    `verified_on`, `valid_from`, `valid_to`: ISO dates ("" when open). `abandon_max`: fraction of live
    answers, `abandon_clock_s`: seconds from the answer; `abandoned_message`: people who are abandoned have to hear
    within that time who has called. `machine_message`: messages may be left on answering machines.
    `confidence`: H, M or L. `hash`: SHA-256 of the file. `recording`: how conversations may be recorded; never
    where it says nothing."""

    name: str
    title: str
    regions: tuple[str, ...]
    hours: WeeklyHours
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

    def covers(self, region: str) -> bool:
        """Whether it says anything about numbers of this region (ISO 3166-1 alpha-2, or "001")."""
        return region in self.regions or EVERY_REGION in self.regions

    def validity(self) -> tuple[float, float]:
        """From when until when it may be relied on, [from, until) in seconds UTC: `valid_to` is the last day,
        and rules not verified for `REVERIFY_AFTER_DAYS` are relied on no longer, whatever they say."""
        return _validity(self.valid_from, self.valid_to, self.verified_on)


@lru_cache(maxsize=256)
def _validity(valid_from: str, valid_to: str, verified_on: str) -> tuple[float, float]:
    since = _midnight(valid_from) if valid_from else -_FOREVER
    until = _midnight(valid_to) + DAY_S if valid_to else _FOREVER
    if verified_on:
        until = min(until, _midnight(verified_on) + REVERIFY_AFTER_DAYS * DAY_S)
    return since, until


def _midnight(day: str) -> float:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp()


@lru_cache(maxsize=1)
def rule_set_names() -> tuple[str, ...]:
    """Names of the presets that come with the product, sorted."""
    files = resources.files("campaigns").joinpath("presets").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


@lru_cache(maxsize=64)
def load_rule_set(name: str) -> RuleSet:
    """The preset of this name. Raises `UnknownRuleSet`."""
    if name not in rule_set_names():
        raise UnknownRuleSet(name, rule_set_names())
    return parse_rule_set(resources.files("campaigns").joinpath("presets", f"{name}.toml").read_bytes(), name)


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
        raise RuleSetError(f"rule set {name}: calls itself {rule_set.name!r}")
    return rule_set


def _build(data: Mapping[str, Any], digest: str) -> RuleSet:
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}")
    rule_set = RuleSet(
        name=_text(data, "name"),
        title=_text(data, "title"),
        regions=tuple(map(str, data["regions"])),
        hours=WeeklyHours.parse(data["hours"]),
        caps=read_caps(data.get("caps", ())),
        ring_min_s=parse_duration(data["ring_min"]),
        abandon_max=float(data["abandonment"]["maximum"]),
        abandon_clock_s=parse_duration(data["abandonment"]["clock"]),
        fictional=data["fictional"] is True,
        citation=_text(data, "citation"),
        confidence=_text(data, "confidence"),
        verified_on=_text(data, "verified_on"),
        valid_from=_text(data, "valid_from"),
        valid_to=_text(data, "valid_to"),
        hash=digest,
        may_withhold_caller_id=data.get("may_withhold_caller_id", False) is True,
        abandoned_message=data["abandonment"].get("message", False) is True,
        recording=RecordingRule(data.get("recording", RecordingRule.NEVER)),
        machine_message=data.get("machine_message", False) is True,
    )
    rule_set.validity()
    if EVERY_REGION in rule_set.regions and not rule_set.fictional:
        raise ValueError("only a fictional rule set may speak for every region")
    if not rule_set.fictional and not rule_set.verified_on:
        raise ValueError("verified_on is missing: a real rule set says when it was last checked")
    if rule_set.confidence not in {"H", "M", "L"}:
        raise ValueError("confidence is H, M or L")
    if not rule_set.regions or rule_set.hours.empty:
        raise ValueError("it has no regions or no hours")
    if not 0.0 <= rule_set.abandon_max <= 1.0:
        raise ValueError("abandonment.maximum is a fraction 0-1 of live answers")
    return rule_set


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is not a text")
    return value
