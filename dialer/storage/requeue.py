"""Leads that are final taken up again: what came of them is forgotten, what was dialed is not."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, literal_column, select, update

from dialer.ports.store import LeadsPlaced, RequeueLeads
from dialer.storage.places import REQUEUED, WAITING, pairs_to_json, tries_from_json, tries_kept
from dialer.storage.tables import campaign_leads, campaigns

_PLACE = campaign_leads
IS_FINAL = _PLACE.c.state == literal_column("'final'")
CLOSED_LEADS = (
    select(_PLACE.c.lead_id)
    .join_from(_PLACE, campaigns, campaigns.c.campaign_id == _PLACE.c.campaign_id)
    .where(
        campaigns.c.name == bindparam("campaign"),
        IS_FINAL,
        _PLACE.c.reason.in_(bindparam("reasons", expanding=True)),
    )
    .order_by(_PLACE.c.lead_id)
)


def requeue(connection: Connection, campaign_id: int, write: RequeueLeads) -> LeadsPlaced:
    """See `RequeueLeads`."""
    here = _PLACE.c.campaign_id == campaign_id
    found = connection.execute(
        select(_PLACE.c.lead_id, _PLACE.c.zone_group, _PLACE.c.tries).where(
            here, IS_FINAL, _PLACE.c.lead_id.in_(write.lead_ids)
        )
    ).all()
    if found:
        connection.execute(
            update(_PLACE)
            .where(here, _PLACE.c.lead_id == bindparam("key"))
            .values(state=WAITING, due_at=write.now, reason=REQUEUED, tries=bindparam("new_tries")),
            [{"key": row.lead_id, "new_tries": _kept(row.tries, write.keep)} for row in found],
        )
    return LeadsPlaced(len(found), False, tuple(sorted({row.zone_group for row in found})))


def _kept(tries: str, keep: Collection[str] | None) -> str:
    if keep is None:
        return tries
    return pairs_to_json(tries_kept(tries_from_json(tries), keep))
