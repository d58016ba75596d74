"""The do-not-call registers: the house's, which holds for every client, and each client's own; of each the entries
for calls of one purpose, and those for all.

A number that is taken off a register stays in its history. `installation.dnc_version` rises with every change of
any of them, so that a permit can say what it was given under.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, literal_column, or_, select, update

from dialer.ports.store import BlockNumbers, UnblockNumbers
from dialer.storage.rows import portions
from dialer.storage.tables import dnc, dnc_persons, installation, leads, lists, numbers
from lists.client import client_of
from lists.dnc import DncEntry, PersonRefused
from lists.lead import lead_of_party, lead_party

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
_OF_ENTRY = ("client", "purpose", "source")
_PERSONS = dnc_persons.c.person.in_(bindparam("persons", expanding=True))
_REFUSED = select(dnc_persons).where(_PERSONS, dnc_persons.c.removed_at.is_(None))
_WHOSE = (
    select(leads.c.lead_id, leads.c.person_key, lists.c.name)
    .join_from(numbers, leads, numbers.c.lead_id == leads.c.lead_id)
    .join(lists, lists.c.list_id == leads.c.list_id)
    .where(numbers.c.e164.in_(bindparam("numbers", expanding=True)))
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
    if write.person:
        _put_down(connection, write)
    _raise_version(connection)


def _put_down(connection: Connection, write: BlockNumbers) -> None:
    """Who has refused, for the sake of numbers that come later. Still there from this source: nothing happens."""
    entry = {"person": write.person, "client": write.client, "purpose": write.purpose, "source": write.source}
    same = and_(*(dnc_persons.c[name] == value for name, value in entry.items()))
    known = connection.execute(select(dnc_persons.c.blocked_at, dnc_persons.c.removed_at).where(same)).all()
    if any(removed_at is None for _, removed_at in known):
        return
    if any(blocked_at == write.now for blocked_at, _ in known):
        again = update(dnc_persons).where(same, dnc_persons.c.blocked_at == write.now)
        connection.execute(again.values(removed_at=None))
    else:
        connection.execute(insert(dnc_persons).values(**entry, blocked_at=write.now))


def block_known(connection: Connection, theirs: Mapping[str, Collection[str]], now: float) -> None:
    """Numbers that leads have now, by person (`Lead.party`): of those who have refused as a person they go onto
    the same registers."""
    for portion in portions(theirs):
        for row in connection.execute(_REFUSED, {"persons": portion}).all():
            numbers_of = tuple(theirs[row.person])
            block(connection, BlockNumbers(numbers_of, row.source, now, row.client, row.purpose))


def know_as(connection: Connection, persons: Mapping[str, str], now: float) -> None:
    """It is known now which person (`Lead.person`) a lead (`lead_party`) is: what the lead refused, they did."""
    for portion in portions(persons):
        for row in connection.execute(_REFUSED, {"persons": portion}).all():
            block(connection, BlockNumbers((), row.source, now, row.client, row.purpose, persons[row.person]))


def forget_persons(connection: Connection, persons: Iterable[str]) -> None:
    """As if they had never refused: for those who are erased."""
    for portion in portions(persons):
        connection.execute(delete(dnc_persons).where(dnc_persons.c.person.in_(portion)))


def persons_of(connection: Connection, e164s: Iterable[str]) -> set[str]:
    """Whose numbers they are, as persons and as leads (`Lead.party`)."""
    found: set[str] = set()
    for portion in portions(e164s):
        for lead_id, key, list_name in connection.execute(_WHOSE, {"numbers": portion}):
            found.add(lead_party(lead_id))
            if key:
                found.add(f"{client_of(list_name)}:{key}")
    return found


def _numbers_of(connection: Connection, person: str) -> set[str]:
    """All numbers of the leads of a person, or of the lead (`Lead.party`)."""
    if (lead_id := lead_of_party(person)) is not None:
        return set(connection.execute(select(numbers.c.e164).where(numbers.c.lead_id == lead_id)).scalars())
    client, _, person_key = person.partition(":")
    if not person_key:
        return set()
    found = connection.execute(_OF_PERSON, {"person_key": person_key})
    return {number for number, list_name in found if client_of(list_name) == client}


def unblock(connection: Connection, write: UnblockNumbers) -> None:
    """Take numbers off the client's register, from whatever source; whose last they were there from a refusal has
    not refused as a person any more."""
    take_off = _TAKE_OFF.where(dnc.c.purpose == write.purpose) if write.purpose else _TAKE_OFF
    for portion in portions(write.numbers):
        values = {"numbers": portion, "own": write.client, "new_removed_at": write.now}
        connection.execute(take_off, values)
    for portion in portions(persons_of(connection, write.numbers)):
        for row in connection.execute(_REFUSED, {"persons": portion}).all():
            if row.client == write.client and write.purpose in {"", row.purpose}:
                _end(connection, row, write.now)
    _raise_version(connection)


def _end(connection: Connection, refused: Row[tuple[object, ...]], now: float) -> None:
    """Unless another of the person's numbers is still on the register by that refusal."""
    own = (dnc.c.client == refused.client, dnc.c.purpose == refused.purpose, dnc.c.source == refused.source)
    for portion in portions(_numbers_of(connection, refused.person)):
        there = select(dnc.c.number).where(dnc.c.number.in_(portion), *own, STILL).limit(1)
        if connection.execute(there).first() is not None:
            return
    same = and_(*(dnc_persons.c[name] == getattr(refused, name) for name in ("person", *_OF_ENTRY, "blocked_at")))
    connection.execute(update(dnc_persons).where(same).values(removed_at=now))


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


def refused_by(connection: Connection, persons: Iterable[str], client: str) -> list[PersonRefused]:
    found: list[PersonRefused] = []
    mine = dnc_persons.c.client.in_(("", client))
    for portion in portions(persons):
        query = select(dnc_persons).where(dnc_persons.c.person.in_(portion), mine)
        found += [PersonRefused(*row) for row in connection.execute(query)]
    return sorted(found, key=lambda one: (one.person, one.since, one.client, one.purpose, one.source))


def dnc_version(connection: Connection) -> int:
    return int(connection.execute(VERSION).scalar_one())
