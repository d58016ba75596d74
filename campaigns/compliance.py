"""Rule sets: calling hours, caps and abandonment limits as data (`presets/*.toml`)."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.window import WeeklyHours


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` counted attempts in any `period_s` seconds, over all campaigns.
    `scope`: "number" or "lead"."""

    name: str
    limit: int
    period_s: float
    scope: str = "number"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One preset. `regions`: ISO 3166 codes it speaks for, ("*",) for all (only a fictional one may).

    `verified_on`, `valid_from`, `valid_to`: ISO dates ("" when open). `abandon_max`: fraction of live
    answers. `confidence`: H, M or L. `hash`: SHA-256 of the file."""

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
