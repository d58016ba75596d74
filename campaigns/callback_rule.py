"""How a campaign keeps the calls it has promised: `[callbacks]`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallbackRule:
    """`patience_s`: how long after the promised moment the agent it was promised by is waited for; then anyone
    who is free makes the call."""

    patience_s: float = 900.0
