"""More of leads and their numbers, with where each value comes from; what they were before an update.

Revision ID: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TEXTS = {
    "leads": ("address", "city", "postal_code", "language", "owner", "twin_key"),
    "numbers": ("use", "extension", "source", "as_of"),
}


def upgrade() -> None:
    for table, names in _TEXTS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("leads", sa.Column("rank", sa.Integer(), nullable=True))
    op.add_column("leads", sa.Column("origins", sa.Text(), nullable=False, server_default="[]"))
    there = sa.text("twin_key <> ''")
    op.create_index("ix_leads_twin_key", "leads", ["twin_key"], sqlite_where=there, postgresql_where=there)
    op.create_table(
        "lead_versions",
        sa.Column(
            "lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=False
        ),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_lead_versions_lead_id_leads")),
        sa.PrimaryKeyConstraint("lead_id", "until", name=op.f("pk_lead_versions")),
        sqlite_with_rowid=False,
    )
