"""Calls to third parties outside: few, and each written twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import Connection, delete, insert, select, update

from dialer.ports.store import ThirdCall
from dialer.storage.tables import third_calls

_NAMES = tuple(field.name for field in fields(ThirdCall))
_CALL = third_calls.c


def save(connection: Connection, third: ThirdCall) -> None:
    """In the place of what is there of it."""
    connection.execute(delete(third_calls).where(_CALL.key == third.key))
    connection.execute(insert(third_calls).values({name: getattr(third, name) for name in _NAMES}))


def since(connection: Connection, moment: float) -> Sequence[ThirdCall]:
    """See `Reader.third_calls`."""
    query = select(*(_CALL[name] for name in _NAMES)).where(_CALL.asked_at >= moment)
    return [ThirdCall(*row) for row in connection.execute(query.order_by(_CALL.asked_at, _CALL.key))]


def close_unseen(connection: Connection, now: float) -> None:
    """Whose end nobody saw has cost what was expected."""
    connection.execute(
        update(third_calls)
        .where(_CALL.ended_at.is_(None))
        .values(ended_at=now, cost_micro=_CALL.expected_cost_micro)
    )


def used(third: ThirdCall) -> int | None:
    """Millionths that count towards the ceilings; None for one that never left."""
    if third.placed_at is None and third.ended_at is not None:
        return None
    return (third.expected_cost_micro if third.ended_at is None else third.cost_micro) or 0
