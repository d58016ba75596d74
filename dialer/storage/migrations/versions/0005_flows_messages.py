"""What call flows and the message of the abandoned came to.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("to_agents_at", "message_after_s", "message_after_beep_s", "opted_out_at"):
        op.add_column("attempts", sa.Column(name, sa.Float(), nullable=True))
    for name in ("message", "message_end", "flow_step", "flow_end", "answers"):
        op.add_column("attempts", sa.Column(name, sa.Text(), nullable=False, server_default=""))
