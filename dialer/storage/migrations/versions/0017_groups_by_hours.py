"""Zone groups by whatever the hours of a campaign depend on: its leads are put in theirs at the next start.

Revision ID: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adding columns touches no row. Whoever may live in another country than that of their number lay with those
    who do not."""
    op.add_column("campaigns", sa.Column("grouping", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "campaigns", sa.Column("grouped_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
    )
    op.add_column(
        "campaign_zone_groups", sa.Column("outdated", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute("UPDATE campaigns SET grouped_to = 0")
    op.execute("UPDATE campaign_zone_groups SET outdated = true")
