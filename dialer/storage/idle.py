"""Leads about which nothing has happened for long."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, exists, literal_column, select

from dialer.ports.store import OPEN
from dialer.storage.tables import attempts, callbacks, consents, leads, lists, numbers


def idle_leads(
    connection: Connection,
    list_names: Sequence[str],
    added_before: float,
    called_before: float,
    after: int,
    limit: int,
    among: Collection[int] | None,
) -> list[int]:
    """See `Reader.idle_leads`. By the key of leads, each looked up among the attempts: read by portions."""
    lead = leads.c
    of_lists = select(lists.c.list_id).where(lists.c.name.in_(list_names))
    query = (
        select(lead.lead_id)
        .where(
            lead.lead_id > after,
            lead.added_at < added_before,
            lead.list_id.in_(of_lists),
            ~exists().where(attempts.c.lead_id == lead.lead_id, attempts.c.created_at >= called_before),
            ~exists().where(callbacks.c.lead_id == lead.lead_id, callbacks.c.state == literal_column(f"'{OPEN}'")),
            ~exists().where(
                numbers.c.lead_id == lead.lead_id,
                consents.c.number == numbers.c.e164,
                consents.c.given_at >= added_before,
                consents.c.withdrawn_at.is_(None),
            ),
            exists().where(numbers.c.lead_id == lead.lead_id, numbers.c.e164 != literal_column("''")),
        )
        .order_by(lead.lead_id)
        .limit(limit)
    )
    if among is not None:
        query = query.where(lead.lead_id.in_(among))
    return list(connection.execute(query).scalars())
