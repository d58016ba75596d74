"""The audit's reading of consents, on a register or given with a callback: was this call one that the person had
agreed to?

Written apart from the decision, as all of the audit: the promised time of day is looked for on the clock by the
standard library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from campaigns.audit_attempt import CLOCK_STEP_S
from campaigns.compliance import RuleSet

HOLDS_FOR = timedelta(minutes=30)
"""So long after the promised time a call outside the hours is still the one agreed to."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was put down with a callback: for which lead and number, for which time of day (`wall`, on the clock of
    `zone`), when (seconds UTC), by which agent, and in which words the person agreed, "" where they did not."""

    callback_id: int
    lead_id: int
    number: str
    wall: str
    zone: str
    made_at: float
    made_by: str
    consent: str


Agreement = tuple[str, str, float, float | None, float | None]
"""To which kind of call and for which purpose ("": any) somebody agreed, when, when that expires, when they
withdrew it (None: not). A refusal of who had agreed to nothing is withdrawn when it is given, and its kind may be
"", for any."""


def last_word(entries: Sequence[Agreement], kind: str, purpose: str, at: float) -> tuple[bool, bool]:
    """Whether somebody may have been called at that moment because they had agreed, and whether they must not have
    been because they had refused. Within a step of the clock it is neither held against the call."""
    agreed, refused = False, False
    mine = [one for one in entries if one[0] in ("", kind) and one[1] in ("", purpose)]
    for _, _, given_at, expires_at, withdrawn_at in mine:
        ends = [end for end in (expires_at, withdrawn_at) if end is not None]
        later_refusals = [end for *_, end in mine if end is not None and given_at <= end <= at - CLOCK_STEP_S]
        in_force = given_at <= at + CLOCK_STEP_S and all(at - CLOCK_STEP_S < end for end in ends)
        agreed = agreed or (in_force and not later_refusals)
        refused = refused or (withdrawn_at is not None and withdrawn_at <= at - CLOCK_STEP_S)
    return agreed, refused and not agreed


def on_register(entries: Sequence[Agreement], purpose: str, at: float) -> bool:
    """Whether a consent to be called back stood on the register at that moment, by the last word."""
    return last_word(entries, "callback", purpose, at)[0]


def promise_faults(agreed: Agreed | None, lead_id: int, number: str, moment: float) -> Iterator[tuple[str, str]]:
    """What is wrong with a permit for which something made way because the call had been promised."""
    if agreed is None:
        yield "no_promise", "by its permit it was a promised call, and there is no such promise"
    elif (agreed.lead_id, agreed.number) != (lead_id, number) or agreed.made_at > moment:
        yield (
            "no_promise",
            f"callback {agreed.callback_id} was not promised to lead {lead_id} on {number} before it",
        )


def consent_faults(
    agreed: Agreed | None, zone: tzinfo | None, lead_id: int, number: str, rings: tuple[float, float]
) -> Iterator[tuple[str, str]]:
    """What is wrong with a permit that rests on a consent. `zone`: that of the callback, None for one that there
    is not. `rings`: from when until when the phone may have rung, seconds UTC."""
    if agreed is None:
        yield "no_consent", "its permit rests on the consent of a callback that there is not"
        return
    if not agreed.consent or not agreed.made_by:
        yield "no_consent", f"nobody put down a consent with callback {agreed.callback_id}"
    if (agreed.lead_id, agreed.number) != (lead_id, number):
        yield (
            "no_consent",
            f"callback {agreed.callback_id} was promised to lead {agreed.lead_id} on {agreed.number}",
        )
    if agreed.made_at > rings[0]:
        yield "no_consent", f"callback {agreed.callback_id} was promised after it"
    if zone is None:
        yield "no_consent", f"callback {agreed.callback_id} was promised in a zone {agreed.zone} that there is not"
        return
    # An hour that is repeated shows the time twice, one that is skipped not at all: then it is a time between.
    shown = [datetime.fromisoformat(agreed.wall).replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1)]
    if rings[0] < int(min(shown)) or rings[1] > max(shown) + HOLDS_FOR.total_seconds() + 1.0:
        yield "no_consent", f"the person agreed to {agreed.wall} in {agreed.zone}, and not to another time"


def frees_from_laws(rules: Sequence[RuleSet]) -> bool:
    """Whether all of the rule sets that state hours allow others by consent."""
    return all(one.hours_by_consent for one in rules if one.hours)
