"""What was heard, measured and recorded of an attempt's audio. Of attempts that are there nobody knows it.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("amd_policy", sa.Text(), nullable=False, server_default=""),
        sa.Column("amd_verdict", sa.Text(), nullable=True),
        sa.Column("amd_cause", sa.Text(), nullable=True),
        sa.Column("amd_at_s", sa.Float(), nullable=True),
        sa.Column("rtp_received", sa.Integer(), nullable=True),
        sa.Column("rtp_lost", sa.Integer(), nullable=True),
        sa.Column("rtp_sent", sa.Integer(), nullable=True),
        sa.Column("rtp_jitter_ms", sa.Float(), nullable=True),
        sa.Column("rtp_far_lost", sa.Integer(), nullable=True),
        sa.Column("rtp_far_jitter_ms", sa.Float(), nullable=True),
        sa.Column("rtp_round_trip_ms", sa.Float(), nullable=True),
        sa.Column("recording", sa.Text(), nullable=True),
        sa.Column("recording_rule", sa.Text(), nullable=False, server_default=""),
    ):
        op.add_column("attempts", column)
