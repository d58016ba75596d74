"""Who is called, about which debt and for what, and whom each call has reached: caps and cool-offs go by it.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COUNTED_BY = ["counted", "campaign", "stage", "charged", "contact", "ended_at", "purpose"]

_attempts = sa.table(
    "attempts",
    *(sa.column(name) for name in ("closed_at", "outcome", "disposition", "opted_out_at", "contact")),
    sa.column("abandoned", sa.Boolean()),
    sa.column("rpc", sa.Boolean()),
)


def upgrade() -> None:
    for table, names in (("leads", ("person_key", "debt_id")), ("attempts", ("person", "debt", "purpose"))):
        for name in names:
            op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("attempts", sa.Column("contact", sa.Text(), nullable=False, server_default="unknown"))
    of = _attempts.c
    # As far as a record of then tells: of dispositions only the codes that come with the product are known.
    contact = sa.case(
        (of.closed_at.is_(None), "open"),
        (of.outcome == "unknown", "unknown"),
        (sa.or_(of.opted_out_at.is_not(None), of.disposition.in_(("dnc", "not_interested"))), "refusal"),
        (of.outcome == "unwanted", "refusal"),
        (sa.and_(of.outcome == "connected", sa.or_(of.rpc, of.disposition == "none")), "conversation"),
        (of.abandoned, "abandoned"),
        (of.outcome.in_(("answering_machine", "message_left")), "machine"),
        else_="none",
    )
    op.execute(sa.update(_attempts).values(contact=contact))
    for whom in ("number", "lead_id"):
        op.drop_index(f"ix_attempts_{whom}_created_at", "attempts")
        op.create_index(f"ix_attempts_{whom}_created_at", "attempts", [whom, "created_at", *_COUNTED_BY])
    for name, table, columns in (
        ("person_key", "leads", ["person_key"]),
        ("person", "attempts", ["person", "created_at", *_COUNTED_BY]),
        ("debt", "attempts", ["debt", "created_at", *_COUNTED_BY]),
    ):
        there = sa.text(f"{name} <> ''")
        index = "ix_leads_person_key" if table == "leads" else f"ix_attempts_{name}_created_at"
        op.create_index(index, table, columns, sqlite_where=there, postgresql_where=there)
