"""Leasing the next leads of a campaign, and what is known of each, in a handful of statements.

Every statement here is answered from an index (`tests/integration/test_writer_plans.py` asks the planner):
one ordered scan per open zone group, merged, so that as many rows are read as leads are leased, of however many.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal_column, or_, select, update
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect

from campaigns.eligibility import PastAttempt
from campaigns.outcome import Outcome
from dialer.ports.store import Candidate, FetchLeads, LeadsLeased
from dialer.storage.dnc import blocked_among, dnc_version
from dialer.storage.places import (
    FINAL,
    HISTORY_S,
    LEASED,
    LIST_REMOVED,
    PROMOTED_AT_ONCE,
    PROMOTION_ROUNDS,
    READY,
    tries_from_json,
)
from dialer.storage.rows import LEAD_COLUMNS, lead_of, phones_of_leads
from dialer.storage.statement import Statement
from dialer.storage.tables import attempts, campaign_leads, campaign_lists, leads, lists
from lists.client import client_of

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
LISTS_OF = select(leads.c.lead_id, leads.c.list_id).where(leads.c.lead_id.in_(bindparam("ids", expanding=True)))
_LET_GO = (
    update(campaign_leads)
    .where(_HERE, campaign_leads.c.lead_id == bindparam("key"))
    .values(state=bindparam("new_state"), reason=bindparam("new_reason"))
)
LEADS_OF = (
    select(*LEAD_COLUMNS)
    .join_from(leads, lists, lists.c.list_id == leads.c.list_id)
    .where(leads.c.lead_id.in_(bindparam("ids", expanding=True)))
)
# The campaign is hidden from the planner (by + ""), who would otherwise go through all its attempts instead.
HISTORY = (
    select(
        attempts.c.number, attempts.c.campaign, func.coalesce(attempts.c.dialed_at, attempts.c.created_at),
        func.coalesce(attempts.c.outcome, Outcome.UNKNOWN.value), attempts.c.disposition, attempts.c.trunk,
        attempts.c.stage, attempts.c.charged,
    )
    .where(
        attempts.c.number.in_(bindparam("numbers", expanding=True)),
        attempts.c.counted,
        or_(attempts.c.created_at >= bindparam("since"), attempts.c.campaign + "" == bindparam("campaign")),
    )
    .order_by(attempts.c.created_at, attempts.c.attempt_id)
)  # fmt: skip


class LeaseStatements:
    """What leasing runs, compiled for the writer's dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.next_in_group = Statement(NEXT_IN_GROUP, dialect, ("campaign_id", "zone_group", "now", "n"))
        self.come_due = Statement(COME_DUE, dialect, ("campaign_id", "now", "n"))
        self.move_to = Statement(MOVE_TO, dialect, ("new_state", "campaign_id", "key"))
        self.lease = Statement(LEASE, dialect, ("campaign_id", "key"))
        self.next_due = Statement(NEXT_DUE, dialect, ("campaign_id", "n"))
        self.any_ready = Statement(ANY_READY, dialect, ("campaign_id", "n"))
        self.removed_lists = Statement(REMOVED_LISTS, dialect, ("campaign_id",))
        self.let_go = Statement(_LET_GO, dialect, ("new_state", "new_reason", "campaign_id", "key"))


def lease(
    connection: Connection, cursor: DBAPICursor, run: LeaseStatements, campaign_id: int, write: FetchLeads
) -> LeadsLeased:
    """Lease the next leads; see `FetchLeads`. More may have come due at once than is looked at in one go: then
    `next_due_at` is `now`, and asking again goes on."""
    groups = tuple(dict.fromkeys(write.zone_groups))
    run.removed_lists.run(cursor, campaign_id)
    removed = [row[0] for row in cursor.fetchall()]
    found: list[int] = []
    for _ in range(PROMOTION_ROUNDS):
        run.come_due.run(cursor, campaign_id, write.now, PROMOTED_AT_ONCE)
        due = [row[0] for row in cursor.fetchall()]
        run.move_to.run_many(cursor, [(READY, campaign_id, lead_id) for lead_id in due])
        found = _next_leads(connection, run, campaign_id, groups, write)
        let_go = _of_lists(connection, found, removed)
        run.let_go.run_many(cursor, [(FINAL, LIST_REMOVED, campaign_id, lead_id) for lead_id in sorted(let_go)])
        found = [lead_id for lead_id in found if lead_id not in let_go]
        if len(found) >= write.limit or (len(due) < PROMOTED_AT_ONCE and not let_go):
            break
    places = run.lease.fetch_each(cursor, [(campaign_id, lead_id) for lead_id in found])
    run.next_due.run(cursor, campaign_id, 1)
    first_due = cursor.fetchone()
    run.any_ready.run(cursor, campaign_id, 1)
    more_ready = cursor.fetchone() is not None
    return LeadsLeased(
        _candidates(connection, write, dict(zip(found, places, strict=True))),
        None if first_due is None else max(write.now, float(first_due[0])),
        more_ready,
    )


def _of_lists(connection: Connection, lead_ids: Sequence[int], list_ids: Sequence[int]) -> set[int]:
    """Leads whose list was taken out of the campaign are not dialed from that moment on, though `PlaceLeads` may
    not have come to them yet."""
    if not lead_ids or not list_ids:
        return set()
    rows = connection.execute(LISTS_OF, {"ids": lead_ids})
    return {lead_id for lead_id, list_id in rows if list_id in list_ids}


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


def _candidates(
    connection: Connection, write: FetchLeads, places: Mapping[int, Sequence[Any]]
) -> tuple[Candidate, ...]:
    """`places`: of the leads, in order, as `LEASE` returns them."""
    if not places:
        return ()
    lead_ids = tuple(places)
    rows = {row[0]: row for row in connection.execute(LEADS_OF, {"ids": lead_ids})}
    phones = phones_of_leads(connection, lead_ids)
    numbers = tuple(dict.fromkeys(phone.e164 for lead_id in lead_ids for phone in phones[lead_id]))
    history: dict[str, list[tuple[int, PastAttempt]]] = {}
    past = connection.execute(
        HISTORY, {"numbers": numbers, "since": write.now - HISTORY_S, "campaign": write.campaign}
    )
    for place, row in enumerate(past):
        history.setdefault(row[0], []).append((place, PastAttempt(*row)))
    blocked = blocked_among(connection, numbers, client_of(write.campaign))
    version = dnc_version(connection)
    candidates = []
    for lead_id, (phone_position, due_at, attempts_made, tries) in places.items():
        lead = lead_of(rows[lead_id], phones[lead_id])
        mine = tuple(dict.fromkeys(phone.e164 for phone in lead.phones))
        seen = sorted((entry for number in mine for entry in history.get(number, ())), key=itemgetter(0))
        candidates.append(
            Candidate(
                lead=lead,
                phone_position=phone_position,
                due_at=float(due_at),  # what SQLite RETURNs of a whole number is an integer
                attempts=attempts_made,
                tries=tries_from_json(tries),
                history=tuple(attempt for _, attempt in seen),
                dnc=tuple(number for number in mine if number in blocked),
                dnc_version=version,
            )
        )
    return tuple(candidates)
