"""How many calls to launch now (`docs/reference/pacing.md`)."""

from dialer.pacing.controller import MODES, create
from dialer.pacing.snapshot import (
    AT_ONCE_S,
    Abandoned,
    AgentsChanged,
    Answered,
    Belief,
    Connected,
    HungUpWaiting,
    MachineDetected,
    Pacer,
    PacingEvent,
    Recalled,
    Retracted,
    Snapshot,
    TalkEnded,
    Unanswered,
    WrapEnded,
)

__all__ = [
    "AT_ONCE_S",
    "MODES",
    "Abandoned",
    "AgentsChanged",
    "Answered",
    "Belief",
    "Connected",
    "HungUpWaiting",
    "MachineDetected",
    "Pacer",
    "PacingEvent",
    "Recalled",
    "Retracted",
    "Snapshot",
    "TalkEnded",
    "Unanswered",
    "WrapEnded",
    "create",
]
