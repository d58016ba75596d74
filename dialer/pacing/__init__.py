"""How many calls to launch now (`docs/reference/pacing.md`)."""

from dialer.pacing.controller import MODES, create
from dialer.pacing.snapshot import (
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
