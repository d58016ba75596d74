"""The do-not-call registers: the house's, which holds for every client, and each client's own.

A number that is taken off a register stays in its history. `installation.dnc_version` rises with every change of
any of them, so that a permit can say what it was given under.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, func, insert, literal_column, or_, select, update

from dialer.storage.rows import portions
from dialer.storage.spans import Span, merged
from dialer.storage.tables import dnc, installation

_THESE = dnc.c.number.in_(bindparam("numbers", expanding=True))
MINE = or_(dnc.c.client == literal_column("''"), dnc.c.client == bindparam("client"))
STILL = dnc.c.removed_at.is_(None)

BLOCKED = select(dnc.c.number).where(_THESE, MINE, STILL).distinct()
_OF_ONE = select(dnc.c.number).where(_THESE, dnc.c.client == bindparam("own"), STILL).distinct()
SINCE = select(dnc.c.number, func.min(dnc.c.blocked_at)).where(_THESE, MINE, STILL).group_by(dnc.c.number)
SPANS = select(dnc.c.number, dnc.c.blocked_at, dnc.c.removed_at).where(_THESE, MINE)
ON_REGISTER = select(func.min(dnc.c.source)).where(dnc.c.number == bindparam("number"), MINE, STILL)
"""Of one number: a source that put it on the house's register or the client's; null when it is on neither."""

_OWN = (dnc.c.client == bindparam("own"), dnc.c.source == bindparam("from_source"))
_IN_SOURCE = select(dnc.c.number, dnc.c.blocked_at, dnc.c.removed_at).where(_THESE, *_OWN)
_PUT_BACK = (
    update(dnc)
    .where(dnc.c.number == bindparam("key"), *_OWN, dnc.c.blocked_at == bindparam("at"))
    .values(removed_at=None)
)
_TAKE_OFF = (
    update(dnc)
    .where(_THESE, dnc.c.client == bindparam("own"), STILL)
    .values(removed_at=bindparam("new_removed_at"))
)
VERSION = select(installation.c.dnc_version)


def block(connection: Connection, numbers: Iterable[str], source: str, now: float, client: str) -> None:
    """Put numbers on the client's register; one that is there already from this source keeps its moment."""
    here = {"own": client, "from_source": source}
    for portion in portions(numbers):
        known = connection.execute(_IN_SOURCE, {**here, "numbers": portion}).all()
        there = {row.number for row in known if row.removed_at is None}
        # Taken off and put on again within one tick of the clock: the row's key is taken, so its end is.
        again = {row.number for row in known if row.blocked_at == now} - there
        if again:
            connection.execute(_PUT_BACK, [{**here, "key": number, "at": now} for number in sorted(again)])
        rows = [
            {"number": number, "client": client, "source": source, "blocked_at": now}
            for number in portion
            if number not in there and number not in again
        ]
        if rows:
            connection.execute(insert(dnc), rows)
    _raise_version(connection)


def unblock(connection: Connection, numbers: Iterable[str], now: float, client: str) -> None:
    """Take numbers off the client's register, from whatever source."""
    for portion in portions(numbers):
        connection.execute(_TAKE_OFF, {"numbers": portion, "own": client, "new_removed_at": now})
    _raise_version(connection)


def _raise_version(connection: Connection) -> None:
    connection.execute(update(installation).values(dnc_version=installation.c.dnc_version + 1))


def blocked_among(connection: Connection, numbers: Iterable[str], client: str) -> set[str]:
    found: set[str] = set()
    for portion in portions(numbers):
        found.update(connection.execute(BLOCKED, {"numbers": portion, "client": client}).scalars())
    return found


def on_register(connection: Connection, numbers: Iterable[str], client: str) -> set[str]:
    """Of one register alone."""
    found: set[str] = set()
    for portion in portions(numbers):
        found.update(connection.execute(_OF_ONE, {"numbers": portion, "own": client}).scalars())
    return found


def blocked_since(connection: Connection, numbers: Iterable[str], client: str) -> dict[str, float]:
    """When each number was first put on the registers; those that are on none are left out."""
    found: dict[str, float] = {}
    for portion in portions(numbers):
        rows = connection.execute(SINCE, {"numbers": portion, "client": client})
        found.update((row[0], row[1]) for row in rows)
    return found


def blocked_spans(connection: Connection, numbers: Iterable[str], client: str) -> dict[str, tuple[Span, ...]]:
    """When each number was on either register; those that never were are left out."""
    found: dict[str, list[Span]] = {}
    for portion in portions(numbers):
        for number, since, until in connection.execute(SPANS, {"numbers": portion, "client": client}):
            found.setdefault(number, []).append((since, until))
    return {number: merged(spans) for number, spans in sorted(found.items())}


def dnc_version(connection: Connection) -> int:
    return int(connection.execute(VERSION).scalar_one())
