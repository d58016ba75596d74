"""Rule sets: calling hours, caps and abandonment limits of a jurisdiction, as values.

One file is one rule set: what one jurisdiction says of one or several purposes (`toml_rules`). Which of them a
call comes under is said by `applicable`, what they come to together by `combined_rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache

from campaigns.cap import Cap, Cooloff
from campaigns.consent import ConsentRegime
from campaigns.hours import DAY_S
from campaigns.hours_rule import HoursRule
from campaigns.purpose import Purpose, Reaches
from campaigns.recording_rule import RecordingRule
from campaigns.refusal_rule import UNSAID, RefusalRule
from lists.lead import NumberKind

EVERY_REGION = "*"
REVERIFY_AFTER_DAYS = 366
"""Rules that nobody has checked for longer than this are outdated."""

_FOREVER = float("inf")


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
    word. `changes_on`: of those chosen for a call, the day on which others come into force, "" for none."""

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
    changes_on: str = ""
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
        """From when until when it may be relied on by the clock of UTC, [from, until) in seconds: `valid_to` is
        the last day, and rules not verified for `REVERIFY_AFTER_DAYS` are relied on no longer than the
        installation says (`relied_on_until`), whatever they say."""
        return _validity(self.valid_from, self.valid_to, self.relied_on_until)

    @property
    def relied_on_until(self) -> float:
        """When it is relied on no longer, for want of somebody who checks it; infinity for never."""
        return _outdated_from(self.verified_on) + self.outdated_for_s if self.verified_on else _FOREVER

    def outdated(self, now: float) -> bool:
        """Whether nobody has checked it for `REVERIFY_AFTER_DAYS`."""
        return bool(self.verified_on) and now >= _outdated_from(self.verified_on)


@lru_cache(maxsize=256)
def _validity(valid_from: str, valid_to: str, relied_on_until: float) -> tuple[float, float]:
    since = midnight(valid_from) if valid_from else -_FOREVER
    until = midnight(valid_to) + DAY_S if valid_to else _FOREVER
    return since, min(until, relied_on_until)


@lru_cache(maxsize=256)
def _outdated_from(verified_on: str) -> float:
    return midnight(verified_on) + REVERIFY_AFTER_DAYS * DAY_S


def midnight(day: str) -> float:
    """Seconds UTC at which an ISO date begins."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp()
