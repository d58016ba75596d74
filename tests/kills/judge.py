"""What has to hold after every death: the carrier's log judges; the wire and the stored attempts are witnesses."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from dialer.ports.store import StoredAttempt
from tests.kills.centre import Life

PER_NUMBER_DAY, PER_LEAD = 2, 3  # as the campaign says
UNHEARD = "no_response"
"""What the carrier calls a network that answers nothing at all."""
REPEATED_AFTER_S = (0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5)
"""When a 2xx that nobody acknowledges is sent again, after the first: T1, doubled up to T2, for 64*T1 (RFC 3261
§ 13.3.1.4)."""


@dataclass(frozen=True)
class Verdict:
    """`calls`: at the carrier. `unknown`: attempts whose end nobody saw."""

    calls: int
    attempts: int
    answered: int
    unknown: int


def carrier_calls(path: Path) -> dict[str, dict[str, Any]]:
    """The carrier's calls by Call-ID. One seen twice is a call repeated, and so is a second INVITE in one; of a
    network that plays dead it counts none."""
    calls: dict[str, dict[str, Any]] = {}
    for line in path.read_text().splitlines():
        call = json.loads(line)
        assert call["call_id"] not in calls, f"call {call['call_id']} was placed twice"
        assert call["invites"] <= 1, f"call {call['call_id']} came by {call['invites']} INVITEs"
        calls[call["call_id"]] = call
    return calls


def judge(
    attempts: Iterable[StoredAttempt],
    calls: Mapping[str, Mapping[str, Any]],
    invites: Mapping[str, Mapping[str, None]],
) -> Verdict:
    """Raises AssertionError for anything lost, repeated, or beyond a cap."""
    by_call = {attempt.call_id: attempt for attempt in attempts}

    # Nothing is lost: whatever the wire or the carrier saw was committed before, and counts.
    for call_id in (*invites, *calls):
        assert call_id in by_call, f"call {call_id} was dialed and is not on record"
        record = by_call[call_id].record
        assert record is not None, f"attempt {by_call[call_id].attempt_id} has no record"
        assert record.counted, (
            f"attempt {record.attempt_id} reached the carrier and does not count: {record.outcome}"
        )

    # Nothing is repeated: one transaction a call, one call an attempt.
    repeated = {call_id: list(branches) for call_id, branches in invites.items() if len(branches) > 1}
    assert not repeated, f"INVITEs sent anew: {repeated}"

    # What the carrier knows as answered is no unanswered call in our books.
    for call_id, call in calls.items():
        record = by_call[call_id].record
        assert record is not None
        if record.outcome != "unknown":
            assert (record.answered_at is not None) == (call["answered_at"] is not None), (record, call)

    # An attempt whose end nobody saw is the last of its lead.
    unknown = {a.lead_id: a for a in by_call.values() if a.record is not None and a.record.outcome == "unknown"}
    for attempt in by_call.values():
        last = unknown.get(attempt.lead_id)
        assert last is None or attempt.created_at <= last.created_at, (
            f"lead {attempt.lead_id} was redialed ({attempt.attempt_id}) after the unknown {last.attempt_id}"
        )

    # Caps hold, counted from what the carrier saw, less what was the route's fault: the campaign's own limits
    # leave that out (docs/decisions/0013).
    charged = {
        call_id: str(call["number"])
        for call_id, call in calls.items()
        if (record := by_call[call_id].record) is not None and record.charged
    }
    numbers = Counter(charged.values())
    over = {number: count for number, count in numbers.items() if count > PER_NUMBER_DAY}
    assert not over, f"numbers called more often than {PER_NUMBER_DAY} times a day: {over}"
    leads = Counter(by_call[call_id].lead_id for call_id in charged)
    assert max(leads.values(), default=0) <= PER_LEAD

    # Two attempts never hold a lead at once.
    _no_overlap(by_call, calls)

    return Verdict(
        calls=len(calls),
        attempts=len(by_call),
        answered=sum(call["answered_at"] is not None for call in calls.values()),
        unknown=len(unknown),
    )


def _no_overlap(by_call: Mapping[str, StoredAttempt], calls: Mapping[str, Mapping[str, Any]]) -> None:
    """No phone rings for two calls of ours at once, as the carrier saw them."""
    by_number: dict[str, list[Mapping[str, Any]]] = {}
    for call in calls.values():
        if call["quirk"] == UNHEARD:  # nothing rang, and so nothing ends
            continue
        by_number.setdefault(str(call["number"]), []).append(call)
    for number, all_of_it in by_number.items():
        in_time = sorted(all_of_it, key=lambda call: float(call["invite_at"]))
        for earlier, later in pairwise(in_time):
            assert earlier["ended_at"] is not None, f"{number}: a call that never ended, then another"
            assert earlier["ended_at"] <= later["invite_at"], f"{number} rang for two calls at once"


def longest_left_s(calls: Mapping[str, Mapping[str, Any]], lives: Sequence[Life]) -> float:
    """For how long later lives were at work before the longest-lived call that a death left open was over, in
    seconds. The time in which nobody lived, or a life was only starting, could not end it; nor, of a call whose
    answer nobody has taken, the time until that answer comes again to somebody who lives."""
    longest = 0.0
    for number, life in enumerate(lives, 1):
        at_work = [(one.ready_at, one.died_at) for one in lives[number:] if one.ready_at is not None]
        for call in calls.values():
            ended_at = call["ended_at"]
            if call["quirk"] == UNHEARD:
                continue
            if call["invite_at"] <= life.died_at and (ended_at is None or ended_at > life.died_at):
                assert ended_at is not None, f"call {call['call_id']} was left at the carrier for ever"
                since = _may_be_ended_from(call, at_work)
                left_s = sum(max(0.0, min(ended_at, until) - max(since, ready_at)) for ready_at, until in at_work)
                longest = max(longest, left_s)
    return longest


def _may_be_ended_from(call: Mapping[str, Any], at_work: Sequence[tuple[float, float]]) -> float:
    if call["answered_at"] is None or call["acked_at"] is not None:
        return 0.0
    again = [call["answered_at"] + after_s for after_s in REPEATED_AFTER_S]
    return next((at for at in again if any(ready_at <= at < died_at for ready_at, died_at in at_work)), math.inf)
