"""Caps and the do-not-call register as a writer enforces them, whatever it stores in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from campaigns.consent import ConsentCheck
from campaigns.outcome import Contact
from campaigns.permission.caps import CapCheck
from campaigns.record import AttemptRecord
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
    if cap.whom is not None:
        return cap.whom
    raise ValueError(f"cap {cap.name!r} names neither a number nor a lead, a person or a debt")


def counts_on(of: AttemptIntent | AttemptRecord) -> Iterator[CapKey]:
    """On what the attempt counts, for caps of others."""
    yield "number", of.number
    yield "lead_id", of.lead_id
    if of.person:
        yield "person", of.person
    if of.debt:
        yield "debt", of.debt


def asked(intent: AttemptIntent) -> dict[CapKey, float]:
    """What has to be known for the attempt: on which keys, and from when on, by when attempts were created."""
    since = dict.fromkeys(alone_keys(intent), intent.created_at - LONGEST_CALL_S)
    for cap in intent.permitted.caps:
        key = cap_key(cap)
        first = cap.since - LONGEST_CALL_S if cap.counts.from_its_end else cap.since
        since[key] = min(first, since.get(key, first))
    return since


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


def alone_keys(intent: AttemptIntent) -> tuple[CapKey, ...]:
    """On what no other attempt may be open; nothing where that does not matter."""
    if not intent.alone:
        return ()
    return ("number", intent.number), ("person", intent.person) if intent.person else ("lead_id", intent.lead_id)


def is_open(counted: Sequence[Counted]) -> bool:
    """Whether one of these attempts is not over yet."""
    return any(contact == Contact.OPEN for _, _, _, _, contact, _, _ in counted)


def denied_by_consent(intent: AttemptIntent, wanted: ConsentCheck) -> AttemptDenied:
    none_is = f"no consent to {wanted.kind} for {wanted.purpose} is in force for {intent.number} any more"
    refused = f"a consent to {wanted.kind} for {wanted.purpose} was withdrawn for {intent.number}"
    detail = none_is if wanted.required else refused
    return AttemptDenied(intent.attempt_id, Refusal.CONSENT, detail)


def denied(intent: AttemptIntent, known: Mapping[CapKey, Sequence[Counted]]) -> AttemptDenied | None:
    """Why the attempt may not be made, by what is known of the keys that were `asked`; None if it may."""
    for key in alone_keys(intent):
        if known[key] and is_open(known[key]):
            detail = f"another call to {_NAMED[key[0]]} {key[1]} is open"
            return AttemptDenied(intent.attempt_id, Refusal.IN_CALL, detail)
    for cap in intent.permitted.caps:
        key = cap_key(cap)
        if len(known[key]) >= cap.limit and reached(cap, known[key]):
            detail = f"{cap.name}: {cap.limit} counted attempts on {_NAMED[key[0]]} {key[1]} already"
            return AttemptDenied(intent.attempt_id, cap.refusal, detail)
    return None


_NAMED = {"lead_id": "lead", "number": "number", "person": "person", "debt": "debt"}
