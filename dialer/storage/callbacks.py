"""Callbacks in the database: promised with an attempt's record, over with the move of their lead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, insert, literal_column, select, update
from sqlalchemy.engine.interfaces import Dialect

from campaigns.callback import Callback, moment_of, wall_of
from campaigns.errors import UnknownZone
from dialer.ports.store import DROPPED, OPEN, CallbackEnd, StoredCallback
from dialer.storage.places import LEASED, PROMISED, WAITING
from dialer.storage.statement import Statement, among
from dialer.storage.tables import callbacks, campaign_leads, campaigns

_PROMISED = (
    "promised_in", "campaign_id", "lead_id", "number", "wall", "zone", "due_at", "made_at", "made_by", "agent_id",
    "consent", "state",
)  # fmt: skip
_ENDED = ("state", "reason", "ended_at", "attempt_id", "dialed_at")
_IS_OPEN = callbacks.c.state == literal_column(f"'{OPEN}'")

STATE_OF_WAITING = case(
    (
        select(literal_column("1"))
        .select_from(callbacks)
        .where(
            callbacks.c.campaign_id == campaign_leads.c.campaign_id,
            callbacks.c.lead_id == campaign_leads.c.lead_id,
            _IS_OPEN,
        )
        .correlate(campaign_leads)
        .exists(),
        PROMISED,
    ),
    else_=WAITING,
)
"""Of a lead that is not final: whether it waits for a callback."""


class CallbackStatements:
    """What the writer runs, compiled for its dialect."""

    def __init__(self, dialect: Dialect) -> None:
        columns = (callbacks.c[name] for name in _PROMISED if name not in ("campaign_id", "state"))
        found = select(*columns).where(
            callbacks.c.campaign_id == bindparam("campaign_id"),
            among(callbacks.c.lead_id, "ids", dialect),
            _IS_OPEN,
        )
        promise = insert(callbacks).values({name: bindparam(name) for name in _PROMISED})
        end = update(callbacks).where(callbacks.c.promised_in == bindparam("key"))
        end = end.values({name: bindparam(f"new_{name}") for name in _ENDED})
        self.of_leads = Statement(found, dialect, ("campaign_id", "ids"))
        self.promise = Statement(promise, dialect, _PROMISED)
        self.end = Statement(end, dialect, (*(f"new_{name}" for name in _ENDED), "key"))


def open_callbacks(rows: Iterable[Sequence[Any]], campaign: str) -> dict[int, Callback]:
    """Rows of `CallbackStatements.of_leads`, by lead."""
    return {row[1]: _callback_of(row, campaign) for row in rows}


def promise_row(callback: Callback, campaign_id: int) -> tuple[Any, ...]:
    """Values for `CallbackStatements.promise`."""
    return (
        callback.promised_in, campaign_id, callback.lead_id, callback.number, callback.wall, callback.zone,
        callback.due_at, callback.made_at, callback.made_by, callback.agent_id, callback.consent, OPEN,
    )  # fmt: skip


def end_row(end: CallbackEnd) -> tuple[Any, ...]:
    """Values for `CallbackStatements.end`."""
    return end.state, end.reason, end.at, end.attempt_id, end.dialed_at, end.promised_in


def stored_callbacks(connection: Connection, campaign: str, *, ended: bool) -> list[StoredCallback]:
    """See `Reader.callbacks`."""
    place = campaign_leads
    query = (
        select(
            *(callbacks.c[name] for name in _PROMISED if name not in ("campaign_id", "state")),
            *(callbacks.c[name] for name in _ENDED),
            place.c.due_at,
            place.c.reason,
            place.c.state,
        )
        .join_from(callbacks, campaigns, campaigns.c.campaign_id == callbacks.c.campaign_id)
        .outerjoin(
            place,
            and_(place.c.campaign_id == callbacks.c.campaign_id, place.c.lead_id == callbacks.c.lead_id),
        )
        .where(campaigns.c.name == campaign)
        .order_by(callbacks.c.due_at, callbacks.c.promised_in)
    )
    if not ended:
        query = query.where(_IS_OPEN)
    return [_stored(row, campaign) for row in connection.execute(query)]


def drop_unseen(connection: Connection, attempts: Iterable[tuple[int, str, int]], reason: str, now: float) -> None:
    """Attempts (id, campaign, lead) whose end nobody saw: what they were to keep is not called again by itself."""
    for attempt_id, campaign, lead_id in attempts:
        campaign_id = select(campaigns.c.campaign_id).where(campaigns.c.name == campaign).scalar_subquery()
        connection.execute(
            update(callbacks)
            .where(callbacks.c.campaign_id == campaign_id, callbacks.c.lead_id == lead_id, _IS_OPEN)
            .values(state=DROPPED, reason=reason, ended_at=now, attempt_id=attempt_id)
        )


def resolve_again(connection: Connection) -> int:
    """Promised times of day by the zone data of now; how many fall on another moment than they did. A zone that is
    no longer known leaves its callbacks where they were."""
    moved = 0
    for row in connection.execute(select(callbacks).where(_IS_OPEN)).all():
        try:
            if wall_of(row.due_at, row.zone) == row.wall:
                continue
            due_at = moment_of(row.wall, row.zone)
        except (ValueError, UnknownZone):
            continue
        if due_at == row.due_at:
            continue  # that time of day is skipped on that day, as it was
        moved += 1
        this = callbacks.c.promised_in == row.promised_in
        connection.execute(update(callbacks).where(this).values(due_at=due_at))
        place = campaign_leads
        connection.execute(
            update(place)
            .where(
                place.c.campaign_id == row.campaign_id,
                place.c.lead_id == row.lead_id,
                place.c.state == PROMISED,
                place.c.due_at == row.due_at,
            )
            .values(due_at=due_at)
        )
    return moved


def _callback_of(row: Sequence[Any], campaign: str) -> Callback:
    promised_in, lead_id, number, wall, zone, due_at, made_at, made_by, agent_id, consent = row[:10]
    return Callback(
        promised_in,
        campaign,
        lead_id,
        number,
        wall,
        zone,
        float(due_at),
        float(made_at),
        made_by,
        agent_id,
        consent,
    )


def _stored(row: Sequence[Any], campaign: str) -> StoredCallback:
    state, reason, ended_at, attempt_id, dialed_at, due_at, waits_for, place = row[10:]
    callback = _callback_of(row, campaign)
    if state == OPEN:
        return StoredCallback(callback, state, waits_for or "", due_at, at_hand=place == LEASED)
    return StoredCallback(callback, state, reason, None, ended_at, attempt_id, dialed_at)
