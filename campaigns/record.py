"""The one flat record of an attempt, and of a stretch of an agent's time. Every figure is a fold over these."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, replace
from enum import StrEnum
from typing import Any

from campaigns.errors import RecordError
from campaigns.outcome import Contact, Stage
from lists.value import value


class EndedBy(StrEnum):
    """Who ended the call, or kept it from being one."""

    CALLEE = "callee"
    AGENT = "agent"
    DIALER = "dialer"
    NETWORK = "network"
    NOBODY = "nobody"  # never placed, or its end was not seen


@value
class AudioFigures:
    """A leg at its end: packets `received`, `lost` and `sent`, the highest jitter, and what the far end reported
    last (RTCP, RFC 3550), None without."""

    received: int
    lost: int
    sent: int
    jitter_ms: float
    far_lost: int | None = None
    far_jitter_ms: float | None = None
    round_trip_ms: float | None = None


@value(kw_only=True)
class AttemptRecord:
    """One attempt, from permit to disposition. Moments are seconds since the Unix epoch, UTC; `None`: it did
    not come to that. Durations are seconds. Written once, when the attempt closes.

    `live`: a person answered (said by the agent's disposition; an abandoned call counts as live).
    `hung_up_waiting`: the abandoned person hung up before the limit. `counted`: the call was placed, so that
    it counts as a dial. `stage`: how far it got (`campaigns.outcome.Stage`), which is what caps count.
    `contact`: whom it reached (`campaigns.outcome.Contact`), which is what cool-offs go by.
    `charged`: it counts as one of the attempts the campaign allows; not when the route was at fault. `heard`:
    what early media said (`dialer.calls.outcomes.Heard`). `expected_cost_micro`, `cost_micro`: millionths of
    the unit of `currency`; None where no rate was known. `answer_to_agent_s`: 200 OK received to first audio
    sent to the agent; `None` in virtual time, and after a call flow. `queued`: no agent was free when one was
    wanted.

    `amd_policy`: how answering machines were looked for (`campaigns.amd.AmdPolicy`), "" when they were not.
    `amd_verdict` (`campaigns.amd.Heard`), `amd_cause` (`dialer.media.amd.events.Cause`) and `amd_at_s`, seconds of
    sound from the answer: the detector's first word on who was held, else its last; None when it said nothing.

    `rtp_…`: the contact's leg as of `AudioFigures`; None where there was no audio, or no report.

    `recording`: the file, below the folder of recordings; None: nothing was recorded. `recording_rule`: what rules
    and campaign together said (`campaigns.recording_rule.RecordingRule`), "" where no agent had it.

    `to_agents_at`: when the call flow put it into the queue. `message`: what the person heard instead of an agent
    ("abandoned": that none came; "machine": for an answering machine); `message_after_s`: from the answer to its
    first sound, `message_after_beep_s`: from the end of the beep; `message_end`, `flow_end`: a
    `dialer.calls.walk.WalkEnd` value; `flow_step`: where the flow ended. `opted_out_at`: when the key for no more
    calls was pressed. `answers`: what was pressed or recorded, a JSON object by step. `person`, `debt`
    (`lists.lead.Lead`), `purpose`: whom and what it was about.

    `callback_at`: the moment promised, where it was to keep a promise.
    """

    attempt_id: int
    campaign: str
    list_name: str
    lead_id: int
    number: str
    region: str
    zones: str
    local_hour: int
    attempt_no: int
    mode: str
    trunk: str
    caller_id: str
    call_id: str
    created_at: float
    dialed_at: float | None
    progress_at: float | None
    answered_at: float | None
    assigned_at: float | None
    connected_at: float | None
    ended_at: float | None
    closed_at: float
    outcome: str
    sip_status: int | None
    q850: int | None
    ended_by: str
    agent_id: str | None
    disposition: str | None
    live: bool
    machine: bool
    rpc: bool
    abandoned: bool
    hung_up_waiting: bool
    queued: bool
    counted: bool
    talk_s: float
    hold_s: float
    wrapup_s: float
    answer_to_agent_s: float | None
    final: bool
    next_attempt_at: float | None
    rule_set: str
    note: str = ""
    stage: str = Stage.ANSWERED.value  # where nothing better is known, what counts against most
    charged: bool = True
    contact: str = Contact.UNKNOWN.value
    heard: str | None = None
    expected_cost_micro: int | None = None
    cost_micro: int | None = None
    currency: str = ""
    amd_policy: str = ""
    amd_verdict: str | None = None
    amd_cause: str | None = None
    amd_at_s: float | None = None
    rtp_received: int | None = None
    rtp_lost: int | None = None
    rtp_sent: int | None = None
    rtp_jitter_ms: float | None = None
    rtp_far_lost: int | None = None
    rtp_far_jitter_ms: float | None = None
    rtp_round_trip_ms: float | None = None
    recording: str | None = None
    recording_rule: str = ""
    to_agents_at: float | None = None
    message: str = ""
    message_after_s: float | None = None
    message_after_beep_s: float | None = None
    message_end: str = ""
    opted_out_at: float | None = None
    flow_step: str = ""
    flow_end: str = ""
    answers: str = ""
    person: str = ""
    debt: str = ""
    purpose: str = ""
    callback_at: float | None = None


class AgentActivity(StrEnum):
    """What an agent's time went into."""

    IDLE = "idle"
    CONNECTING = "connecting"
    TALKING = "talking"
    HOLDING = "holding"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"  # their phone was lost; no working time


LONGEST_STRETCH_S = 3_600.0
"""Agents' time is kept in stretches no longer than this: what of it falls into a period began at most so long
before, and is found without looking at all that was earlier."""


@value(kw_only=True)
class AgentTime:
    """One uninterrupted stretch of one activity of one agent in one campaign: [since, until)."""

    agent_id: str
    campaign: str
    activity: str
    since: float
    until: float

    def pieces(self) -> Iterator[AgentTime]:
        """The same, in stretches of at most `LONGEST_STRETCH_S`."""
        if self.until - self.since <= LONGEST_STRETCH_S:
            yield self
            return
        since = self.since
        while self.until - since > LONGEST_STRETCH_S:
            yield replace(self, since=since, until=since + LONGEST_STRETCH_S)
            since += LONGEST_STRETCH_S
        yield replace(self, since=since)


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_FIELDS = fields(AttemptRecord)
_NAMES = tuple(field.name for field in _FIELDS)
_REQUIRED = frozenset(field.name for field in _FIELDS if field.default is MISSING)
_TYPES: Mapping[str, tuple[type, ...]] = {
    field.name: tuple(
        {"int": int, "float": float, "str": str, "bool": bool, "None": type(None)}[name]
        for name in str(field.type).split(" | ")
    )
    for field in _FIELDS
}


def to_json(record: AttemptRecord) -> str:
    """The record as one line of canonical JSON: keys sorted, no spaces, floats in Python's shortest
    round-trip form. Equal records are equal bytes. Raises `ValueError` for a float that is not finite."""
    return _encode(to_mapping(record))


def to_mapping(record: AttemptRecord) -> dict[str, object]:
    """Field names to values, in the order of the fields."""
    return {name: getattr(record, name) for name in _NAMES}


def from_mapping(data: Mapping[str, object]) -> AttemptRecord:
    """The record that such a mapping (a JSON object, a database row) describes. Whole numbers pass for
    floats, 0 and 1 for booleans, as JSON and SQL have them. Raises `RecordError` naming the field."""
    odd = sorted(set(data) - set(_NAMES)) or sorted(_REQUIRED - set(data))
    if odd:
        raise RecordError(f"attempt record: {odd[0]} is {'unknown' if odd[0] in data else 'missing'}")
    values: dict[str, Any] = {name: _typed(name, value) for name, value in data.items()}
    return AttemptRecord(**values)


def _typed(name: str, value: object) -> object:
    types = _TYPES[name]
    if type(value) in types:
        return value
    if type(value) is int and float in types:
        return float(value)
    if bool in types and type(value) is int and value in {0, 1}:
        return bool(value)
    raise RecordError(f"attempt record: {name} is {value!r}")
