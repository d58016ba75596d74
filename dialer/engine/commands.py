"""What the engine wants done. Values only: the shells (`dialer.live`, `sim_trunk.twin`) carry them out."""

from __future__ import annotations

from campaigns.amd import Amd
from dialer.calls.walk import Turn
from dialer.ports.store import (
    CloseAttempt,
    FetchLeads,
    ReturnLeads,
    SaveAgentTime,
    SaveAttempt,
    SaveOptOut,
    SaveThirdCall,
)
from lists.lead import Lead
from lists.value import value


@value
class Originate:
    """Place the call. Only ever emitted after `AttemptSaved` for the same attempt. `withhold`: the person
    called is not to see the caller id. `amd`: who is to be listened to for answering machines."""

    attempt_id: int
    call_id: str
    number: str
    trunk: str
    caller_id: str
    withhold: bool = False
    amd: Amd = Amd()


@value
class CancelCall:
    """Give up a call that has not been answered."""

    attempt_id: int


@value
class HangUp:
    """End an answered call."""

    attempt_id: int


@value
class Join:
    """Join the answered call with the agent's line, both ways."""

    attempt_id: int
    agent_id: str


@value
class Speak:
    """Play the campaign's prompt to whoever answered, and listen as the turn says. Answered by `SpeechBegan` and
    `SpeechOver`. Another one takes its place; hanging up ends it without a word."""

    attempt_id: int
    campaign: str
    turn: Turn


@value
class StartRecording:
    """Record the conversation into `name`, below the folder of recordings; first play the prompt `announcement` to
    the person called, if it names one. Answered by `RecordingBegan` or `RecordingFailed`."""

    attempt_id: int
    name: str
    announcement: str = ""


@value
class PauseRecording:
    """Record silence from now on, or (`on` False) sound again."""

    attempt_id: int
    on: bool


@value
class CallThird:
    """Call somebody outside for the agent in the attempt's conversation, whose contact is held meanwhile. `order`:
    of that call, its number in the place of an attempt's. Only ever emitted after `ThirdSaved`."""

    attempt_id: int
    order: Originate


@value
class Hush:
    """Say nothing more to whoever answered, for now: what was said is over without a word."""

    attempt_id: int


@value
class NotifyAgent:
    """Tell the agent's desk its state (`dialer.agents.agent.AgentState` value) and, from connecting to
    wrap-up, whom it is about; `pause_code`: why paused; `advice`: what the answering-machine detector says of the
    contact (`campaigns.amd.Heard`), "" while it has said nothing; `recording`: a `RecordingState` value. Each
    change once, in order."""

    agent_id: str
    state: str
    campaign: str
    attempt_id: int | None = None
    number: str | None = None
    lead: Lead | None = None
    pause_code: str = ""
    advice: str = ""
    recording: str = ""


@value
class Notice:
    """Something a manager should know. `code` is stable, `text` says what happened and what to do. `agent_id`:
    whom it is about, if somebody."""

    campaign: str
    code: str
    text: str
    agent_id: str = ""


@value
class CampaignEnded:
    """No call of the campaign is open any more and none will be placed. `reason`: `drained`, `cut`,
    `list_done` (every lead final, or nothing due and no window opens before the end), `failed`."""

    campaign: str
    reason: str


CarrierCommand = (
    Originate | CancelCall | HangUp | Join | Speak | Hush | StartRecording | PauseRecording | CallThird
)
"""What is ordered of whoever carries the calls."""

Command = (
    CarrierCommand
    | FetchLeads
    | SaveAttempt
    | CloseAttempt
    | ReturnLeads
    | SaveAgentTime
    | SaveOptOut
    | SaveThirdCall
    | NotifyAgent
    | Notice
    | CampaignEnded
)

__all__ = [
    "CallThird",
    "CampaignEnded",
    "CancelCall",
    "CarrierCommand",
    "CloseAttempt",
    "Command",
    "FetchLeads",
    "HangUp",
    "Hush",
    "Join",
    "Notice",
    "NotifyAgent",
    "Originate",
    "PauseRecording",
    "ReturnLeads",
    "SaveAgentTime",
    "SaveAttempt",
    "SaveOptOut",
    "SaveThirdCall",
    "Speak",
    "StartRecording",
]
