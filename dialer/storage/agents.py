"""Agents' time, appended as it passes and read clipped to a period."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.engine.interfaces import Dialect

from campaigns.record import LONGEST_STRETCH_S, AgentTime
from dialer.storage.rows import streamed
from dialer.storage.statement import Statement
from dialer.storage.tables import agent_times

ROUNDING_S = 1.0
"""Sums of moments are not exact to the last bit."""

_TIME = agent_times.c
_STRETCH = ("agent_id", "campaign", "activity", "since", "until")

stretch_row = attrgetter(*_STRETCH)
"""Values for `append_statement`."""


def append_statement(dialect: Dialect) -> Statement:
    """Appends one stretch of an agent's time."""
    row = insert(agent_times).values({name: bindparam(name) for name in _STRETCH})
    return Statement(row.inline(), dialect, _STRETCH)  # nobody asks for the key that the database gave it


WITHIN = (
    select(_TIME.agent_id, _TIME.activity, _TIME.since, _TIME.until)
    .where(
        _TIME.campaign == bindparam("campaign"),
        _TIME.since > bindparam("earliest"),
        _TIME.since < bindparam("end"),
        _TIME.until > bindparam("begin"),
    )
    .order_by(_TIME.since, _TIME.stretch_id)
)
"""`earliest`: `LONGEST_STRETCH_S` before `begin`. A stretch that begins there ends where the period begins."""


def within(connection: Connection, campaign: str, since: float, until: float) -> Iterator[AgentTime]:
    """What of the campaign's stretches falls into [since, until), by beginning, cut off at both ends."""
    earliest = since - LONGEST_STRETCH_S - ROUNDING_S
    query = WITHIN.params(campaign=campaign, earliest=earliest, begin=since, end=until)
    with streamed(connection, query) as found:
        for agent_id, activity, began, ended in found:
            yield AgentTime(
                agent_id=agent_id, campaign=campaign, activity=activity, since=max(began, since),
                until=min(ended, until),
            )  # fmt: skip
