"""The life of one call, as a transition table. `docs/architecture.md` shows the diagram made from it."""

from __future__ import annotations

from enum import StrEnum

from campaigns.answer_chance import Traits
from campaigns.callback import Callback
from campaigns.campaign import Campaign
from campaigns.consent import AgreedTo
from campaigns.disposition import NO_DISPOSITION, Disposition
from campaigns.outcome import Stage
from campaigns.record import AudioFigures, EndedBy
from dialer.calls.drop import MessageDrop
from dialer.calls.errors import InvalidTransition
from dialer.calls.outcomes import Ruling, ruling_of
from dialer.calls.walk import FlowWalk
from dialer.ports.store import AttemptIntent, Candidate


class CallState(StrEnum):
    COMMITTING = "committing"  # handed to the writer; nothing has left yet
    PLACED = "placed"  # INVITE sent
    ALERTING = "alerting"  # a provisional response has come
    WAITING = "waiting"  # answered, no agent yet
    PROMPTED = "prompted"  # answered; a call flow or a message speaks
    TALKING = "talking"  # joined with an agent
    CANCELLING = "cancelling"  # given up before an answer; its end is awaited
    ENDING = "ending"  # we hung up; its end is awaited
    ENDED = "ended"  # over on the wire; the agent may still wrap up
    CLOSED = "closed"  # recorded


class RecordingState(StrEnum):
    """How far the recording of a conversation is, for the agent's desk."""

    NONE = ""
    ASK = "ask"  # not before the person called has agreed
    STARTING = "starting"  # the announcement is played, or the file is being opened
    ON = "on"
    PAUSED = "paused"
    FAILED = "failed"


class Trigger(StrEnum):
    SAVED = "saved"
    WITHDRAW = "withdraw"
    PROGRESS = "progress"
    ANSWERED = "answered"
    JOIN = "join"
    PART = "part"
    PROMPT = "prompt"
    ENQUEUE = "enqueue"
    CANCEL = "cancel"
    HANG_UP = "hang_up"
    ENDED = "ended"
    CLOSE = "close"


S, T = CallState, Trigger

TRANSITIONS: dict[tuple[CallState, Trigger], CallState] = {
    (S.COMMITTING, T.SAVED): S.PLACED,
    (S.COMMITTING, T.WITHDRAW): S.CLOSED,
    (S.PLACED, T.PROGRESS): S.ALERTING,
    (S.PLACED, T.ANSWERED): S.WAITING,
    (S.PLACED, T.CANCEL): S.CANCELLING,
    (S.PLACED, T.ENDED): S.ENDED,
    (S.ALERTING, T.PROGRESS): S.ALERTING,
    (S.ALERTING, T.ANSWERED): S.WAITING,
    (S.ALERTING, T.CANCEL): S.CANCELLING,
    (S.ALERTING, T.ENDED): S.ENDED,
    (S.WAITING, T.JOIN): S.TALKING,
    (S.WAITING, T.PROMPT): S.PROMPTED,
    (S.WAITING, T.HANG_UP): S.ENDING,
    (S.WAITING, T.ENDED): S.ENDED,
    (S.PROMPTED, T.ENQUEUE): S.WAITING,
    (S.PROMPTED, T.HANG_UP): S.ENDING,
    (S.PROMPTED, T.ENDED): S.ENDED,
    (S.TALKING, T.HANG_UP): S.ENDING,
    (S.TALKING, T.PART): S.WAITING,  # the agent's phone was lost before anybody was heard
    (S.TALKING, T.ENDED): S.ENDED,
    (S.CANCELLING, T.PROGRESS): S.CANCELLING,
    # The 200 crossed our CANCEL (RFC 3261 §9.1): the carrier ends the call, its end follows.
    (S.CANCELLING, T.ANSWERED): S.ENDING,
    (S.CANCELLING, T.ENDED): S.ENDED,
    (S.ENDING, T.ENDED): S.ENDED,
    (S.ENDED, T.CLOSE): S.CLOSED,
}

