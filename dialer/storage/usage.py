"""What was used of the ceilings before: calls placed and money spent, by minute, client and trunk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, bindparam, cast, func, select

from campaigns.errors import PermitError
from campaigns.permission.permit import from_json
from dialer.ports.store import Usage
from dialer.storage import thirds
from dialer.storage.tables import attempts, campaigns
from lists.client import client_of

MINUTE_S = 60.0

_WITHIN = (
    attempts.c.campaign == bindparam("of_campaign"),
    attempts.c.created_at >= bindparam("since"),
    attempts.c.counted,
)
STILL_OPEN = select(attempts.c.created_at, attempts.c.campaign, attempts.c.trunk, attempts.c.permit).where(
    attempts.c.closed_at.is_(None), attempts.c.created_at >= bindparam("since")
)

Entry = tuple[float, str, str, int]
"""Moment, client, trunk, millionths."""


def used(dialect: str) -> Select[Any]:
    """Calls and costs of one campaign, by minute and trunk."""
    minutes = attempts.c.created_at / MINUTE_S
    # PostgreSQL's cast rounds, and SQLite may come without floor().
    minute = cast(func.floor(minutes) if dialect == "postgresql" else minutes, BigInteger)
    cost = func.sum(func.coalesce(attempts.c.cost_micro, 0))
    return select(minute, attempts.c.trunk, func.count(), cost).where(*_WITHIN).group_by(minute, attempts.c.trunk)


def usage(connection: Connection, since: float) -> Sequence[Usage]:
    """See `Reader.usage`."""
    found: list[Usage] = []
    query = used(connection.dialect.name)
    for name in connection.execute(select(campaigns.c.name)).scalars().all():
        for minute, trunk, count, cost in connection.execute(query, {"of_campaign": name, "since": since}).all():
            found.append(Usage((minute + 1) * MINUTE_S, client_of(name), trunk, count, int(cost or 0)))
    for row in connection.execute(STILL_OPEN, {"since": since}):
        try:
            expected = from_json(row.permit).expected_cost_micro
        except PermitError:
            expected = None
        if expected:
            minute = int(row.created_at // MINUTE_S) + 1
            found.append(Usage(minute * MINUTE_S, client_of(row.campaign), row.trunk, 0, expected))
    for third in thirds.since(connection, since):
        if (cost := thirds.used(third)) is not None:
            minute = int(third.asked_at // MINUTE_S) + 1
            found.append(Usage(minute * MINUTE_S, client_of(third.campaign), third.trunk, 1, cost))
    return _merged(found)


def add_up(entries: Iterable[Entry]) -> Sequence[Usage]:
    """One call each."""
    return _merged(Usage(at, client, trunk, 1, cost) for at, client, trunk, cost in entries)


def _merged(found: Iterable[Usage]) -> Sequence[Usage]:
    sums: dict[tuple[float, str, str], tuple[int, int]] = {}
    for one in found:
        calls, cost = sums.get((one.at, one.client, one.trunk), (0, 0))
        sums[one.at, one.client, one.trunk] = (calls + one.calls, cost + one.cost_micro)
    return [Usage(*key, *sums[key]) for key in sorted(sums)]
