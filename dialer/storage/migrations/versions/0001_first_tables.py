"""The first tables.

Revision ID: 0001
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_times",
        sa.Column("stretch_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("stretch_id", name=op.f("pk_agent_times")),
    )
    op.create_index("ix_agent_times_campaign_since", "agent_times", ["campaign", "since"], unique=False)
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("lead_order", sa.Text(), nullable=False),
        sa.Column("order_seed", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("name", name=op.f("uq_campaigns_name")),
    )
    op.create_table(
        "dnc",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("blocked_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("number", "source", name=op.f("pk_dnc")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "installation",
        sa.Column("installation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("dnc_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("installation_id", name=op.f("pk_installation")),
    )
    op.create_table(
        "lists",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_lists")),
        sa.UniqueConstraint("name", name=op.f("uq_lists_name")),
    )
    op.create_table(
        "campaign_versions",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.campaign_id"], name=op.f("fk_campaign_versions_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "hash", name=op.f("pk_campaign_versions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "campaign_lists",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("list_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.campaign_id"], name=op.f("fk_campaign_lists_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(["list_id"], ["lists.list_id"], name=op.f("fk_campaign_lists_list_id_lists")),
        sa.PrimaryKeyConstraint("campaign_id", "list_id", name=op.f("pk_campaign_lists")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_campaign_lists_list_id", "campaign_lists", ["list_id"], unique=False)
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.list_id"], name=op.f("fk_leads_list_id_lists")),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_leads")),
    )
    op.create_index("ix_leads_list_id_lead_id", "leads", ["list_id", "lead_id"], unique=False)
    op.create_index(
        "ix_leads_list_id_external_id",
        "leads",
        ["list_id", "external_id"],
        unique=False,
        sqlite_where=sa.text("external_id <> ''"),
        postgresql_where=sa.text("external_id <> ''"),
    )
    op.create_table(
        "attempts",
        sa.Column("attempt_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("trunk", sa.Text(), nullable=False),
        sa.Column("caller_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("attempt_no", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("permit", sa.Text(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("list_name", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("zones", sa.Text(), nullable=True),
        sa.Column("local_hour", sa.Integer(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("dialed_at", sa.Float(), nullable=True),
        sa.Column("progress_at", sa.Float(), nullable=True),
        sa.Column("answered_at", sa.Float(), nullable=True),
        sa.Column("assigned_at", sa.Float(), nullable=True),
        sa.Column("connected_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("sip_status", sa.Integer(), nullable=True),
        sa.Column("q850", sa.Integer(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=True),
        sa.Column("machine", sa.Boolean(), nullable=True),
        sa.Column("rpc", sa.Boolean(), nullable=True),
        sa.Column("abandoned", sa.Boolean(), nullable=True),
        sa.Column("hung_up_waiting", sa.Boolean(), nullable=True),
        sa.Column("queued", sa.Boolean(), nullable=True),
        sa.Column("talk_s", sa.Float(), nullable=True),
        sa.Column("hold_s", sa.Float(), nullable=True),
        sa.Column("wrapup_s", sa.Float(), nullable=True),
        sa.Column("answer_to_agent_s", sa.Float(), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=True),
        sa.Column("next_attempt_at", sa.Float(), nullable=True),
        sa.Column("rule_set", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_attempts_lead_id_leads")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("call_id", name=op.f("uq_attempts_call_id")),
    )
    op.create_index(
        "ix_attempts_campaign_created_at", "attempts", ["campaign", "created_at", "attempt_id"], unique=False
    )
    op.create_index(
        "ix_attempts_lead_id_created_at",
        "attempts",
        ["lead_id", "created_at", "counted", "campaign"],
        unique=False,
    )
    op.create_index(
        "ix_attempts_number_created_at", "attempts", ["number", "created_at", "counted", "campaign"], unique=False
    )
    op.create_index(
        "ix_attempts_open",
        "attempts",
        ["attempt_id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "campaign_leads",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lead_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("zone_group", sa.Text(), nullable=False),
        sa.Column("order_key", sa.BigInteger(), nullable=False),
        sa.Column("phone_position", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.campaign_id"], name=op.f("fk_campaign_leads_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_campaign_leads_lead_id_leads")),
        sa.PrimaryKeyConstraint("campaign_id", "lead_id", name=op.f("pk_campaign_leads")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_campaign_leads_attempted",
        "campaign_leads",
        ["campaign_id", "attempts"],
        unique=False,
        sqlite_where=sa.text("attempts > 0"),
        postgresql_where=sa.text("attempts > 0"),
    )
    op.create_index(
        "ix_campaign_leads_final",
        "campaign_leads",
        ["campaign_id", "state"],
        unique=False,
        sqlite_where=sa.text("state = 'final'"),
        postgresql_where=sa.text("state = 'final'"),
    )
    op.create_index(
        "ix_campaign_leads_leased",
        "campaign_leads",
        ["campaign_id", "state"],
        unique=False,
        sqlite_where=sa.text("state = 'leased'"),
        postgresql_where=sa.text("state = 'leased'"),
    )
    op.create_index(
        "ix_campaign_leads_ready",
        "campaign_leads",
        ["campaign_id", "state", "zone_group", "order_key", "lead_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(
        "ix_campaign_leads_waiting",
        "campaign_leads",
        ["campaign_id", "state", "due_at", "order_key", "lead_id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "numbers",
        sa.Column("lead_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("e164", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("zones", sa.Text(), nullable=False),
        sa.Column("zone_source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_numbers_lead_id_leads")),
        sa.PrimaryKeyConstraint("lead_id", "position", name=op.f("pk_numbers")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_numbers_e164_lead_id", "numbers", ["e164", "lead_id"], unique=False)
    key = sa.table("installation", sa.column("installation_id"), sa.column("key"), sa.column("dnc_version"))
    op.execute(key.insert().values(installation_id=1, key=secrets.token_bytes(32), dnc_version=0))
