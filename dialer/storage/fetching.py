"""Leasing the next leads of a campaign, in a handful of statements.

Every statement here is answered from an index (`tests/integration/test_writer_plans.py` asks the planner):
one ordered scan per open zone group, merged, so that as many rows are read as leads are leased, of however many.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy import Connection, bindparam, literal_column, select, update
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect

from dialer.ports.store import FetchLeads, LeadsLeased
from dialer.storage.candidates import CandidateStatements, candidates_of
from dialer.storage.places import (
    FINAL,
    LEASED,
    LIST_REMOVED,
    PROMOTED_AT_ONCE,
    PROMOTION_ROUNDS,
    READY,
)
from dialer.storage.statement import Statement, among
from dialer.storage.tables import campaign_leads, campaign_lists, leads

# The states are written into the SQL: the planner takes a partial index only for a condition it can see.
_IS_READY = campaign_leads.c.state == literal_column("'ready'")
_IS_WAITING = campaign_leads.c.state == literal_column("'waiting'")
_HERE = campaign_leads.c.campaign_id == bindparam("campaign_id")

NEXT_IN_GROUP = (
    select(campaign_leads.c.order_key, campaign_leads.c.lead_id)
    .where(
        _HERE,
        _IS_READY,
        campaign_leads.c.zone_group == bindparam("zone_group"),
        campaign_leads.c.due_at <= bindparam("now"),
    )
    .order_by(campaign_leads.c.order_key, campaign_leads.c.lead_id)
    .limit(bindparam("n"))
)
COME_DUE = (
    select(campaign_leads.c.lead_id)
    .where(_HERE, _IS_WAITING, campaign_leads.c.due_at <= bindparam("now"))
    .order_by(campaign_leads.c.due_at, campaign_leads.c.order_key, campaign_leads.c.lead_id)
    .limit(bindparam("n"))
)
MOVE_TO = (
    update(campaign_leads)
    .where(_HERE, campaign_leads.c.lead_id == bindparam("key"))
    .values(state=bindparam("new_state"))
)
# Each place by its whole key: for a crowd of leads of one campaign a planner that knows nothing of the table yet
# would rather walk all of the campaign's.
LEASE = (
    update(campaign_leads)
    .where(_HERE, campaign_leads.c.lead_id == bindparam("key"))
    .values(state=literal_column(f"'{LEASED}'"))
    .returning(
        campaign_leads.c.phone_position, campaign_leads.c.due_at, campaign_leads.c.attempts,
        campaign_leads.c.tries,
    )
)  # fmt: skip
NEXT_DUE = (
    select(campaign_leads.c.due_at)
    .where(_HERE, _IS_WAITING)
    .order_by(campaign_leads.c.due_at)
    .limit(bindparam("n"))
)
ANY_READY = select(campaign_leads.c.lead_id).where(_HERE, _IS_READY).limit(bindparam("n"))
REMOVED_LISTS = select(campaign_lists.c.list_id).where(
    campaign_lists.c.campaign_id == bindparam("campaign_id"), campaign_lists.c.removed
)
_LET_GO = (
    update(campaign_leads)
    .where(_HERE, campaign_leads.c.lead_id == bindparam("key"))
    .values(state=bindparam("new_state"), reason=bindparam("new_reason"))
)


class LeaseStatements:
    """What leasing runs, compiled for the writer's dialect."""

    def __init__(self, dialect: Dialect) -> None:
        lists_of = select(leads.c.lead_id, leads.c.list_id).where(among(leads.c.lead_id, "ids", dialect))
        self.next_in_group = Statement(NEXT_IN_GROUP, dialect, ("campaign_id", "zone_group", "now", "n"))
        self.come_due = Statement(COME_DUE, dialect, ("campaign_id", "now", "n"))
        self.move_to = Statement(MOVE_TO, dialect, ("new_state", "campaign_id", "key"))
        self.lease = Statement(LEASE, dialect, ("campaign_id", "key"))
        self.lists_of = Statement(lists_of, dialect, ("ids",))
        self.next_due = Statement(NEXT_DUE, dialect, ("campaign_id", "n"))
        self.any_ready = Statement(ANY_READY, dialect, ("campaign_id", "n"))
        self.removed_lists = Statement(REMOVED_LISTS, dialect, ("campaign_id",))
        self.let_go = Statement(_LET_GO, dialect, ("new_state", "new_reason", "campaign_id", "key"))
        self.candidates = CandidateStatements(dialect)


def lease(
    connection: Connection, cursor: DBAPICursor, run: LeaseStatements, campaign_id: int, write: FetchLeads
) -> LeadsLeased:
    """Lease the next leads; see `FetchLeads`. More may have come due at once than is looked at in one go: then
    `next_due_at` is `now`, and asking again goes on."""
    groups = tuple(dict.fromkeys(write.zone_groups))
    removed = [row[0] for row in run.removed_lists.rows(cursor, campaign_id)]
    found: list[int] = []
    for _ in range(PROMOTION_ROUNDS):
        due = [row[0] for row in run.come_due.rows(cursor, campaign_id, write.now, PROMOTED_AT_ONCE)]
        if due:
            run.move_to.run_many(cursor, [(READY, campaign_id, lead_id) for lead_id in due])
        found = _next_leads(connection, run, campaign_id, groups, write)
        let_go = _of_lists(cursor, run, found, removed)
        if let_go:
            run.let_go.run_many(
                cursor, [(FINAL, LIST_REMOVED, campaign_id, lead_id) for lead_id in sorted(let_go)]
            )
        found = [lead_id for lead_id in found if lead_id not in let_go]
        if len(found) >= write.limit or (len(due) < PROMOTED_AT_ONCE and not let_go):
            break
    places = run.lease.fetch_each(cursor, [(campaign_id, lead_id) for lead_id in found])
    first_due = run.next_due.rows(cursor, campaign_id, 1)
    return LeadsLeased(
        candidates_of(cursor, run.candidates, write, dict(zip(found, places, strict=True))),
        max(write.now, float(first_due[0][0])) if first_due else None,
        more_ready=bool(run.any_ready.rows(cursor, campaign_id, 1)),
    )


def _of_lists(
    cursor: DBAPICursor, run: LeaseStatements, lead_ids: Sequence[int], list_ids: Sequence[int]
) -> set[int]:
    """Leads whose list was taken out of the campaign are not dialed from that moment on, though `PlaceLeads` may
    not have come to them yet."""
    if not lead_ids or not list_ids:
        return set()
    return {lead_id for lead_id, list_id in run.lists_of.rows(cursor, lead_ids) if list_id in list_ids}


def _next_leads(
    connection: Connection, run: LeaseStatements, campaign_id: int, groups: Sequence[str], write: FetchLeads
) -> list[int]:
    """The first `limit` of all groups' ordered scans, each read only as far as it is needed."""
    cursors = [connection.connection.cursor() for _ in groups]
    try:
        for cursor, group in zip(cursors, groups, strict=True):
            run.next_in_group.run(cursor, campaign_id, group, write.now, write.limit)
        merged = heapq.merge(*(_rows(cursor) for cursor in cursors))
        return [lead_id for _, lead_id in islice(merged, max(0, write.limit))]
    finally:
        for cursor in cursors:
            cursor.close()


def _rows(cursor: DBAPICursor) -> Iterator[tuple[int, int]]:
    while (row := cursor.fetchone()) is not None:
        yield row[0], row[1]
