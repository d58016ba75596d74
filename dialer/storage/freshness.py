"""What calls have shown of the numbers of lists, counted in the database.

Three steps: each number with its calls; of each number the moments that matter; numbers of the same standing,
counted. The last call that told something counts, and a call from before the date of a number's data is about
other data.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Float,
    Function,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.engine.interfaces import Dialect

from campaigns.finding import CHANGED, INVALID, KNOWS, NO_CALL, WORKS, Finding
from dialer.storage.tables import attempts, leads, lists, numbers
from lists.freshness.standing import MOST_CALLS, WEEK_D, Standing, State

_WEEK_S = WEEK_D * 86_400.0
_APART = "\x1f"
_NOW = bindparam("now", type_=Float)
_DEAD = (Finding.INVALID.value, Finding.CHANGED.value)
_SHOWS = (Finding.OURS.value, Finding.STRANGER.value, Finding.WORKS.value)


def standings(
    connection: Connection,
    names: Collection[str],
    now: float,
    wrong: Collection[tuple[str, str]],
    *,
    called: bool,
    one_in: int,
) -> Sequence[Standing]:
    """See `Reader.standings`."""
    asked = {
        "names": list(names),
        "now": now,
        "wrong": [f"{campaign}{_APART}{code}" for campaign, code in wrong],
    }
    return [
        Standing(
            list_name=row.list_name,
            source=row.source,
            region=row.region,
            field=row.position,
            state=State(row.state),
            age_w=row.age_w,
            dated=bool(row.dated),
            worked_w=row.worked_w,
            ours_w=row.ours_w,
            gone_w=row.gone_w,
            first_w=row.first_w,
            called_w=row.called_w,
            silent=row.silent,
            count=row.count_,
        )
        for row in connection.execute(query(connection.dialect, called=called, one_in=one_in), asked)
    ]


def query(dialect: Dialect, *, called: bool, one_in: int = 1) -> Select[Any]:
    """One row a standing. Parameters: `names` of lists, `now`, `wrong` (campaign and disposition)."""
    n = _numbers(_calls(dialect, called=called, one_in=one_in))
    since = n.c.since

    def week(at: ColumnElement[Any]) -> ColumnElement[Any]:
        weeks = (at - since) / literal_column(str(_WEEK_S))
        whole = cast(func.floor(weeks) if dialect.name == "postgresql" else weeks, BigInteger)
        return case((at < since, 0), else_=whole)

    dead = and_(n.c.dead_at.is_not(None), n.c.dead_at > func.coalesce(n.c.worked_at, 0))
    stranger = and_(n.c.stranger_at.is_not(None), n.c.stranger_at > func.coalesce(n.c.ours_at, 0))
    columns = (
        n.c.list_name,
        n.c.source,
        n.c.region,
        n.c.position,
        case(
            (and_(dead, n.c.changed_at == n.c.dead_at), State.CHANGED.value),
            (dead, State.INVALID.value),
            (stranger, State.WRONG_PERSON.value),
            (n.c.ours_at.is_not(None), State.CONFIRMED.value),
            (n.c.worked_at.is_not(None), State.UNKNOWN.value),
            (n.c.first_at.is_not(None), State.UNREACHED.value),
            else_=State.UNCALLED.value,
        ).label("state"),
        week(_NOW).label("age_w"),
        n.c.dated,
        week(n.c.worked_at).label("worked_w"),
        week(n.c.ours_at).label("ours_w"),
        case((dead, week(n.c.dead_from)), (stranger, week(n.c.stranger_from))).label("gone_w"),
        week(n.c.first_at).label("first_w"),
        week(n.c.called_at).label("called_w"),
        case((n.c.silent > MOST_CALLS, MOST_CALLS), else_=n.c.silent).label("silent"),
    )
    found = select(*columns).subquery()
    return select(*found.c, func.count().label("count_")).group_by(*found.c).order_by(*found.c)


def _calls(dialect: Dialect, *, called: bool, one_in: int) -> Subquery:
    """A row for each number and call that was a call to it; one without a call for others, unless `called`."""
    own = or_(numbers.c.source != "", numbers.c.as_of != "")
    as_of = case((own, numbers.c.as_of), else_=leads.c.as_of)
    midnight = _seconds_of(as_of, dialect)
    day = case((midnight <= _NOW, midnight))  # one in the future is a slip
    asked = [lists.c.name.in_(bindparam("names", expanding=True)), numbers.c.e164 != ""]  # "": of who was erased
    if one_in > 1:
        asked.append(leads.c.lead_id % one_in == 0)
    number = (
        select(
            numbers.c.lead_id,
            numbers.c.position,
            numbers.c.e164,
            numbers.c.region,
            lists.c.name.label("list_name"),
            case((own, numbers.c.source), else_=leads.c.source).label("source"),
            func.coalesce(day, leads.c.added_at).label("since"),
            case((day.is_(None), 0), else_=1).label("dated"),
        )
        .join_from(numbers, leads, leads.c.lead_id == numbers.c.lead_id)
        .join(lists, lists.c.list_id == leads.c.list_id)
        .where(*asked)
        .subquery()
    )
    finding = _finding()
    joined = and_(
        attempts.c.lead_id == number.c.lead_id,
        attempts.c.number == number.c.e164,
        attempts.c.created_at.between(number.c.since, _NOW),
        attempts.c.counted,
        attempts.c.closed_at.is_not(None),
        attempts.c.outcome.not_in([outcome.value for outcome in NO_CALL]),
    )
    call = (
        select(number, attempts.c.created_at.label("at"), finding.label("finding"))
        .join_from(number, attempts, joined, isouter=not called)
        .subquery()
    )

    def of_the_number(found: Function[Any]) -> ColumnElement[Any]:
        return found.over(partition_by=(call.c.lead_id, call.c.position))

    shows, ours = call.c.finding.in_(_SHOWS), call.c.finding == Finding.OURS.value
    told = call.c.finding != Finding.SILENT.value
    return select(
        *call.c,
        of_the_number(func.max(case((shows, call.c.at)))).label("worked_at"),
        of_the_number(func.max(case((ours, call.c.at)))).label("ours_at"),
        of_the_number(func.min(case((told, call.c.at)))).label("told_at"),
    ).subquery()


def _numbers(c: Subquery) -> Subquery:
    """A row a number."""
    dead, stranger = c.c.finding.in_(_DEAD), c.c.finding == Finding.STRANGER.value
    silent = and_(c.c.at.is_not(None), or_(c.c.told_at.is_(None), c.c.at < c.c.told_at))
    same = (c.c.list_name, c.c.source, c.c.region, c.c.since, c.c.dated, c.c.worked_at, c.c.ours_at)
    return (
        select(
            *same,
            c.c.position,
            func.min(c.c.at).label("first_at"),
            func.max(c.c.at).label("called_at"),
            func.max(case((dead, c.c.at))).label("dead_at"),
            func.max(case((c.c.finding == Finding.CHANGED.value, c.c.at))).label("changed_at"),
            func.min(case((and_(dead, c.c.at > func.coalesce(c.c.worked_at, 0)), c.c.at))).label("dead_from"),
            func.max(case((stranger, c.c.at))).label("stranger_at"),
            func.min(case((and_(stranger, c.c.at > func.coalesce(c.c.ours_at, 0)), c.c.at))).label(
                "stranger_from"
            ),
            func.sum(case((silent, 1), else_=0)).label("silent"),
        )
        .group_by(c.c.lead_id, c.c.position, *same)
        .subquery()
    )


def _finding() -> ColumnElement[str]:
    """As `campaigns.finding.finding_of`, of a call that was one."""
    a = attempts.c
    said = a.campaign.concat(literal_column(f"'{_APART}'")).concat(a.disposition)
    return case(
        (or_(a.rpc, a.disposition == KNOWS), Finding.OURS.value),
        (said.in_(bindparam("wrong", type_=Text, expanding=True)), Finding.STRANGER.value),
        (a.outcome.in_([one.value for one in INVALID]), Finding.INVALID.value),
        (a.outcome.in_([one.value for one in CHANGED]), Finding.CHANGED.value),
        (or_(a.live, a.machine, a.outcome.in_([one.value for one in WORKS])), Finding.WORKS.value),
        else_=Finding.SILENT.value,
    )


def _seconds_of(as_of: ColumnElement[str], dialect: Dialect) -> ColumnElement[Any]:
    """The midnight (UTC) of an ISO date, seconds; null for whatever is none."""
    if dialect.name == "postgresql":
        epoch = func.date_part("epoch", func.to_date(as_of, "YYYY-MM-DD"))
        return case((as_of.op("~")(r"^\d{4}-\d{2}-\d{2}$"), cast(epoch, Float)))
    day = (func.julianday(as_of) - 2_440_587.5) * 86_400.0
    return case((as_of.op("GLOB")("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"), day))
