"""How far a call got and whether it was charged to its lead, what it cost, and what was allowed to be dialed.

Revision ID: 0003

What caps count of attempts that are there follows from their records: answered, alerted, placed. One without a
record counts as answered. Whether it was charged follows from the outcome: not when the route was at fault.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COUNTED = ("created_at", "counted", "campaign", "stage", "charged")


def upgrade() -> None:
    for column in (
        sa.Column("stage", sa.Text(), nullable=False, server_default="answered"),
        sa.Column("charged", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("heard", sa.Text(), nullable=True),
        sa.Column("expected_cost_micro", sa.BigInteger(), nullable=True),
        sa.Column("cost_micro", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False, server_default=""),
    ):
        op.add_column("attempts", column)
    op.execute(
        "UPDATE attempts SET"
        " stage = CASE WHEN NOT counted THEN 'none' WHEN outcome = 'unknown' OR answered_at IS NOT NULL"
        " THEN 'answered' WHEN progress_at IS NOT NULL THEN 'alerted' ELSE 'placed' END,"
        " charged = outcome NOT IN ('congestion', 'timeout', 'trunk_fault')"
        " WHERE closed_at IS NOT NULL"
    )
    for whose in ("number", "lead_id"):
        op.drop_index(f"ix_attempts_{whose}_created_at", table_name="attempts")
        op.create_index(f"ix_attempts_{whose}_created_at", "attempts", [whose, *_COUNTED], unique=False)
    op.create_table(
        "walls",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_walls")),
    )
