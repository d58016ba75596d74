"""Caps and the do-not-call register as a writer enforces them, whatever it stores in."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.permission.caps import CapCheck
from campaigns.refusal import Refusal
from dialer.ports.store import AttemptDenied, AttemptIntent

Counted = tuple[float, str, str, bool]
"""An attempt that left, as caps see it: when it was created, its campaign, its stage, whether it was charged."""


def cap_key(cap: CapCheck) -> tuple[str, str | int]:
    """What the cap counts on: ("lead", id) or ("number", E.164). Raises `ValueError` if it names neither."""
    if cap.lead_id is not None:
        return "lead", cap.lead_id
    if cap.number is not None:
        return "number", cap.number
    raise ValueError(f"cap {cap.name!r} names neither a number nor a lead")


def reached(cap: CapCheck, counted: Sequence[Counted]) -> bool:
    """Whether these counted attempts (of the cap's number or lead) use the cap up."""
    used = sum(
        at >= cap.since
        and (cap.campaign is None or campaign == cap.campaign)
        and cap.counts.counts(stage, charged=bool(charged))
        for at, campaign, stage, charged in counted
    )
    return used >= cap.limit


def denied_by_dnc(intent: AttemptIntent, source: str) -> AttemptDenied:
    return AttemptDenied(
        intent.attempt_id, Refusal.DNC, f"{intent.number} is on the do-not-call register {source!r}"
    )


def denied_by_cap(intent: AttemptIntent, cap: CapCheck) -> AttemptDenied:
    """A campaign's own limit is named as eligibility names it; every other cap is a `CAP`."""
    reason = Refusal.CAP
    if cap.campaign is not None:
        reason = Refusal.NUMBER_LIMIT if cap.lead_id is None else Refusal.LEAD_LIMIT
    kind, key = cap_key(cap)
    return AttemptDenied(
        intent.attempt_id, reason, f"{cap.name}: {cap.limit} counted attempts on {kind} {key} already"
    )
