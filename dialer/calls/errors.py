"""Errors of the call and agent machines.

CallError
├── InvalidTransition   an event that the current state does not know
└── OutcomeTableError   a table of outcomes that cannot be read
"""

from __future__ import annotations


class CallError(Exception):
    """Root of this package's errors."""


class InvalidTransition(CallError):
    """An event came in a state that has no transition for it: a fault of the caller, not of the network."""

    def __init__(self, subject: str, state: str, trigger: str) -> None:
        super().__init__(f"{subject}: {trigger} is not possible in state {state}")
        self.subject = subject
        self.state = state
        self.trigger = trigger


class OutcomeTableError(CallError):
    """The table of outcomes is not what the program works with: a fault of whoever edited it."""
