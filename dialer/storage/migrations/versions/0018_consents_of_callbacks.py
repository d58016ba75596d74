"""Consents that were put down with callbacks stand on the register of consents.

Revision ID: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A client is what its campaigns are called before the slash. No entry of this kind was there before."""
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT promised_in, campaigns.name, callbacks.number, wall, zone, made_at, made_by, consent, purpose"
            " FROM callbacks JOIN campaigns ON campaigns.campaign_id = callbacks.campaign_id"
            " LEFT JOIN attempts ON attempts.attempt_id = callbacks.promised_in"
            " WHERE consent <> '' ORDER BY promised_in"
        )
    )
    rows = {}
    for promised_in, campaign, number, wall, zone, made_at, made_by, consent, purpose in found:
        key = {
            "number": number,
            "client": campaign.rpartition("/")[0],
            "kind": "callback",
            "purpose": purpose or "",
            "given_at": made_at,
        }
        said = {
            "source": f"agent {made_by}, attempt {promised_in}",
            "evidence": f"{wall} {zone}: {consent}",
        }
        rows[tuple(key.values())] = key | said
    if rows:
        insert = (
            "INSERT INTO consents (number, client, kind, purpose, given_at, source, evidence)"
            " VALUES (:number, :client, :kind, :purpose, :given_at, :source, :evidence)"
        )
        connection.execute(sa.text(insert), list(rows.values()))
