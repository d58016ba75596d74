"""Where leads live: the rules of those places hold for calls to them.

Revision ID: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("country", "region"):
        op.add_column("leads", sa.Column(name, sa.Text(), nullable=False, server_default=""))
