"""Agents' time, appended as it passes and read clipped to a period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, insert, select

from campaigns.record import AgentTime
from dialer.storage.tables import agent_times


def append(connection: Connection, stretches: Sequence[AgentTime]) -> None:
    rows = [
        {
            "agent_id": stretch.agent_id, "campaign": stretch.campaign, "activity": stretch.activity,
            "since": stretch.since, "until": stretch.until,
        }
        for stretch in stretches
    ]  # fmt: skip
    if rows:
        connection.execute(insert(agent_times), rows)


def within(connection: Connection, campaign: str, since: float, until: float) -> Iterator[AgentTime]:
    """What of the campaign's stretches falls into [since, until), by beginning, cut off at both ends."""
    table = agent_times
    found = connection.execution_options(yield_per=1_000).execute(
        select(table.c.agent_id, table.c.activity, table.c.since, table.c.until)
        .where(table.c.campaign == campaign, table.c.until > since, table.c.since < until)
        .order_by(table.c.since, table.c.stretch_id)
    )
    for agent_id, activity, began, ended in found:
        yield AgentTime(
            agent_id=agent_id, campaign=campaign, activity=activity, since=max(began, since),
            until=min(ended, until),
        )  # fmt: skip
