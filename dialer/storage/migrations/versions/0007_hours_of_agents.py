"""Agents' time in stretches of at most an hour, so that a period's are found without reading all earlier ones.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

LONGEST_S = 3_600.0

_times = sa.table(
    "agent_times",
    *(sa.column(name) for name in ("stretch_id", "agent_id", "campaign", "activity", "since", "until")),
)


def upgrade() -> None:
    connection = op.get_bind()
    longer = _times.c.until - _times.c.since > LONGEST_S
    for stretch in connection.execute(sa.select(_times).where(longer)).mappings().all():
        since = stretch["since"]
        pieces = []
        while stretch["until"] - since > LONGEST_S:
            since += LONGEST_S
            pieces.append({"since": since, "until": min(stretch["until"], since + LONGEST_S)})
        of = {name: stretch[name] for name in ("agent_id", "campaign", "activity")}
        connection.execute(sa.insert(_times), [of | piece for piece in pieces])
        first = sa.update(_times).where(_times.c.stretch_id == stretch["stretch_id"])
        connection.execute(first.values(until=stretch["since"] + LONGEST_S))
