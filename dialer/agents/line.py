"""An agent's line: their phone called when it is wanted, kept up for as long as it is, and called again when it is
lost. A line that is nailed up is wanted from log-in to log-out; one that is called for each contact, from the
contact's answer to its end. A table; who does what it says lives elsewhere.

    calling ──answered──► up ──hung up, no audio──► waiting ──► calling …
       └──rang out──► cancelling ──over──►─────────────┘
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

REDIAL_S = 2.0
REDIAL_MOST_S = 60.0
"""After a failure, then twice as long each time; the phone that rang in vain shall not ring all day."""

RING_S = 30.0
"""So long a phone that shall answer by itself may ring."""


TURNS_WITHIN_S = 2.0
"""Who wants the phone again waits so long for the end of the call before: a dead phone answers no BYE, and a
contact may be waiting."""


class State(StrEnum):
    IDLE = "idle"  # nobody wants it
    CALLING = "calling"  # the phone rings
    UP = "up"  # it is heard
    CANCELLING = "cancelling"  # it rang for too long; its call is being given up
    WAITING = "waiting"  # to call again
    ENDING = "ending"  # not wanted any more; the call is being hung up
    TURNING = "turning"  # wanted again meanwhile


class Input(StrEnum):
    WANTED = "the agent logs in, or gets a contact"
    UNWANTED = "the agent logs out, or the contact is over"
    ANSWERED = "the phone answered"
    FAILED = "the phone could not be reached, or would not"
    ENDED = "the call is over"
    SILENT = "no audio for too long"
    RANG_OUT = "it rang for too long"
    TURN = "the wait is over"
    REGISTERED = "the phone says where it is"


class Effect(StrEnum):
    CALL = "call the phone"
    TELL_UP = "tell that the line is up"
    TELL_LOST_AND_DROP = "tell that the line is lost, hang up, wait, then call"
    TELL_LOST_AND_WAIT = "tell that the line is lost, wait, then call"
    WAIT = "wait, then call"
    WAIT_FOR_END = "wait for the end, but not for long"
    DROP_AND_CALL = "hang up, then call the phone"
    HANG_UP = "hang up"
    HANG_UP_AND_TELL = "tell that the line is down, hang up"
    TELL_DOWN = "tell that the line is down"


S, On, Do = State, Input, Effect

TABLE: dict[tuple[State, Input], tuple[State, Effect | None]] = {
    (S.IDLE, On.WANTED): (S.CALLING, Do.CALL),
    (S.CALLING, On.ANSWERED): (S.UP, Do.TELL_UP),
    (S.CALLING, On.FAILED): (S.WAITING, Do.WAIT),
    (S.CALLING, On.ENDED): (S.WAITING, Do.WAIT),
    (S.CALLING, On.RANG_OUT): (S.CANCELLING, Do.HANG_UP),
    (S.CALLING, On.UNWANTED): (S.ENDING, Do.HANG_UP),
    (S.UP, On.SILENT): (S.WAITING, Do.TELL_LOST_AND_DROP),  # a dead phone answers no BYE
    (S.UP, On.ENDED): (S.WAITING, Do.TELL_LOST_AND_WAIT),  # the agent hung up, or the phone went down
    (S.UP, On.FAILED): (S.WAITING, Do.TELL_LOST_AND_WAIT),
    (S.UP, On.UNWANTED): (S.ENDING, Do.HANG_UP_AND_TELL),
    (S.CANCELLING, On.ENDED): (S.WAITING, Do.WAIT),
    (S.CANCELLING, On.FAILED): (S.WAITING, Do.WAIT),
    (S.CANCELLING, On.ANSWERED): (S.CANCELLING, Do.HANG_UP),  # it crossed our giving up
    (S.CANCELLING, On.UNWANTED): (S.ENDING, None),
    (S.WAITING, On.TURN): (S.CALLING, Do.CALL),
    (S.WAITING, On.REGISTERED): (S.CALLING, Do.CALL),
    (S.WAITING, On.UNWANTED): (S.IDLE, Do.TELL_DOWN),
    (S.ENDING, On.ENDED): (S.IDLE, None),
    (S.ENDING, On.FAILED): (S.IDLE, None),
    (S.ENDING, On.ANSWERED): (S.ENDING, Do.HANG_UP),
    (S.ENDING, On.WANTED): (S.TURNING, Do.WAIT_FOR_END),
    (S.TURNING, On.TURN): (S.CALLING, Do.DROP_AND_CALL),
    (S.TURNING, On.ENDED): (S.CALLING, Do.CALL),
    (S.TURNING, On.FAILED): (S.CALLING, Do.CALL),
    (S.TURNING, On.ANSWERED): (S.TURNING, Do.HANG_UP),
    (S.TURNING, On.UNWANTED): (S.ENDING, None),
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
class DropPhone:
    """Hang up the call that is open, and be told no more of it: its end may never be seen."""

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


LineCommand = CallPhone | HangUpPhone | DropPhone | LineUp | LineDown


class AgentLine:
    """One agent's line. Each call returns what is to be done, in order. `ring_s`: for how long the phone may ring.
    `now` in seconds, never going back."""

    __slots__ = ("_attempt", "_due_at", "agent_id", "ring_s", "state")

    def __init__(self, agent_id: str, ring_s: float = RING_S) -> None:
        self.agent_id = agent_id
        self.state = State.IDLE
        self.ring_s = ring_s
        self._attempt = 0
        self._due_at: float | None = None

    def next_deadline(self) -> float | None:
        """When `on_time` wants to be called; None: not at all."""
        return self._due_at

    # -- the agent --

    def want(self, now: float) -> list[LineCommand]:
        return self._step(Input.WANTED, now)

    def release(self, now: float) -> list[LineCommand]:
        return self._step(Input.UNWANTED, now)

    # -- the phone --

    def answered(self, now: float) -> list[LineCommand]:
        return self._step(Input.ANSWERED, now)

    def failed(self, now: float) -> list[LineCommand]:
        return self._step(Input.FAILED, now)

    def ended(self, now: float) -> list[LineCommand]:
        return self._step(Input.ENDED, now)

    def silent(self, now: float) -> list[LineCommand]:
        """No audio has come for as long as a phone may be silent; not to be told while it has us on hold."""
        return self._step(Input.SILENT, now)

    def registered(self, now: float) -> list[LineCommand]:
        """There is somewhere to call it."""
        return self._step(Input.REGISTERED, now)

    def on_time(self, now: float) -> list[LineCommand]:
        """The clock reached `next_deadline`."""
        if self._due_at is None or now < self._due_at:
            return []
        return self._step(Input.RANG_OUT if self.state is State.CALLING else Input.TURN, now)

    # -- the table's machine --

    def _step(self, what: Input, now: float) -> list[LineCommand]:
        row = TABLE.get((self.state, what))
        if row is None:
            return []
        self.state, effect = row
        me = self.agent_id
        self._due_at = None
        if what is Input.WANTED:
            self._attempt = 0
        match effect:
            case Effect.CALL:
                return [self._call(now)]
            case Effect.DROP_AND_CALL:
                return [DropPhone(me), self._call(now)]
            case Effect.WAIT_FOR_END:
                self._due_at = now + TURNS_WITHIN_S
                return []
            case Effect.TELL_UP:
                self._attempt = 0
                return [LineUp(me)]
            case Effect.TELL_LOST_AND_DROP:
                self._wait(now)
                return [LineDown(me, lost=True), DropPhone(me)]
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

    def _call(self, now: float) -> CallPhone:
        self._attempt += 1
        self._due_at = now + self.ring_s
        return CallPhone(self.agent_id, self._attempt)

    def _wait(self, now: float) -> None:
        self._due_at = now + min(REDIAL_S * 2 ** min(max(self._attempt - 1, 0), 16), REDIAL_MOST_S)