UNANSWERED = frozenset({S.COMMITTING, S.PLACED, S.ALERTING})
"""States in which a call may still be answered; what the pacer counts as ringing."""


class Call:
    """One attempt while it is open. Moments are seconds since the epoch, UTC; None until they come. `terms`: the
    campaign as it was when the attempt was permitted; its text may be replaced while the call is open. `offered`:
    the dispositions that the agent was given with the call. `verdict`: the answering-machine detector's word that
    goes on record (its first on who was held, else its last), `advice` its last; `is_machine`: it was hung up for
    the first. `flow`: its way through the campaign's call flow; `message`: through the message of the abandoned.
    `message_after_s`: seconds from the answer to the first sound of that. `drop`: a message for an answering
    machine; `beep_s`: end of the last beep, seconds of sound from the answer. `to_agents_at`: the flow put it into
    the queue. `opted_out_at`: the key for that was pressed. `hold_s`: for how long the contact was on hold, and
    `held_at`: since when it is. `recording`: the file, below the folder of all, once there is one, under
    `recording_rule` (a `RecordingRule` value). `callback`: what was promised in it; `agreed_to`: what the person
    has agreed to, and when. `counted_live`: the pacer counts it as a person's answer. `traits`: what told of its
    `chance` to want an agent when it was launched, 0–1; `taught`: what it came to has been learned.
    `reserved_agent`: who is kept free for it."""

    __slots__ = (
        "advice",
        "agent_id",
        "agreed_to",
        "answer_to_agent_s",
        "answered_at",
        "assigned_at",
        "attempt_id",
        "audio",
        "beep_s",
        "callback",
        "candidate",
        "cause_by",
        "chance",
        "cost_micro",
        "counted_live",
        "cut",
        "dialed_at",
        "disposition",
        "drop",
        "ended_at",
        "ended_by",
        "flow",
        "given_up_at",
        "heard",
        "held_at",
        "hold_s",
        "hung_up_waiting",
        "intent",
        "is_machine",
        "message",
        "message_after_s",
        "moved_to",
        "note",
        "offered",
        "opted_out_at",
        "progress_at",
        "q850",
        "queued",
        "recording",
        "recording_rule",
        "recording_state",
        "reserved_agent",
        "retry_after_s",
        "sip_status",
        "state",
        "talk_ended_at",
        "taught",
        "terms",
        "to_agents_at",
        "traits",
        "verdict",
        "verdict_at_s",
        "verdict_cause",
        "wrapped_up_at",
    )

    def __init__(self, intent: AttemptIntent, candidate: Candidate, terms: Campaign) -> None:
        self.attempt_id = intent.attempt_id
        self.terms = terms
        self.intent = intent
        self.candidate = candidate
        self.state = CallState.COMMITTING
        self.dialed_at: float | None = None
        self.progress_at: float | None = None
        self.answered_at: float | None = None
        self.assigned_at: float | None = None
        self.talk_ended_at: float | None = None
        self.wrapped_up_at: float | None = None
        self.held_at: float | None = None
        self.hold_s = 0.0
        self.given_up_at: float | None = None
        self.ended_at: float | None = None
        self.agent_id: str | None = None
        self.disposition: Disposition | None = None
        self.offered: tuple[Disposition, ...] = ()
        self.callback: Callback | None = None
        self.agreed_to: list[tuple[float, AgreedTo]] = []
        self.sip_status: int | None = None
        self.q850: int | None = None
        self.cause_by = ""
        self.cost_micro: int | None = None
        self.heard: str | None = None
        self.retry_after_s: float | None = None
        self.moved_to = ""
        self.ended_by = EndedBy.NOBODY
        self.queued = False
        self.hung_up_waiting = False
        self.counted_live = False
        self.traits: Traits = ()
        self.chance = 0.0
        self.taught = False
        self.cut = False
        self.answer_to_agent_s: float | None = None
        self.flow: FlowWalk | None = None
        self.message: FlowWalk | None = None
        self.drop: MessageDrop | None = None
        self.beep_s: float | None = None
        self.message_after_s: float | None = None
        self.to_agents_at: float | None = None
        self.opted_out_at: float | None = None
        self.note = ""
        self.verdict: str | None = None
        self.verdict_cause: str | None = None
        self.verdict_at_s: float | None = None
        self.advice = ""
        self.is_machine = False
        self.audio: AudioFigures | None = None
        self.recording: str | None = None
        self.recording_rule = ""
        self.reserved_agent: str | None = None
        self.recording_state = RecordingState.NONE

    def hold(self, on: bool, now: float) -> None:
        """The contact waits on hold from now on, or does not."""
        if self.held_at is not None:
            self.hold_s += now - self.held_at
        self.held_at = now if on else None

    def can(self, trigger: Trigger) -> bool:
        """Whether the state knows this trigger."""
        return (self.state, trigger) in TRANSITIONS

    def apply(self, trigger: Trigger) -> CallState:
        """Move on. Raises `InvalidTransition` where the table has no row."""
        try:
            self.state = TRANSITIONS[self.state, trigger]
        except KeyError:
            raise InvalidTransition(f"attempt {self.attempt_id}", self.state, trigger) from None
        return self.state

    @property
    def walk(self) -> FlowWalk | MessageDrop | None:
        """What speaks to whoever answered, or spoke last."""
        return self.drop or self.message or self.flow

    @property
    def waiting_since(self) -> float | None:
        """Since when the person is, or was, waiting for an agent."""
        return self.answered_at if self.to_agents_at is None else self.to_agents_at

    @property
    def wants_agent(self) -> bool:
        """Whether an agent is to speak with who answered, or was to."""
        return self.terms.flow is None or self.to_agents_at is not None

    @property
    def crossed_cancel(self) -> bool:
        """Whether it was answered as we were giving up: somebody said hello to nobody."""
        given_up, answered = self.given_up_at, self.answered_at
        return given_up is not None and answered is not None and given_up < answered

    @property
    def stage(self) -> Stage:
        """How far it has got."""
        if self.answered_at is not None:
            return Stage.ANSWERED
        if self.progress_at is not None:
            return Stage.ALERTED
        return Stage.NONE if self.dialed_at is None else Stage.PLACED

    @property
    def ruling(self) -> Ruling | None:
        """What its end comes to by the table of outcomes; None for a call that was answered, never left, or
        that we cut off."""
        if self.stage in (Stage.ANSWERED, Stage.NONE) or (self.cut and self.ended_by is EndedBy.DIALER):
            return None
        rang = self.progress_at is not None
        status, q850 = (None, None) if self.ended_by is EndedBy.DIALER else (self.sip_status, self.q850)
        same = self.moved_to == self.intent.number
        return ruling_of(status, q850, rang=rang, by=self.cause_by, heard=self.heard, same_number=same)

    @property
    def since(self) -> float:
        """When the state that it is in began, for people to look at: its latest moment, seconds UTC."""
        moments = (
            self.dialed_at,
            self.progress_at,
            self.answered_at,
            self.to_agents_at,
            self.assigned_at,
            self.given_up_at,
            self.ended_at,
        )
        return max((moment for moment in moments if moment is not None), default=self.intent.created_at)

    def disposition_of(self, code: str, now_known: tuple[Disposition, ...]) -> Disposition:
        """What the agent means by `code`: as it was given with the call, or else as the campaign has it now.
        Raises `KeyError` for a code that neither knows."""
        if code == NO_DISPOSITION.code:
            return NO_DISPOSITION
        for disposition in (*self.offered, *now_known):
            if disposition.code == code:
                return disposition
        raise KeyError(code)
