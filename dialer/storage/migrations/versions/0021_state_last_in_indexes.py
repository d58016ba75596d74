"""The next leads are found by what is asked for on PostgreSQL too, which walked through all of a campaign.

Revision ID: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_COLUMNS = {
    "ready": ("zone_group", "order_key", "lead_id", "due_at"),
    "waiting": ("due_at", "order_key", "lead_id"),
    "promised": ("due_at", "lead_id"),
}


def upgrade() -> None:
    """A million places take some seconds."""
    for state, columns in _COLUMNS.items():
        name, where = f"ix_campaign_leads_{state}", sa.text(f"state = '{state}'")
        op.drop_index(name, "campaign_leads")
        op.create_index(
            name, "campaign_leads", ["campaign_id", *columns, "state"], sqlite_where=where, postgresql_where=where
        )
