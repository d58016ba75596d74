"""An agent's line: their phone called at login, kept up while they work, called again when it is lost; or called
for each contact. A table, and who does what it says lives elsewhere.

    calling ──answered──► up ──no audio──► lost ──hung up──► waiting ──► calling …
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

REDIAL_S = 2.0
REDIAL_MOST_S = 60.0
"""After a failure, then twice as long each time; the phone that rang in vain shall not ring all day."""

RING_S = 30.0
"""So long a phone that shall answer by itself may ring."""

SILENT_S = 5.0
"""So long without a packet of audio, on a line that is up and not on hold, and it is lost: phones send silence
too."""


class State(StrEnum):
    IDLE = "idle"  # nobody is logged in
    CALLING = "calling"  # the phone rings
    UP = "up"  # it is heard
    LOST = "lost"  # it was up and is silent; the old call is being hung up
    WAITING = "waiting"  # to call again
    ENDING = "ending"  # logged out; the call is being hung up


class Input(StrEnum):
    LOG_IN = "the agent logs in"
    LOG_OUT = "the agent logs out"
    ANSWERED = "the phone answered"
    FAILED = "the phone could not be reached, or would not"
    ENDED = "the call is over"
    SILENT = "no audio for too long"
    RANG_OUT = "it rang for too long"
    TURN = "the wait is over"


class Effect(StrEnum):
    CALL = "call the phone"
    TELL_UP = "tell that the line is up"
    TELL_LOST_AND_HANG_UP = "tell that the line is lost, hang up"
    TELL_LOST_AND_WAIT = "tell that the line is lost, wait, then call"
    WAIT = "wait, then call"
    HANG_UP = "hang up"
    HANG_UP_AND_TELL = "tell that the line is down, hang up"
    TELL_DOWN = "tell that the line is down"


S, On, Do = State, Input, Effect

TABLE: dict[tuple[State, Input], tuple[State, Effect | None]] = {
    (S.IDLE, On.LOG_IN): (S.CALLING, Do.CALL),
    (S.CALLING, On.ANSWERED): (S.UP, Do.TELL_UP),
    (S.CALLING, On.FAILED): (S.WAITING, Do.WAIT),
    (S.CALLING, On.ENDED): (S.WAITING, Do.WAIT),
    (S.CALLING, On.RANG_OUT): (S.LOST, Do.HANG_UP),
    (S.CALLING, On.LOG_OUT): (S.ENDING, Do.HANG_UP),
    (S.UP, On.SILENT): (S.LOST, Do.TELL_LOST_AND_HANG_UP),
    (S.UP, On.ENDED): (S.WAITING, Do.TELL_LOST_AND_WAIT),  # the agent hung up, or the phone went down
    (S.UP, On.FAILED): (S.WAITING, Do.TELL_LOST_AND_WAIT),
    (S.UP, On.LOG_OUT): (S.ENDING, Do.HANG_UP_AND_TELL),
    (S.LOST, On.ENDED): (S.WAITING, Do.WAIT),
    (S.LOST, On.FAILED): (S.WAITING, Do.WAIT),
    (S.LOST, On.ANSWERED): (S.LOST, Do.HANG_UP),  # it crossed our giving up
    (S.LOST, On.LOG_OUT): (S.ENDING, None),
    (S.WAITING, On.TURN): (S.CALLING, Do.CALL),
    (S.WAITING, On.LOG_OUT): (S.IDLE, Do.TELL_DOWN),
    (S.ENDING, On.ENDED): (S.IDLE, None),
    (S.ENDING, On.FAILED): (S.IDLE, None),
    (S.ENDING, On.ANSWERED): (S.ENDING, Do.HANG_UP),
    (S.ENDING, On.LOG_IN): (S.LOST, None),  # back before the old call is over: then it is called again
}
"""What is not in the table changes nothing: commands and events cross."""


@dataclass(frozen=True, slots=True)
class CallPhone:
    """Place a call to the agent's phone, with headers that have it answer by itself. `attempt`: 1 for the first
    since the line was up."""

    agent_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class HangUpPhone:
    """Cancel or hang up the call that is open."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class LineUp:
    """The agent can be given calls."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class LineDown:
    """The agent cannot be given calls. `lost`: they want to work, and the phone is being called again."""

    agent_id: str
    lost: bool


LineCommand = CallPhone | HangUpPhone | LineUp | LineDown


class AgentLine:
    """One agent's nailed-up line. Each call returns what is to be done, in order. `now` in seconds, never going
    back."""

    __slots__ = ("_attempt", "_due_at", "_heard_at", "_held", "agent_id", "state")

    def __init__(self, agent_id: str) -> None:
        self.agent_id = agent_id
        self.state = State.IDLE
        self._attempt = 0
        self._due_at: float | None = None
        self._heard_at = 0.0
        self._held = False

    def next_deadline(self) -> float | None:
        """When `on_time` wants to be called; None: not at all."""
        return self._due_at

    # -- the agent --

    def log_in(self, now: float) -> list[LineCommand]:
        return self._step(Input.LOG_IN, now)

    def log_out(self, now: float) -> list[LineCommand]:
        return self._step(Input.LOG_OUT, now)

    # -- the phone --

    def answered(self, now: float) -> list[LineCommand]:
        return self._step(Input.ANSWERED, now)

    def failed(self, now: float) -> list[LineCommand]:
        return self._step(Input.FAILED, now)

    def ended(self, now: float) -> list[LineCommand]:
        return self._step(Input.ENDED, now)

    def heard(self, now: float) -> None:
        """Audio of the phone came. To be told often enough, which is more than once in `SILENT_S`; not each
        packet."""
        self._heard_at = now

    def held(self, is_held: bool, now: float) -> None:
        """The phone put us on hold, or came back: while it does, silence is no loss."""
        self._held = is_held
        self._heard_at = now
        if self.state is State.UP:
            self._due_at = None if is_held else now + SILENT_S

    def on_time(self, now: float) -> list[LineCommand]:
        """The clock reached `next_deadline`."""
        if self._due_at is None or now < self._due_at:
            return []
        self._due_at = None
        if self.state is State.UP:
            if now - self._heard_at < SILENT_S:
                self._due_at = self._heard_at + SILENT_S
                return []
            return self._step(Input.SILENT, now)
        return self._step(Input.RANG_OUT if self.state is State.CALLING else Input.TURN, now)

    # -- the table's machine --

    def _step(self, what: Input, now: float) -> list[LineCommand]:
        row = TABLE.get((self.state, what))
        if row is None:
            return []
        self.state, effect = row
        me = self.agent_id
        self._due_at = None
        if what is Input.LOG_IN:
            self._attempt = 0
        match effect:
            case Effect.CALL:
                self._attempt += 1
                self._due_at = now + RING_S
                return [CallPhone(me, self._attempt)]
            case Effect.TELL_UP:
                self._attempt = 0
                self._held = False
                self._heard_at = now
                self._due_at = now + SILENT_S
                return [LineUp(me)]
            case Effect.TELL_LOST_AND_HANG_UP:
                return [LineDown(me, lost=True), HangUpPhone(me)]
            case Effect.TELL_LOST_AND_WAIT:
                self._wait(now)
                return [LineDown(me, lost=True)]
            case Effect.WAIT:
                self._wait(now)
                return []
            case Effect.HANG_UP:
                return [HangUpPhone(me)]
            case Effect.HANG_UP_AND_TELL:
                return [LineDown(me, lost=False), HangUpPhone(me)]
            case Effect.TELL_DOWN:
                return [LineDown(me, lost=False)]
            case None:
                return []

    def _wait(self, now: float) -> None:
        self._due_at = now + min(REDIAL_S * 2 ** min(max(self._attempt - 1, 0), 16), REDIAL_MOST_S)
