"""What calls have shown of the numbers of lists: the database finds each number's calls, and counts the numbers
whose calls were the same (weeks and findings, in order); what they come to is for `standing` to say.

A call from before the date of a number's data is about other data. On SQLite the rows come in the order of two
indexes (`tests/integration/test_writer_plans.py`), so that nothing is sorted before it is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Integer,
    Select,
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
from dialer.storage.rows import streamed
from dialer.storage.standing import Call, standing_of
from dialer.storage.tables import attempts, leads, lists, numbers
from lists.freshness.standing import WEEK_D, Standing

_WEEK_S = WEEK_D * 86_400.0
_APART = "\x1f"
_NOW = bindparam("now", type_=Float)
_FINDINGS = tuple(Finding)
"""A call is one number: eight times its week, and the place of what it told here."""
_EACH = 8


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
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    asked = {"now": now, "today": today, "wrong": [f"{campaign}{_APART}{code}" for campaign, code in wrong]}
    counted = query(connection.dialect, called=called, one_in=one_in)
    listed = select(lists.c.list_id, lists.c.name).where(lists.c.name.in_(names)).order_by(lists.c.name)
    found: Counter[Standing] = Counter()
    for list_id, name in connection.execute(listed).all():
        with streamed(connection, counted, {**asked, "list_id": list_id}) as rows:
            for source, region, field, age_w, dated, calls, count in rows:
                one = standing_of(
                    _calls(calls),
                    list_name=name,
                    source=source,
                    region=region,
                    field=field,
                    age_w=max(0, age_w),
                    dated=bool(dated),
                )
                found[one] += count
    return [replace(one, count=count) for one, count in found.items()]


def _calls(text: str | None) -> list[Call]:
    tokens = map(int, text.split(",")) if text else ()
    return [(token // _EACH, _FINDINGS[token % _EACH]) for token in tokens]


def query(dialect: Dialect, *, called: bool, one_in: int = 1) -> Select[Any]:
    """Of one list, a row for numbers of the same source, region, field, age and calls. Parameters: `list_id`,
    `now`, `today` (its date, UTC), `wrong` (campaign and disposition)."""
    own = or_(numbers.c.source != "", numbers.c.as_of != "")
    as_of = case((own, numbers.c.as_of), else_=leads.c.as_of)
    dated = as_of.between(literal_column("'0'"), bindparam("today", type_=Text))  # one in the future is a slip
    since = case((dated, _seconds_of(as_of, dialect)), else_=leads.c.added_at)

    def week(at: ColumnElement[Any]) -> ColumnElement[Any]:
        weeks = (at - since) / literal_column(str(_WEEK_S), Float)
        return cast(func.floor(weeks) if dialect.name == "postgresql" else weeks, Integer)

    joined = and_(
        attempts.c.lead_id == numbers.c.lead_id,
        attempts.c.number == numbers.c.e164,
        attempts.c.created_at.between(since, _NOW),
        attempts.c.counted,
        attempts.c.closed_at.is_not(None),
        attempts.c.outcome.not_in([outcome.value for outcome in NO_CALL]),
    )
    token = week(attempts.c.created_at) * literal_column(str(_EACH)) + _finding()
    asked = [leads.c.list_id == bindparam("list_id"), numbers.c.e164 != ""]  # "": of who was erased
    if one_in > 1:
        asked.append(leads.c.lead_id % literal_column(str(one_in)) == 0)
    number = (
        select(
            case((own, numbers.c.source), else_=leads.c.source).label("source"),
            numbers.c.region,
            numbers.c.position,
            week(_NOW).label("age_w"),
            case((dated, 1), else_=0).label("dated"),
            _in_order(token, dialect).label("calls"),
        )
        .join_from(leads, numbers, leads.c.lead_id == numbers.c.lead_id)
        .join(attempts, joined, isouter=True)
        .where(*asked)
        .group_by(leads.c.lead_id, numbers.c.position, *_KEYS_OF_NUMBERS[dialect.name])
        .having(func.count(attempts.c.attempt_id) >= int(called))
        .subquery()
    )
    return select(*number.c, func.count()).group_by(*number.c)


_KEYS_OF_NUMBERS: dict[str, tuple[ColumnElement[Any], ...]] = {"postgresql": (numbers.c.lead_id,), "sqlite": ()}
"""PostgreSQL wants all of the key, to know that a group is one number; SQLite would sort for it."""


def _in_order(token: ColumnElement[Any], dialect: Dialect) -> ColumnElement[Any]:
    if dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import aggregate_order_by  # a home on SQLite has no use for it

        return func.string_agg(cast(token, Text), aggregate_order_by(literal_column("','"), attempts.c.created_at))
    return func.group_concat(token)


def _finding() -> ColumnElement[int]:
    """The place of `campaigns.finding.finding_of`, of a call that was one."""
    a = attempts.c
    said = a.campaign.concat(literal_column(f"'{_APART}'")).concat(a.disposition)

    def place(finding: Finding) -> ColumnElement[int]:
        return literal_column(str(_FINDINGS.index(finding)), Integer)

    return case(
        (or_(a.rpc, a.disposition == KNOWS), place(Finding.OURS)),
        (said.in_(bindparam("wrong", type_=Text, expanding=True)), place(Finding.STRANGER)),
        (a.outcome.in_([one.value for one in INVALID]), place(Finding.INVALID)),
        (a.outcome.in_([one.value for one in CHANGED]), place(Finding.CHANGED)),
        (or_(a.live, a.machine, a.outcome.in_([one.value for one in WORKS])), place(Finding.WORKS)),
        else_=place(Finding.SILENT),
    )


def _seconds_of(as_of: ColumnElement[str], dialect: Dialect) -> ColumnElement[Any]:
    """The midnight (UTC) of an ISO date, seconds."""
    if dialect.name == "postgresql":
        return cast(func.date_part("epoch", func.to_date(as_of, "YYYY-MM-DD")), Float)
    days = func.julianday(as_of) - literal_column("2440587.5", Float)
    return days * literal_column("86400.0", Float)
