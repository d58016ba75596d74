"""The states of an agent, as a transition table, and the time spent in each."""

from __future__ import annotations

from enum import StrEnum

from campaigns.record import AgentActivity, AgentTime


class AgentState(StrEnum):
    LOGGED_OUT = "logged_out"
    PAUSED = "paused"
    READY = "ready"
    RESERVED = "reserved"  # somebody who was promised this agent is being called
    TALKING = "talking"
    HOLDING = "holding"  # in a conversation, whose contact waits on hold
    WRAP_UP = "wrap_up"
    UNREACHABLE = "unreachable"  # would be ready, but for the phone


class AgentTrigger(StrEnum):
    LOG_IN = "log_in"
    LOG_OUT = "log_out"
    READY = "ready"
    PAUSE = "pause"
    RESERVE = "reserve"
    RELEASE = "release"
    ASSIGN = "assign"
    HOLD = "hold"
    RETRIEVE = "retrieve"
    TALK_ENDED = "talk_ended"
    LINE_LOST = "line_lost"


S, T = AgentState, AgentTrigger

TRANSITIONS: dict[tuple[AgentState, AgentTrigger], AgentState] = {
    (S.LOGGED_OUT, T.LOG_IN): S.PAUSED,
    (S.PAUSED, T.READY): S.READY,
    (S.PAUSED, T.PAUSE): S.PAUSED,
    (S.PAUSED, T.LOG_OUT): S.LOGGED_OUT,
    (S.READY, T.READY): S.READY,
    (S.READY, T.PAUSE): S.PAUSED,
    (S.READY, T.ASSIGN): S.TALKING,
    (S.READY, T.RESERVE): S.RESERVED,
    (S.RESERVED, T.ASSIGN): S.TALKING,
    (S.RESERVED, T.RELEASE): S.READY,
    (S.RESERVED, T.PAUSE): S.PAUSED,
    (S.RESERVED, T.LOG_OUT): S.LOGGED_OUT,
    (S.READY, T.LOG_OUT): S.LOGGED_OUT,
    (S.TALKING, T.HOLD): S.HOLDING,
    (S.TALKING, T.TALK_ENDED): S.WRAP_UP,
    (S.TALKING, T.LINE_LOST): S.UNREACHABLE,  # before anybody was heard: somebody else gets the contact
    (S.HOLDING, T.RETRIEVE): S.TALKING,
    (S.HOLDING, T.TALK_ENDED): S.WRAP_UP,
    (S.HOLDING, T.LINE_LOST): S.UNREACHABLE,
    (S.WRAP_UP, T.READY): S.READY,
    (S.WRAP_UP, T.PAUSE): S.PAUSED,
    (S.WRAP_UP, T.LOG_OUT): S.LOGGED_OUT,
    (S.PAUSED, T.LINE_LOST): S.UNREACHABLE,
    (S.READY, T.LINE_LOST): S.UNREACHABLE,
    (S.RESERVED, T.LINE_LOST): S.UNREACHABLE,
    (S.WRAP_UP, T.LINE_LOST): S.UNREACHABLE,
    (S.UNREACHABLE, T.READY): S.READY,
    (S.UNREACHABLE, T.PAUSE): S.PAUSED,
    (S.UNREACHABLE, T.LOG_OUT): S.LOGGED_OUT,
}

CONVERSING = frozenset({S.TALKING, S.HOLDING})
"""A contact is on the line."""

ACTIVITY: dict[AgentState, AgentActivity] = {
    S.PAUSED: AgentActivity.PAUSED,
    S.READY: AgentActivity.IDLE,
    S.RESERVED: AgentActivity.IDLE,
    S.TALKING: AgentActivity.TALKING,
    S.HOLDING: AgentActivity.HOLDING,
    S.WRAP_UP: AgentActivity.WRAP_UP,
    S.UNREACHABLE: AgentActivity.UNREACHABLE,
}


DESK_LOST = "desk_lost"
"""The pause code of an agent whose desk was lost."""


class Agent:
    """One agent on duty. `since`: when the present state began. `attempt_id`: whom it is about, from the
    assignment to the end of wrap-up. `reserved_for`: the attempt they are kept free for. `leaving`: a pause or
    log-out waits for the end of the contact, and `moves_to`: so does a move to another campaign ("": none).
    `pause_code`: why paused, in the agent's word, or `DESK_LOST`. `desk_lost_at`: since when nobody hears what
    the agent's desk is told; None: somebody does. `phone_lost_at`: since when nobody can be put through to their
    phone; None: somebody can."""

    __slots__ = (
        "agent_id",
        "attempt_id",
        "campaign",
        "desk_lost_at",
        "leaving",
        "moves_to",
        "pause_code",
        "phone_lost_at",
        "reckoned_to",
        "reserved_for",
        "since",
        "state",
    )

    def __init__(self, agent_id: str, campaign: str, now: float) -> None:
        self.agent_id = agent_id
        self.campaign = campaign
        self.state = AgentState.LOGGED_OUT
        self.since = now
        self.reckoned_to = now
        self.attempt_id: int | None = None
        self.reserved_for: int | None = None
        self.leaving: AgentTrigger | None = None
        self.moves_to = ""
        self.pause_code = ""
        self.desk_lost_at: float | None = None
        self.phone_lost_at: float | None = None

    def can(self, trigger: AgentTrigger) -> bool:
        """Whether the state knows this trigger."""
        return (self.state, trigger) in TRANSITIONS

    def apply(self, trigger: AgentTrigger, now: float) -> AgentTime | None:
        """Move on, and return the stretch of time that ends with it (None if it was empty or off duty).

        Raises `KeyError` where the table has no row."""
        after = TRANSITIONS[self.state, trigger]
        stretch = self.reckon(now)
        if after is not self.state:
            self.state = after
            self.since = now
        if after is not AgentState.RESERVED:
            self.reserved_for = None
        return stretch

    def reckon(self, now: float) -> AgentTime | None:
        """The stretch since time was last reckoned, so that figures are whole at any moment."""
        activity = ACTIVITY.get(self.state)
        since, self.reckoned_to = self.reckoned_to, now
        if activity is None or now <= since:
            return None
        return AgentTime(
            agent_id=self.agent_id, campaign=self.campaign, activity=activity.value, since=since, until=now
        )
