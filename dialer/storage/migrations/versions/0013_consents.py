"""A register of consents to be called.

Revision ID: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "installation", sa.Column("consent_version", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.create_table(
        "consents",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("number", "client", "kind", "purpose")),
        sa.Column("given_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.Float()),
        sa.PrimaryKeyConstraint("number", "client", "kind", "purpose", "given_at", name="pk_consents"),
        sqlite_with_rowid=False,
    )
