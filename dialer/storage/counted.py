"""What caps and cool-offs ask of attempts, answered from one index for each thing that they count on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, bindparam, func, literal_column, select

from campaigns.outcome import Outcome
from campaigns.permission.past import PastAttempt
from dialer.storage.tables import attempts

COUNTED_ON = ("number", "lead_id", "person", "debt")
"""Columns that a cap may count on."""
COUNTED_COLUMNS = (
    attempts.c.created_at, attempts.c.campaign, attempts.c.stage, attempts.c.charged, attempts.c.contact,
    attempts.c.ended_at, attempts.c.purpose,
)  # fmt: skip


def counted_on(column: str, these: ColumnElement[bool], *more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """What caps have to know of the attempts that count and were created since the parameter `since`."""
    found = select(*more, *COUNTED_COLUMNS).where(
        these, attempts.c.created_at >= bindparam("since", type_=Float), attempts.c.counted
    )
    # Its index is a partial one, which the planner takes only for a condition that it can see.
    return found.where(attempts.c[column] != literal_column("''")) if column in {"person", "debt"} else found


PAST_COLUMNS = (
    attempts.c.number, attempts.c.campaign, func.coalesce(attempts.c.dialed_at, attempts.c.created_at),
    func.coalesce(attempts.c.outcome, Outcome.UNKNOWN.value), attempts.c.disposition, attempts.c.trunk,
    attempts.c.stage, attempts.c.charged, attempts.c.contact, attempts.c.ended_at, attempts.c.person,
    attempts.c.debt, attempts.c.purpose,
)  # fmt: skip
"""What a decision has to know of an attempt."""


def past_of(row: Sequence[Any]) -> PastAttempt:
    """The attempt in a row of `PAST_COLUMNS`."""
    number, campaign, at, outcome, disposition, trunk, stage, charged, *rest = row
    return PastAttempt(number, campaign, at, outcome, disposition, trunk, stage, bool(charged), *rest)
