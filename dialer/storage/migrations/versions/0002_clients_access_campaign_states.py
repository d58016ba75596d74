"""Campaign states, clients' do-not-call registers, users, tokens, and the log of changes.

Revision ID: 0002

What is there stays, but for one thing: "/" in a list's name now stands between a client and the list, so a list
whose name has one is renamed. "/" becomes "-", and where that name is taken, "-2", "-3"… follows; lists are taken
in the order in which they were made, so every copy of a database comes to the same names. The campaigns that dial
such a list have it renamed in their text too; the text as it was stays among their versions, where attempts made
under it find it.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WIDENED = (
    ("leads", "lead_id"),
    ("numbers", "lead_id"),
    ("campaign_leads", "lead_id"),
    ("attempts", "lead_id"),
    ("attempts", "attempt_id"),
    ("agent_times", "stretch_id"),
    ("campaigns", "order_seed"),
)
_LISTS_OF_A_TEXT = re.compile(r"^\s*lists\s*=\s*\[.*?\]", re.DOTALL | re.MULTILINE)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, column in _WIDENED:
            op.alter_column(table, column, type_=sa.BigInteger(), existing_nullable=False)
        op.execute("ALTER SEQUENCE agent_times_stretch_id_seq AS bigint")
    _rename_lists(op.get_bind())
    _campaigns()
    _registers()
    _access()


def _campaigns() -> None:
    op.add_column("campaigns", sa.Column("state", sa.Text(), nullable=False, server_default="draft"))
    op.add_column("campaigns", sa.Column("state_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("campaigns", sa.Column("state_at", sa.Float(), nullable=False, server_default=sa.text("0")))
    op.add_column("campaigns", sa.Column("leads", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("campaigns", sa.Column("ordered_to", _LONG, nullable=True))
    op.add_column("campaign_lists", sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("campaign_lists", sa.Column("walked_to", _LONG, nullable=False, server_default=sa.text("0")))
    op.create_table(
        "campaign_zone_groups",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone_group", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.campaign_id"],
            name=op.f("fk_campaign_zone_groups_campaign_id_campaigns"),
        ),
        sa.PrimaryKeyConstraint("campaign_id", "zone_group", name=op.f("pk_campaign_zone_groups")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "UPDATE campaigns SET state = 'ready', state_at = added_at, leads ="
        " (SELECT count(*) FROM campaign_leads WHERE campaign_leads.campaign_id = campaigns.campaign_id)"
    )
    # Until now a campaign had all leads of its lists placed at once.
    op.execute(
        "UPDATE campaign_lists SET walked_to ="
        " (SELECT coalesce(max(lead_id), 0) FROM leads WHERE leads.list_id = campaign_lists.list_id)"
    )
    op.execute(
        "INSERT INTO campaign_zone_groups (campaign_id, zone_group)"
        " SELECT DISTINCT campaign_leads.campaign_id, numbers.region || ':' || numbers.zones"
        " FROM campaign_leads JOIN numbers ON numbers.lead_id = campaign_leads.lead_id"
    )


def _registers() -> None:
    """The key of a table cannot be changed where it stands (SQLite): it is made anew and filled again."""
    op.execute("CREATE TABLE dnc_before AS SELECT number, source, blocked_at FROM dnc")
    op.drop_table("dnc")
    op.create_table(
        "dnc",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("blocked_at", sa.Float(), nullable=False),
        sa.Column("removed_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("number", "client", "source", "blocked_at", name=op.f("pk_dnc")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO dnc (number, client, source, blocked_at)"
        " SELECT number, '', source, blocked_at FROM dnc_before ORDER BY number, source"
    )
    op.drop_table("dnc_before")


def _access() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_users")),
    )
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=True),
        sa.Column("revoked_at", sa.Float(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_tokens")),
    )
    op.create_index("ix_tokens_user_name", "tokens", ["user_name"], unique=False)
    op.create_table(
        "changes",
        sa.Column("change_id", _LONG, nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_changed_at", "changes", ["changed_at"], unique=False)
    op.create_index("ix_changes_client_changed_at", "changes", ["client", "changed_at"], unique=False)


def _rename_lists(connection: sa.Connection) -> None:
    rows = connection.execute(sa.text("SELECT list_id, name FROM lists ORDER BY list_id")).all()
    taken = {str(row.name) for row in rows}
    for row in rows:
        if "/" not in row.name:
            continue
        name = _free_name(row.name.replace("/", "-"), taken)
        taken.add(name)
        connection.execute(
            sa.text("UPDATE lists SET name = :name WHERE list_id = :list_id"),
            {"name": name, "list_id": row.list_id},
        )
        connection.execute(
            sa.text("UPDATE attempts SET list_name = :name WHERE list_name = :before"),
            {"name": name, "before": row.name},
        )
        _rename_in_texts(connection, row.list_id, row.name, name)


def _free_name(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}-{count}"
    return name


def _rename_in_texts(connection: sa.Connection, list_id: int, before: str, after: str) -> None:
    dialing = connection.execute(
        sa.text(
            "SELECT campaigns.campaign_id, campaigns.body,"
            " (SELECT max(campaign_versions.added_at) FROM campaign_versions"
            "  WHERE campaign_versions.campaign_id = campaigns.campaign_id) AS added_at"
            " FROM campaigns JOIN campaign_lists ON campaign_lists.campaign_id = campaigns.campaign_id"
            " WHERE campaign_lists.list_id = :list_id"
        ),
        {"list_id": list_id},
    ).all()
    for campaign in dialing:
        body = _LISTS_OF_A_TEXT.sub(lambda found: _renamed(found, before, after), campaign.body, count=1)
        if body == campaign.body:
            continue
        values: dict[str, Any] = {
            "campaign_id": campaign.campaign_id,
            "body": body,
            "hash": sha256(body.encode()).hexdigest(),
            "added_at": campaign.added_at,
        }
        connection.execute(
            sa.text("UPDATE campaigns SET body = :body WHERE campaign_id = :campaign_id"),
            {"body": body, "campaign_id": campaign.campaign_id},
        )
        known = sa.text("SELECT 1 FROM campaign_versions WHERE campaign_id = :campaign_id AND hash = :hash")
        if connection.execute(known, values).first() is not None:
            continue
        connection.execute(
            sa.text(
                "INSERT INTO campaign_versions (campaign_id, hash, body, added_at)"
                " VALUES (:campaign_id, :hash, :body, :added_at)"
            ),
            values,
        )


def _renamed(found: re.Match[str], before: str, after: str) -> str:
    text = found.group()
    for quote in ('"', "'"):
        text = text.replace(f"{quote}{before}{quote}", f"{quote}{after}{quote}")
    return text
