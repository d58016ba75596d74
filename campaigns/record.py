"""The one flat record of an attempt, and of a stretch of an agent's time. Every figure is a fold over these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EndedBy(StrEnum):
    """Who ended the call, or kept it from being one."""

    CALLEE = "callee"
    AGENT = "agent"
    DIALER = "dialer"
    NETWORK = "network"
    NOBODY = "nobody"  # never placed, or its end was not seen


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One attempt, from permit to disposition. Moments are seconds since the Unix epoch, UTC; `None`: it did
    not come to that. Durations are seconds. Written once, when the attempt closes.

    `live`: a person answered (said by the agent's disposition; an abandoned call counts as live).
    `hung_up_waiting`: the abandoned person hung up before the limit. `counted`: the call was placed, so that
    it counts as a dial and against caps. `answer_to_agent_s`: 200 OK received to first audio sent to the
    agent; `None` in virtual time. `queued`: no agent was free when it was answered.
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


class AgentActivity(StrEnum):
    """What an agent's time went into."""

    IDLE = "idle"
    CONNECTING = "connecting"
    TALKING = "talking"
    HOLDING = "holding"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTime:
    """One uninterrupted stretch of one activity of one agent in one campaign: [since, until)."""

    agent_id: str
    campaign: str
    activity: str
    since: float
    until: float
