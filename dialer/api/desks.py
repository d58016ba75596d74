"""What an agent's desk and the service say to each other over the control API. As `schemas`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dialer.api.schemas import Asked, Moment, Name, Shown, Word


class AgentLogin(Asked):
    """`phone`: host:port of the agent's RTP, to be joined with contacts; left out: the phone that `dialer.toml`
    has for the agent is called."""

    campaign: Name
    phone: Annotated[str | None, Field(pattern=r"^[0-9.]+:\d{1,5}$", examples=["127.0.0.1:40000"])] = None


class AgentLine(Shown):
    """`line`: where the agent's audio is to be sent; "" for a phone that is called, and told so by SIP."""

    agent_id: str
    line: str = ""


class AgentPause(Asked):
    code: Word = ""


class CallbackAsked(Asked):
    """A call that the agent has promised: at `local`, which the clock of the person called shows (`zone`: an IANA
    name; "": that of the number), or at the moment `at`. `agent_id`: who alone is to make it; "": anyone.
    `consent`: in which words the person agreed to be called at that time, if it lies outside the calling hours."""

    local: Annotated[str | None, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$")] = None
    at: Moment | None = None
    zone: Annotated[str, Field(max_length=64, examples=["Europe/London"])] = ""
    agent_id: Annotated[str, Field(max_length=64)] = ""
    consent: Annotated[str, Field(max_length=1_000)] = ""

    @model_validator(mode="after")
    def _has_one_time(self) -> CallbackAsked:
        if (self.local is None) == (self.at is None):
            raise ValueError("give either local or at")
        return self


class Agreement(Asked):
    """What the contact has agreed to in the conversation, an agent's word, for the client's register of consents:
    `kind` of calls, and in which `words`."""

    kind: Literal["call", "prerecorded", "recording"]
    words: Annotated[str, Field(min_length=1, max_length=1_000)]


class AgentDisposition(Asked):
    """`callback_at`: short for a callback at that moment by anyone."""

    attempt_id: Annotated[int, Field(ge=1, lt=2**63)]
    code: Word
    callback_at: Moment | None = None
    callback: CallbackAsked | None = None
    agreed: Annotated[tuple[Agreement, ...], Field(max_length=3)] = ()


class RecordingAsked(Asked):
    """`agreed`: the contact agrees to be recorded (an agent's word). `paused`, `resumed`: silence is recorded from
    now on, or sound again."""

    to: Literal["agreed", "paused", "resumed"]


class PauseAsked(Asked):
    """`paused`: silence is recorded from now on, or (false) sound again."""

    paused: bool


class AgentChange(Shown):
    """An agent's state, as the stream of the desks tells it (`dialer.engine.commands.NotifyAgent`). `pause_code`:
    why paused, in the agent's word, or "desk_lost". `extension`: behind which the contact is there, for the
    agent to ask for; several joined by "/". `advice`: who answered, says the answering-machine detector
    ("human", "machine", "screening", "unsure"); "" while it has said nothing. `recording`: of the conversation: ""
    none, "ask" (not before the contact has agreed), "starting", "on", "paused", "failed"."""

    agent_id: str
    state: str
    campaign: str
    attempt_id: int | None = None
    number: str | None = None
    lead_id: int | None = None
    contact: str = ""
    extension: str = ""
    pause_code: str = ""
    advice: str = ""
    recording: str = ""
