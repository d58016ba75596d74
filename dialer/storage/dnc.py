"""The do-not-call registers: the house's, which holds for every client, and each client's own; of each the entries
for calls of one purpose, and those for all.

A number that is taken off a register stays in its history. `installation.dnc_version` rises with every change of
any of them, so that a permit can say what it was given under.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, insert, literal_column, or_, select, update

from dialer.ports.store import BlockNumbers, UnblockNumbers
from dialer.storage.rows import portions
from dialer.storage.tables import dnc, installation, leads, lists, numbers
from lists.client import client_of
from lists.dnc import DncEntry

_THESE = dnc.c.number.in_(bindparam("numbers", expanding=True))
MINE = or_(dnc.c.client == literal_column("''"), dnc.c.client == bindparam("client"))
FOR = or_(dnc.c.purpose == literal_column("''"), dnc.c.purpose == bindparam("purpose"))
STILL = dnc.c.removed_at.is_(None)

BLOCKED = select(dnc.c.number).where(_THESE, MINE, FOR, STILL).distinct()
ENTRIES = select(
    dnc.c.number, dnc.c.client, dnc.c.purpose, dnc.c.source, dnc.c.blocked_at, dnc.c.removed_at
).where(_THESE, MINE)  # fmt: skip

_OWN = (
    dnc.c.client == bindparam("own"), dnc.c.purpose == bindparam("of"), dnc.c.source == bindparam("from_source"),
)  # fmt: skip
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
_OF_PERSON = (
    select(numbers.c.e164, lists.c.name)
    .join_from(leads, numbers, numbers.c.lead_id == leads.c.lead_id)
    .join(lists, lists.c.list_id == leads.c.list_id)
    .where(leads.c.person_key == bindparam("person_key"), leads.c.person_key != literal_column("''"))
)
VERSION = select(installation.c.dnc_version)


def block(connection: Connection, write: BlockNumbers) -> None:
    """Put numbers on the client's register; one that is there already from this source for this purpose keeps its
    moment."""
    now = write.now
    here = {"own": write.client, "of": write.purpose, "from_source": write.source}
    for portion in portions((*write.numbers, *_numbers_of(connection, write.person))):
        known = connection.execute(_IN_SOURCE, {**here, "numbers": portion}).all()
        there = {row.number for row in known if row.removed_at is None}
        # Taken off and put on again within one tick of the clock: the row's key is taken, so its end is.
        again = {row.number for row in known if row.blocked_at == now} - there
        if again:
            connection.execute(_PUT_BACK, [{**here, "key": number, "at": now} for number in sorted(again)])
        rows = [
            {
                "number": number, "client": write.client, "purpose": write.purpose, "source": write.source,
                "blocked_at": now,
            }
            for number in portion
            if number not in there and number not in again
        ]  # fmt: skip
        if rows:
            connection.execute(insert(dnc), rows)
    _raise_version(connection)


def _numbers_of(connection: Connection, person: str) -> set[str]:
    """All numbers of the leads of a person (`Lead.person`)."""
    client, _, person_key = person.partition(":")
    if not person_key:
        return set()
    found = connection.execute(_OF_PERSON, {"person_key": person_key})
    return {number for number, list_name in found if client_of(list_name) == client}


def unblock(connection: Connection, write: UnblockNumbers) -> None:
    """Take numbers off the client's register, from whatever source."""
    take_off = _TAKE_OFF.where(dnc.c.purpose == write.purpose) if write.purpose else _TAKE_OFF
    for portion in portions(write.numbers):
        values = {"numbers": portion, "own": write.client, "new_removed_at": write.now}
        connection.execute(take_off, values)
    _raise_version(connection)


def _raise_version(connection: Connection) -> None:
    connection.execute(update(installation).values(dnc_version=installation.c.dnc_version + 1))


def blocked_among(connection: Connection, numbers: Iterable[str], client: str, purpose: str) -> set[str]:
    found: set[str] = set()
    for portion in portions(numbers):
        asked = {"numbers": portion, "client": client, "purpose": purpose}
        found.update(connection.execute(BLOCKED, asked).scalars())
    return found


def entries(connection: Connection, numbers: Iterable[str], client: str) -> list[DncEntry]:
    found: list[DncEntry] = []
    for portion in portions(numbers):
        rows = connection.execute(ENTRIES, {"numbers": portion, "client": client})
        found += [DncEntry(*row) for row in rows]
    return sorted(found, key=lambda one: (one.number, one.since, one.client, one.purpose, one.source))


def dnc_version(connection: Connection) -> int:
    return int(connection.execute(VERSION).scalar_one())
