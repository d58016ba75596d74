"""The chain of permits, and the text of every rule set that permits name. Attempts that are there stay outside.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    long = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for column in (
        sa.Column("chain_place", long, nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("link", sa.LargeBinary(), nullable=True),
    ):
        op.add_column("attempts", column)
    op.create_index("ix_attempts_chain_place", "attempts", ["chain_place"], unique=True)
    op.create_table(
        "rule_sets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Float(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "added_at", name="pk_rule_sets"),
    )
