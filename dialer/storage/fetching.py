"""Leasing the next leads of a campaign, in a handful of statements that a server is sent in as few goes as can be.

Every statement here is answered from an index (`tests/integration/test_writer_plans.py` asks the planner):
one ordered scan per open zone group, merged, so that as many rows are read as leads are leased, of however many.
Of many groups only those are scanned whose next leads come first: a scan costs ten times a look at its first row.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect
from sqlalchemy.sql.expression import ColumnElement

from campaigns.zone_group import Grouping, finest_group
from dialer.ports.store import FetchLeads, LeadsLeased
from dialer.storage.callbacks import CallbackStatements, open_callbacks
from dialer.storage.candidates import CandidateStatements, Facts, ask, candidates_of, facts_of
from dialer.storage.caps import CapKey
from dialer.storage.places import (
    FINAL,
    LEASED,
    LIST_REMOVED,
    LOOKED_AT_ASIDE,
    PROMOTED_AT_ONCE,
    PROMOTION_ROUNDS,
    READY,
)
from dialer.storage.rows import GROUP_COLUMNS
from dialer.storage.statement import Asked, Statement, among, among_found, each, in_one_go
from dialer.storage.tables import campaign_leads, campaign_lists, leads, lists, numbers

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
NEXT_BEHIND = NEXT_IN_GROUP.where(
    tuple_(campaign_leads.c.order_key, campaign_leads.c.lead_id)
    > tuple_(bindparam("after_key", type_=BigInteger), bindparam("after_lead", type_=BigInteger))
)
COME_DUE = (
    select(campaign_leads.c.lead_id)
    .where(_HERE, _IS_WAITING, campaign_leads.c.due_at <= bindparam("now"))
    .order_by(campaign_leads.c.due_at, campaign_leads.c.order_key, campaign_leads.c.lead_id)
    .limit(bindparam("n"))
)
PROMISED_NEXT = (
    select(campaign_leads.c.lead_id, campaign_leads.c.due_at)
    .where(_HERE, campaign_leads.c.state == literal_column("'promised'"))
    .order_by(campaign_leads.c.due_at, campaign_leads.c.lead_id)
    .limit(bindparam("n"))
)
NEXT_DUE = (
    select(campaign_leads.c.due_at)
    .where(_HERE, _IS_WAITING)
    .order_by(campaign_leads.c.due_at)
    .limit(bindparam("n"))
)
SCANNED_AT_ONCE = 2
"""Groups per lead that is asked for: so many are scanned without a look at which of them come first."""
LEAST_OF_GROUP = 8
"""Of each group at least so many leads are asked for at once."""
ANY_READY = select(campaign_leads.c.lead_id).where(_HERE, _IS_READY).limit(bindparam("n"))
REMOVED_LISTS = select(campaign_lists.c.list_id).where(
    campaign_lists.c.campaign_id == bindparam("campaign_id"), campaign_lists.c.removed
)


class LeaseStatements:
    """What leasing runs, compiled for the writer's dialect."""

    def __init__(self, dialect: Dialect) -> None:
        lists_of = select(leads.c.lead_id, leads.c.list_id).where(among(leads.c.lead_id, "ids", dialect))
        these = update(campaign_leads).where(_by_key(dialect))
        promote = these.values(state=literal_column(f"'{READY}'"))
        lease = these.values(state=literal_column(f"'{LEASED}'")).returning(
            campaign_leads.c.lead_id, campaign_leads.c.phone_position, campaign_leads.c.due_at,
            campaign_leads.c.attempts, campaign_leads.c.tries,
        )  # fmt: skip
        # Hidden from the planner (by + ""), who would rather go through all that are ready.
        lease_ready = lease.where(campaign_leads.c.state + "" == literal_column(f"'{READY}'"))
        let_go = these.values(state=literal_column(f"'{FINAL}'"), reason=literal_column(f"'{LIST_REMOVED}'"))
        self.next_in_group = Statement(NEXT_IN_GROUP, dialect, ("campaign_id", "zone_group", "now", "n"))
        numbers_of = (
            select(*GROUP_COLUMNS)
            .join_from(leads, numbers, numbers.c.lead_id == leads.c.lead_id)
            .join(lists, lists.c.list_id == leads.c.list_id)
            .where(among(leads.c.lead_id, "ids", dialect))
        )
        self.first_groups = Statement(_first_groups(dialect), dialect, ("campaign_id", "zone_groups", "now", "n"))
        self.next_behind = Statement(
            NEXT_BEHIND, dialect, ("campaign_id", "zone_group", "now", "after_key", "after_lead", "n")
        )
        self.numbers_of = Statement(numbers_of, dialect, ("ids",))
        self.come_due = Statement(COME_DUE, dialect, ("campaign_id", "now", "n"))
        self.promote = Statement(promote, dialect, ("campaign_id", "ids"))
        self.lease = Statement(lease, dialect, ("campaign_id", "ids"))
        self.lease_ready = Statement(lease_ready, dialect, ("campaign_id", "ids"))
        self.lists_of = Statement(lists_of, dialect, ("ids",))
        self.next_due = Statement(NEXT_DUE, dialect, ("campaign_id", "n"))
        self.any_ready = Statement(ANY_READY, dialect, ("campaign_id", "n"))
        self.removed_lists = Statement(REMOVED_LISTS, dialect, ("campaign_id",))
        self.let_go = Statement(let_go, dialect, ("campaign_id", "ids"))
        self.promised_next = Statement(PROMISED_NEXT, dialect, ("campaign_id", "n"))
        self.callbacks = CallbackStatements(dialect)
        self.candidates = CandidateStatements(dialect)


