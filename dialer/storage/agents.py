"""Agents' time, appended as it passes and read clipped to a period."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.engine.interfaces import Dialect

from campaigns.record import AgentTime
from dialer.storage.rows import streamed
from dialer.storage.statement import Statement
from dialer.storage.tables import agent_times

_STRETCH = ("agent_id", "campaign", "activity", "since", "until")

stretch_row = attrgetter(*_STRETCH)
"""Values for `append_statement`."""


def append_statement(dialect: Dialect) -> Statement:
    """Appends one stretch of an agent's time."""
    row = insert(agent_times).values({name: bindparam(name) for name in _STRETCH})
    return Statement(row.inline(), dialect, _STRETCH)  # nobody asks for the key that the database gave it


def within(connection: Connection, campaign: str, since: float, until: float) -> Iterator[AgentTime]:
    """What of the campaign's stretches falls into [since, until), by beginning, cut off at both ends."""
    table = agent_times
    query = (
        select(table.c.agent_id, table.c.activity, table.c.since, table.c.until)
        .where(table.c.campaign == campaign, table.c.until > since, table.c.since < until)
        .order_by(table.c.since, table.c.stretch_id)
    )
    with streamed(connection, query) as found:
        for agent_id, activity, began, ended in found:
            yield AgentTime(
                agent_id=agent_id, campaign=campaign, activity=activity, since=max(began, since),
                until=min(ended, until),
            )  # fmt: skip
