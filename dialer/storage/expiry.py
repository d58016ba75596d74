"""The last days of lists, and attempts that come behind one."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select, update

from campaigns.expiry import ends_at
from campaigns.refusal import Refusal
from dialer.ports.store import AttemptDenied, AttemptIntent, ExpireList
from dialer.storage.errors import UnknownList
from dialer.storage.tables import leads, list_expiries, lists

RECENT_S = 86_400.0
"""An attempt on a lead that was leased before a day was said comes within it."""


def expire(connection: Connection, write: ExpireList) -> None:
    """See `ExpireList`."""
    list_id = connection.execute(select(lists.c.list_id).where(lists.c.name == write.list_name)).scalar()
    if list_id is None:
        raise UnknownList(write.list_name)
    connection.execute(update(lists).where(lists.c.list_id == list_id).values(expires_on=write.expires_on))
    here = (list_expiries.c.list_id == list_id, list_expiries.c.said_at == write.now)
    connection.execute(delete(list_expiries).where(*here))
    said = {"list_id": list_id, "said_at": write.now, "expires_on": write.expires_on}
    connection.execute(insert(list_expiries).values(**said))


def all_said(connection: Connection) -> dict[str, tuple[tuple[float, str], ...]]:
    """See `Reader.list_expiries`."""
    found: dict[str, tuple[tuple[float, str], ...]] = {}
    columns = select(lists.c.name, list_expiries.c.said_at, list_expiries.c.expires_on)
    query = columns.join_from(list_expiries, lists, lists.c.list_id == list_expiries.c.list_id)
    for name, at, day in connection.execute(query.order_by(list_expiries.c.list_id, list_expiries.c.said_at)):
        found[name] = (*found.get(name, ()), (at, day))
    return found


def recently_said(connection: Connection, now: float) -> dict[int, str]:
    """Last days, by list, of those for which one was said of late that may be over before long: leads may be
    leased that do not know of it."""
    said = select(list_expiries.c.list_id).where(list_expiries.c.said_at > now - RECENT_S)
    soon = datetime.fromtimestamp(now + 2 * RECENT_S, UTC).date().isoformat()
    over = lists.c.expires_on != "", lists.c.expires_on <= soon
    query = select(lists.c.list_id, lists.c.expires_on).where(lists.c.list_id.in_(said), *over)
    return {row[0]: row[1] for row in connection.execute(query)}


def denial(connection: Connection, intent: AttemptIntent, last_days: dict[int, str]) -> AttemptDenied | None:
    """Whether the list of its lead is one of these, and its day over."""
    list_id = connection.execute(select(leads.c.list_id).where(leads.c.lead_id == intent.lead_id)).scalar()
    return denied_by_expiry(intent, "" if list_id is None else last_days.get(list_id, ""))


def denied_by_expiry(intent: AttemptIntent, expires_on: str) -> AttemptDenied | None:
    """Whether the day is over in one of the zones of its permit."""
    zones = tuple(one.zone for one in intent.permitted.evidence.zones)
    if intent.created_at < ends_at(expires_on, zones):
        return None
    detail = f"the last day of the list, {expires_on}, is over where {intent.number} is"
    return AttemptDenied(intent.attempt_id, Refusal.LIST_EXPIRED, detail)
