"""Consent to be called: what a person has agreed to, from when until when; and which of it rules want."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from campaigns.purpose import Purpose
from lists.value import value


class ConsentRegime(StrEnum):
    """What rules want before somebody is called. The later is the narrower."""

    NONE = "none"  # they say nothing
    OPT_OUT = "opt_out"  # who has objected is not called: the do-not-call registers
    OPT_IN = "opt_in"  # nobody is called without a consent in force


class ConsentKind(StrEnum):
    """To what somebody agreed."""

    CALL = "call"  # to be called by people
    PRERECORDED = "prerecorded"  # to be called by a recording


@value
class Consent:
    """An entry of a client's register. `purpose`: a `Purpose` value, "" for all. `given_at`, `expires_at`,
    `withdrawn_at`: seconds UTC, None where there is no end. `source`: where it comes from; `evidence`: where it
    can be seen."""

    number: str
    kind: str
    purpose: str
    given_at: float
    expires_at: float | None = None
    source: str = ""
    evidence: str = ""
    withdrawn_at: float | None = None

    @property
    def ends_at(self) -> float:
        """From when on it is in force no longer; infinity for never, as far as is known."""
        return min(end for end in (self.expires_at, self.withdrawn_at, float("inf")) if end is not None)

    def covers(self, kind: str, purpose: str, at: float) -> bool:
        """Whether by it a call of that kind for that purpose may be placed at `at`."""
        return self.kind == kind and self.purpose in {"", purpose} and self.given_at <= at < self.ends_at


@value
class ConsentCheck:
    """A consent that the inserting transaction finds again: on the attempt's number, for its client."""

    kind: ConsentKind
    purpose: Purpose


def consent_until(consents: Iterable[Consent], number: str, check: ConsentCheck, at: float) -> float | None:
    """Until when a call to `number` may be placed by these consents; None: it may not at `at`."""
    ends = [one.ends_at for one in consents if one.number == number and one.covers(check.kind, check.purpose, at)]
    return max(ends, default=None)
