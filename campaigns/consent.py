"""Consent to be called: what a person has agreed to, from when until when; and which of it rules want."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

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
    RECORDING = "recording"  # that the conversation is recorded
    CALLBACK = "callback"  # to be called back at a promised time, though the hours or a cool-off are against it


TO_BE_CALLED = frozenset({ConsentKind.CALL.value, ConsentKind.PRERECORDED.value})
"""Those that leads may wait for: without the others they are called all the same."""


@value
class Consent:
    """An entry of a client's register. `purpose`: a `Purpose` value, "" for all. `given_at`, `expires_at`,
    `withdrawn_at`: seconds UTC, None where there is no end. `source`: where it comes from; `evidence`: where it
    can be seen. A refusal of somebody who had agreed to nothing is an entry too, withdrawn when it was given;
    of such a one `kind` may be "", for all."""

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

    @property
    def is_refusal(self) -> bool:
        """Whether nothing was ever agreed to by it."""
        return self.withdrawn_at == self.given_at

    def concerns(self, check: ConsentCheck) -> bool:
        """Whether it is about calls of that kind for that purpose."""
        return self.kind in {"", check.kind} and self.purpose in {"", check.purpose}


@value
class AgreedTo:
    """What somebody has agreed to in a conversation, by an agent's word: a `ConsentKind` value, and `words`, in
    which they did."""

    kind: str
    words: str = ""


@value
class ConsentCheck:
    """What the inserting transaction asks again: on the attempt's number, of its client. `required`: a consent has
    to be in force; otherwise it is enough that none was withdrawn since one was given last."""

    kind: ConsentKind
    purpose: str
    required: bool = True


def refused_at(consents: Iterable[Consent], number: str, check: ConsentCheck, at: float) -> float | None:
    """When calls of that kind for that purpose were refused last, by somebody who withdrew a consent or gave none;
    None: nobody had by `at`."""
    moments = [
        one.withdrawn_at
        for one in consents
        if one.withdrawn_at is not None and one.withdrawn_at <= at and one.number == number and one.concerns(check)
    ]
    return max(moments, default=None)


def consent_until(consents: Collection[Consent], number: str, check: ConsentCheck, at: float) -> float | None:
    """Until when a call to `number` may be placed by these consents; None: it may not at `at`. The last word
    counts: what was given before a refusal ended with it."""
    refused = refused_at(consents, number, check, at)
    ends = [
        one.ends_at
        for one in consents
        if one.number == number
        and one.concerns(check)
        and one.given_at <= at < one.ends_at
        and (refused is None or one.given_at > refused)
    ]
    return max(ends, default=None)


def is_lacking(consents: Collection[Consent], number: str, check: ConsentCheck, at: float) -> bool:
    """Whether a call is forbidden: for want of a consent, or because the last word was a refusal."""
    if not consents:
        return check.required
    if consent_until(consents, number, check, at) is not None:
        return False
    return check.required or refused_at(consents, number, check, at) is not None
