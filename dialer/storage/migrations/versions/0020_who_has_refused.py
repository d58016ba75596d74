"""Who has refused as a person, so that numbers of theirs that come later are not called either.

Revision ID: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Refusals from before are known of numbers alone."""
    key = ("person", "client", "purpose", "source")
    op.create_table(
        "dnc_persons",
        *(sa.Column(name, sa.Text(), nullable=False) for name in key),
        sa.Column("blocked_at", sa.Float(), nullable=False),
        sa.Column("removed_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint(*key, "blocked_at", name=op.f("pk_dnc_persons")),
        sqlite_with_rowid=False,
    )