def _first_groups(dialect: Dialect) -> Select[Any]:
    """Of these groups those whose next leads come first, in that order; those that have none behind them."""
    wanted = each("zone_groups", Text(), dialect)
    first = (
        select(campaign_leads.c.order_key)
        .where(
            _HERE,
            _IS_READY,
            campaign_leads.c.zone_group == wanted.c.value,
            campaign_leads.c.due_at <= bindparam("now"),
        )
        .order_by(campaign_leads.c.order_key, campaign_leads.c.lead_id)
        .limit(literal_column("1"))
        .correlate(wanted)
        .scalar_subquery()
        .label("first")
    )
    return select(wanted.c.value, first).order_by(first.nulls_last()).limit(bindparam("n"))


def _by_key(dialect: Dialect) -> ColumnElement[bool]:
    """The places of leads `ids` in a campaign, each by its whole key. PostgreSQL has to be told so: of a table
    that it knows nothing of, or that was small when it looked, it would rather read all of the campaign's."""
    if dialect.name != "postgresql":
        return and_(_HERE, among(campaign_leads.c.lead_id, "ids", dialect))
    wanted = (
        func.unnest(bindparam("ids", type_=ARRAY(BigInteger)))
        .table_valued("lead_id", name="wanted")
        .render_derived()
    )
    place = campaign_leads.alias("place")
    found = (
        select(literal_column("place.ctid").label("at"))
        .select_from(place)
        .where(place.c.campaign_id == bindparam("campaign_id"), place.c.lead_id == wanted.c.lead_id)
        .limit(literal_column("1"))
        .lateral("found")
    )
    rows: Select[Any] = select(literal_column("found.at")).select_from(wanted.join(found, true()))
    return among_found(literal_column("campaign_leads.ctid"), rows, dialect)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The leads that a fetch is going to lease, and what is known of each: as long as nothing of it is changed."""

    write: FetchLeads
    facts: Mapping[int, Facts]
    keys: frozenset[CapKey]
    """On what attempts count that would change what is known."""


def foresee(cursor: DBAPICursor, run: LeaseStatements, campaign_id: int, write: FetchLeads) -> Foreseen | None:
    """Look without changing anything. None unless it is the usual case: enough leads are in line, and neither one
    has come due nor a callback, nor is one of a list that was taken out."""
    removed, promised, due = _look(cursor, run, campaign_id, write, ())
    called_back = bool(promised) and promised[0][1] <= write.now
    if due or called_back or write.aside is not None:
        return None
    found = _next(cursor, run, campaign_id, write)
    if not found or len(found) < write.limit or _of_lists(cursor, run, found, removed):
        return None
    with in_one_go(cursor) as another:
        known = ask(another, run.candidates, write, found)
    facts = facts_of(cursor, run.candidates, write, known, found)
    return Foreseen(write, facts, frozenset(key for one in facts.values() for key in one.counted_on()))


def lease_foreseen(
    cursor: DBAPICursor, run: LeaseStatements, campaign_id: int, foreseen: Foreseen, beginning: Sequence[Asked]
) -> LeadsLeased:
    """Lease those that were foreseen and are ready still."""
    now = foreseen.write.now
    with in_one_go(cursor) as another:
        for asked in beginning:
            another().execute(*asked)
        leased, next_due, any_ready, promised = another(), another(), another(), another()
        run.lease_ready.run(leased, campaign_id, list(foreseen.facts))
        run.next_due.run(next_due, campaign_id, 1)
        run.any_ready.run(any_ready, campaign_id, 1)
        run.promised_next.run(promised, campaign_id, 1)
    places = {row[0]: row[1:] for row in leased.fetchall()}
    due, callback = next_due.fetchall(), promised.fetchall()
    return LeadsLeased(
        candidates_of(
            foreseen.facts, {lead_id: places[lead_id] for lead_id in foreseen.facts if lead_id in places}, {}
        ),
        max(now, float(due[0][0])) if due else None,
        more_ready=bool(any_ready.fetchall()),
        next_callback_at=max(now, float(callback[0][1])) if callback else None,
    )


def lease(
    cursor: DBAPICursor,
    run: LeaseStatements,
    campaign_id: int,
    write: FetchLeads,
    grouping: Grouping,
    beginning: Sequence[Asked],
) -> LeadsLeased:
    """Lease the next leads; see `FetchLeads`. More may have come due at once than is looked at in one go: then
    `next_due_at` is `now`, and asking again goes on. `grouping`: the campaign's. `beginning`: what a server is
    sent before."""
    limit = max(0, write.limit)
    called_back: list[int] = []
    found: list[int] = []
    removed: list[int] = []
    next_callback_at = None
    for _ in range(PROMOTION_ROUNDS):
        removed, promised, due = _look(cursor, run, campaign_id, write, beginning)
        beginning = ()
        found = _next(cursor, run, campaign_id, write, due)
        called_back = [lead_id for lead_id, due_at in promised[:limit] if due_at <= write.now]
        next_callback_at = promised[len(called_back)][1] if len(promised) > len(called_back) else None
        let_go = _of_lists(cursor, run, [*called_back, *found], removed)
        if let_go:
            run.let_go.run(cursor, campaign_id, sorted(let_go))
        called_back = [lead_id for lead_id in called_back if lead_id not in let_go]
        found = [lead_id for lead_id in found if lead_id not in let_go][: limit - len(called_back)]
        if len(called_back) + len(found) >= limit or (len(due) < PROMOTED_AT_ONCE and not let_go):
            break
    left = limit - len(called_back) - len(found)
    aside, seen_to = _look_aside(cursor, run, campaign_id, write, left, grouping)
    let_go = _of_lists(cursor, run, aside, removed)
    if let_go:
        run.let_go.run(cursor, campaign_id, sorted(let_go))
    leads_leased = [*called_back, *found, *(lead_id for lead_id in aside if lead_id not in let_go)]
    with in_one_go(cursor) as another:
        leased, next_due, any_ready, promises = another(), another(), another(), another()
        run.lease.run(leased, campaign_id, leads_leased)
        run.next_due.run(next_due, campaign_id, 1)
        run.any_ready.run(any_ready, campaign_id, 1)
        if called_back:
            run.callbacks.of_leads.run(promises, campaign_id, called_back)
        known = ask(another, run.candidates, write, leads_leased)
    facts = facts_of(cursor, run.candidates, write, known, leads_leased)
    places = {row[0]: row[1:] for row in leased.fetchall()}
    first_due = next_due.fetchall()
    callbacks = open_callbacks(promises.fetchall(), write.campaign) if called_back else {}
    ordered = {lead_id: places[lead_id] for lead_id in leads_leased}
    return LeadsLeased(
        candidates_of(facts, ordered, callbacks),
        max(write.now, float(first_due[0][0])) if first_due else None,
        more_ready=bool(any_ready.fetchall()),
        next_callback_at=None if next_callback_at is None else max(write.now, float(next_callback_at)),
        seen_to=seen_to,
    )


def _look(
    cursor: DBAPICursor,
    run: LeaseStatements,
    campaign_id: int,
    write: FetchLeads,
    beginning: Sequence[Asked],
) -> tuple[list[int], list[tuple[int, float]], list[int]]:
    """The lists that were taken out, the next callbacks (one more than may be leased), and what has come due."""
    with in_one_go(cursor) as another:
        for asked in beginning:
            another().execute(*asked)
        removed, promised, due = another(), another(), another()
        run.removed_lists.run(removed, campaign_id)
        run.promised_next.run(promised, campaign_id, max(0, write.limit) + 1)
        run.come_due.run(due, campaign_id, write.now, PROMOTED_AT_ONCE)
    return (
        [row[0] for row in removed.fetchall()],
        [(row[0], row[1]) for row in promised.fetchall()],
        [row[0] for row in due.fetchall()],
    )


def _look_aside(
    cursor: DBAPICursor,
    run: LeaseStatements,
    campaign_id: int,
    write: FetchLeads,
    limit: int,
    grouping: Grouping,
) -> tuple[list[int], tuple[int, int] | None]:
    """Up to `limit` of those that stand aside, and how far they were looked through: see `LeadsLeased`."""
    aside = write.aside
    if aside is None:
        return [], None
    rows = run.next_behind.rows(cursor, campaign_id, aside.zone_group, write.now, *aside.after, LOOKED_AT_ASIDE)
    found = run.numbers_of.rows(cursor, [lead_id for _, lead_id in rows]) if rows else []
    groups = ((lead_id, grouping.group(finest_group(*values))) for lead_id, *values in found)
    callable_elsewhere = {lead_id for lead_id, group in groups if group not in aside.closed}
    return taken_aside([(row[0], row[1]) for row in rows], callable_elsewhere, aside.after, limit)


def taken_aside(
    looked_at: Sequence[tuple[int, int]], wanted: Collection[int], after: tuple[int, int], limit: int
) -> tuple[list[int], tuple[int, int] | None]:
    """Of the places that were looked at (order key, lead) up to `limit` leads that are `wanted`; how far that got
    from `after`, None for to the end of the group."""
    found: list[int] = []
    for place in looked_at:
        if place[1] in wanted:
            if len(found) >= limit:
                return found, after
            found.append(place[1])
        after = place
    return found, after if len(looked_at) == LOOKED_AT_ASIDE else None


def _of_lists(
    cursor: DBAPICursor, run: LeaseStatements, lead_ids: Sequence[int], list_ids: Sequence[int]
) -> set[int]:
    """Leads whose list was taken out of the campaign are not dialed from that moment on, though `PlaceLeads` may
    not have come to them yet."""
    if not lead_ids or not list_ids:
        return set()
    return {lead_id for lead_id, list_id in run.lists_of.rows(cursor, lead_ids) if list_id in list_ids}


def _next(
    cursor: DBAPICursor, run: LeaseStatements, campaign_id: int, write: FetchLeads, due: Sequence[int] = ()
) -> list[int]:
    """The leads next in line, once those that have come `due` are ready. As many as are wanted lie in no more
    groups than that: of many groups it is asked first which to scan."""
    limit = max(0, write.limit)
    groups = list(dict.fromkeys(write.zone_groups))
    many = len(groups) > SCANNED_AT_ONCE * limit
    scans: list[DBAPICursor] = []
    with in_one_go(cursor) as another:
        if due:
            run.promote.run(another(), campaign_id, due)
        if many:
            first = another()
            run.first_groups.run(first, campaign_id, groups, write.now, limit)
        else:
            scans = _scan(another, run, campaign_id, write, groups)
    if many:
        groups = [group for group, key in first.fetchall() if key is not None]
        with in_one_go(cursor) as another:
            scans = _scan(another, run, campaign_id, write, groups)
    try:
        lines = (
            _in_line(scan, run, campaign_id, write, group, _share(write, groups))
            for scan, group in zip(scans, groups, strict=True)
        )
        return [lead_id for _, lead_id in islice(heapq.merge(*lines), limit)]
    finally:
        for scan in scans:
            scan.close()


def _share(write: FetchLeads, groups: Sequence[str]) -> int:
    """Leads that are asked for of each group: of the next ones few lie in one, and a server reads all it is asked
    for."""
    limit = max(0, write.limit)
    return min(limit, 2 * limit // max(len(groups), 1) + LEAST_OF_GROUP)


def _scan(
    another: Callable[[], DBAPICursor],
    run: LeaseStatements,
    campaign_id: int,
    write: FetchLeads,
    groups: Sequence[str],
) -> list[DBAPICursor]:
    """An ordered scan of each zone group."""
    scans = []
    for group in groups:
        scans.append(another())
        run.next_in_group.run(scans[-1], campaign_id, group, write.now, _share(write, groups))
    return scans


def _in_line(
    scan: DBAPICursor, run: LeaseStatements, campaign_id: int, write: FetchLeads, group: str, asked: int
) -> Iterator[tuple[int, int]]:
    """The group's leads (order key, lead) in order, from the scan that has `asked` for so many; those behind them
    are asked for when it is their turn."""
    while asked:
        found = 0
        while (row := scan.fetchone()) is not None:
            found, last = found + 1, (row[0], row[1])
            yield last
        if found < asked:
            return
        asked = write.limit
        run.next_behind.run(scan, campaign_id, group, write.now, *last, asked)
