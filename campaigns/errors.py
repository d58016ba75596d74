"""What can go wrong in this package:

    CampaignsError
    ├── CampaignFileError      a campaign file, with every problem found in it
    ├── UnknownRuleSet         no preset of that name
    ├── RuleSetError           a preset that does not say what it must
    ├── UnknownZone            a time zone the zone data does not have
    ├── StepRefused            a campaign cannot be taken from its state by that step (`life.py`)
    ├── PermitError            stored evidence that cannot be read
    └── RecordError            a stored record that cannot be read

All of them are `ValueError`s: bad input, never a fault of this machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class CampaignsError(ValueError):
    """Base of every error raised by `campaigns`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file. `line` and `column` count from 1. `field` is the dotted path of the key
    (`retry.busy.after[1]`), empty when the whole file is meant. `advice` says what to do."""

    file: str
    line: int
    column: int
    field: str
    text: str
    advice: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: "
        what = f"{self.field}: {self.text}" if self.field else self.text
        return f"{place}{what} ({self.advice})" if self.advice else place + what


class CampaignFileError(CampaignsError):
    """A campaign file is wrong. `problems` holds all of them, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        super().__init__("\n".join(map(str, self.problems)))


class UnknownRuleSet(CampaignsError):
    """No preset of that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        super().__init__(f"no rule set is named {name!r}: use one of {', '.join(known)}")


class RuleSetError(CampaignsError):
    """A preset file misses something or contradicts itself."""


class UnknownZone(CampaignsError):
    """A time zone the zone data does not have."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        super().__init__(f"the time-zone data knows no zone {zone!r}")


class PermitError(CampaignsError):
    """Stored evidence of a permit that cannot be read."""


class RecordError(CampaignsError):
    """A stored attempt record that cannot be read."""
