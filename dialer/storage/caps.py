"""Caps and the do-not-call register as a writer enforces them, whatever it stores in."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.permission.caps import CapCheck
from campaigns.refusal import Refusal
from dialer.ports.store import AttemptDenied, AttemptIntent

Counted = tuple[float, str, str, bool, str, float | None, str]
"""An attempt that left, as caps see it: when it was created, its campaign, its stage, whether it was charged, whom
it reached, when it ended, what it was for."""

CapKey = tuple[str, str | int]
"""What a cap counts on: a column of `attempts`, and its value."""

LONGEST_CALL_S = 86_400.0
"""A cool-off counts from the end of a call: that long before it the call may have been saved."""


def cap_key(cap: CapCheck) -> CapKey:
    """What the cap counts on. Raises `ValueError` if it names nothing."""
    if cap.lead_id is not None:
        return "lead_id", cap.lead_id
    if cap.number is not None:
        return "number", cap.number
    if cap.person is not None:
        return "person", cap.person
    if cap.debt is not None:
        return "debt", cap.debt
    raise ValueError(f"cap {cap.name!r} names neither a number nor a lead, a person or a debt")


def asked_since(cap: CapCheck) -> float:
    """How far back attempts have to be known for the cap, by when they were created."""
    return cap.since - LONGEST_CALL_S if cap.counts.from_its_end else cap.since


def reached(cap: CapCheck, counted: Sequence[Counted]) -> bool:
    """Whether these counted attempts (of whom the cap is about) use the cap up."""
    from_its_end = cap.counts.from_its_end
    used = sum(
        (created_at if ended_at is None or not from_its_end else ended_at) >= cap.since
        and (cap.campaign is None or campaign == cap.campaign)
        and (not cap.purpose or purpose in {"", cap.purpose})
        and cap.counts.counts(stage, charged=bool(charged), contact=contact)
        for created_at, campaign, stage, charged, contact, ended_at, purpose in counted
    )
    return used >= cap.limit


def denied_by_dnc(intent: AttemptIntent, source: str) -> AttemptDenied:
    return AttemptDenied(
        intent.attempt_id, Refusal.DNC, f"{intent.number} is on the do-not-call register {source!r}"
    )


def denied_by_cap(intent: AttemptIntent, cap: CapCheck) -> AttemptDenied:
    kind, key = cap_key(cap)
    if cap.refusal is Refusal.IN_CALL:
        return AttemptDenied(intent.attempt_id, cap.refusal, f"another call to {_NAMED[kind]} {key} is open")
    detail = f"{cap.name}: {cap.limit} counted attempts on {_NAMED[kind]} {key} already"
    return AttemptDenied(intent.attempt_id, cap.refusal, detail)


_NAMED = {"lead_id": "lead", "number": "number", "person": "person", "debt": "debt"}
