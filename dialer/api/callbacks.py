"""Promised calls over the control API, as `schemas`: moments are seconds UTC, names are full."""

from __future__ import annotations

from dialer.api.schemas import Shown


class DueCallback(Shown):
    """One that is still to be made: as `dialer.operations.due_callbacks`, with the number masked."""

    campaign: str
    callback: int
    lead_id: int
    contact: str
    number: str
    local: str
    zone: str
    promised_at: float
    agent_id: str
    agent_until: float | None
    consent: bool
    at_hand: bool
    due_at: float | None
    reason: str


class DueCallbacks(Shown):
    """`at`: when it was looked. `total`: how many are open, `overdue`: promised before `at`. `callbacks`: the
    first of them, by the moment promised."""

    at: float
    total: int
    overdue: int
    callbacks: list[DueCallback]
