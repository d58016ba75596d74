"""The do-not-call register. Its version rises with every change, so that a permit can say what it was."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, func, insert, select, update

from dialer.storage.rows import portions
from dialer.storage.tables import dnc, installation

_BLOCKED = select(dnc.c.number).where(dnc.c.number.in_(bindparam("numbers", expanding=True))).distinct()
_SINCE = (
    select(dnc.c.number, func.min(dnc.c.blocked_at))
    .where(dnc.c.number.in_(bindparam("numbers", expanding=True)))
    .group_by(dnc.c.number)
)
_IN_SOURCE = select(dnc.c.number).where(
    dnc.c.source == bindparam("source"), dnc.c.number.in_(bindparam("numbers", expanding=True))
)
_VERSION = select(installation.c.dnc_version)


def block(connection: Connection, numbers: Iterable[str], source: str, now: float) -> None:
    """Put numbers on the register; one that is there already from this source keeps its moment."""
    for portion in portions(numbers):
        known = set(connection.execute(_IN_SOURCE, {"source": source, "numbers": portion}).scalars())
        rows = [
            {"number": number, "source": source, "blocked_at": now} for number in portion if number not in known
        ]
        if rows:
            connection.execute(insert(dnc), rows)
    connection.execute(update(installation).values(dnc_version=installation.c.dnc_version + 1))


def blocked_among(connection: Connection, numbers: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for portion in portions(numbers):
        found.update(connection.execute(_BLOCKED, {"numbers": portion}).scalars())
    return found


def blocked_since(connection: Connection, numbers: Iterable[str]) -> dict[str, float]:
    """When each number was first put on the register; those that are not on it are left out."""
    found: dict[str, float] = {}
    for portion in portions(numbers):
        found.update((row[0], row[1]) for row in connection.execute(_SINCE, {"numbers": portion}))
    return found


def dnc_version(connection: Connection) -> int:
    return int(connection.execute(_VERSION).scalar_one())
