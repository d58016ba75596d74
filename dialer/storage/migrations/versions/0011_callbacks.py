"""Callbacks: what was promised, to whom, and what became of it.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


_Long = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "callbacks",
        sa.Column("promised_in", _Long, autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", _Long, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("number", "wall", "zone")),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("due_at", "made_at")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("made_by", "agent_id", "consent", "state")),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("attempt_id", _Long, nullable=True),
        sa.Column("dialed_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.campaign_id"], name=op.f("fk_callbacks_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_callbacks_lead_id_leads")),
        sa.PrimaryKeyConstraint("promised_in", name=op.f("pk_callbacks")),
    )
    op.create_index("ix_callbacks_campaign_id_due_at", "callbacks", ["campaign_id", "due_at"])
    places = ["campaign_id", "state", "due_at", "lead_id"]
    for name, table, columns, state in (
        ("ix_callbacks_open", "callbacks", ["campaign_id", "lead_id"], "open"),
        ("ix_campaign_leads_promised", "campaign_leads", places, "promised"),
    ):
        where = sa.text(f"state = '{state}'")
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    op.add_column("attempts", sa.Column("callback_at", sa.Float(), nullable=True))
