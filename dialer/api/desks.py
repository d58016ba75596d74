"""What an agent's desk and the service say to each other over the control API. As `schemas`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

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


class AgentDisposition(Asked):
    attempt_id: Annotated[int, Field(ge=1, lt=2**63)]
    code: Word
    callback_at: Moment | None = None


class RecordingAsked(Asked):
    """`agreed`: the contact agrees to be recorded (an agent's word). `paused`, `resumed`: silence is recorded from
    now on, or sound again."""

    to: Literal["agreed", "paused", "resumed"]


class PauseAsked(Asked):
    """`paused`: silence is recorded from now on, or (false) sound again."""

    paused: bool


class AgentChange(Shown):
    """An agent's state, as the stream of the desks tells it (`dialer.engine.commands.NotifyAgent`). `pause_code`:
    why paused, in the agent's word, or "desk_lost". `advice`: who answered, says the answering-machine detector
    ("human", "machine", "screening", "unsure"); "" while it has said nothing. `recording`: of the
    conversation: "" none, "ask" (not before the contact has agreed), "starting", "on", "paused", "failed"."""

    agent_id: str
    state: str
    campaign: str
    attempt_id: int | None = None
    number: str | None = None
    lead_id: int | None = None
    contact: str = ""
    pause_code: str = ""
    advice: str = ""
    recording: str = ""
