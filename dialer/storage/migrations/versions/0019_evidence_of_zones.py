"""What every source says of a number's zones; of numbers that are there, nothing but what decided is known.

Revision ID: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("numbers", sa.Column("zone_evidence", sa.Text(), nullable=False, server_default=""))
