"""Lists may have a last day, after which none of their leads is dialed.

Revision ID: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lists from before have none."""
    op.add_column("lists", sa.Column("expires_on", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "list_expiries",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.Float(), nullable=False),
        sa.Column("expires_on", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.list_id"], name=op.f("fk_list_expiries_list_id_lists")),
        sa.PrimaryKeyConstraint("list_id", "said_at", name=op.f("pk_list_expiries")),
        sqlite_with_rowid=False,
    )
