"""Do-not-call registers by purpose: what is there refuses calls for all of them.

Revision ID: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The key of a table cannot be changed where it stands (SQLite): it is made anew and filled again."""
    op.execute("CREATE TABLE dnc_before AS SELECT number, client, source, blocked_at, removed_at FROM dnc")
    op.drop_table("dnc")
    op.create_table(
        "dnc",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("number", "client", "purpose", "source")),
        sa.Column("blocked_at", sa.Float(), nullable=False),
        sa.Column("removed_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("number", "client", "purpose", "source", "blocked_at", name=op.f("pk_dnc")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO dnc (number, client, purpose, source, blocked_at, removed_at)"
        " SELECT number, client, '', source, blocked_at, removed_at FROM dnc_before"
        " ORDER BY number, client, source, blocked_at"
    )
    op.drop_table("dnc_before")
