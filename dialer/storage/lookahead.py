"""What the checks of a group's attempts will ask, asked at once: for a database that is a round trip away.

Only what nothing in the same transaction has changed may be answered from here: `forget` what was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect
from sqlalchemy.types import BigInteger, Text

from dialer.ports.store import AttemptIntent
from dialer.storage.caps import Counted, cap_key
from dialer.storage.statement import Statement
from dialer.storage.tables import attempts, dnc

CapKey = tuple[str, str | int]


class Lookahead:
    """Answers of one transaction. Empty where the database is in this process: asking it costs next to nothing."""

    def __init__(self, dialect: Dialect) -> None:
        self._on_server = dialect.name == "postgresql"
        self._sources: dict[str, list[tuple[str, str]]] = {}
        self._counted: dict[CapKey, list[Counted]] = {}
        if self._on_server:
            of_numbers = bindparam("numbers", type_=ARRAY(Text))
            on_register = select(dnc.c.number, dnc.c.client, dnc.c.source).where(
                dnc.c.number == of_numbers.any_(), dnc.c.removed_at.is_(None)
            )
            self._on_register = Statement(on_register, dialect, ("numbers",))
            self._of_numbers = _counted("number", ARRAY(Text), dialect)
            self._of_leads = _counted("lead_id", ARRAY(BigInteger), dialect)

    def look(self, connection: Connection, intents: Sequence[AttemptIntent]) -> None:
        """At the beginning of a transaction, before anything is written in it."""
        self.clear()
        if not self._on_server or len(intents) < 1:
            return
        since: dict[CapKey, float] = {}
        for intent in intents:
            self._sources[intent.number] = []
            for cap in intent.permitted.caps:
                key = cap_key(cap)
                since[key] = min(cap.since, since.get(key, cap.since))
        self._counted = {key: [] for key in since}
        driver: Any = connection.connection.driver_connection
        asked: list[tuple[str, DBAPICursor]] = []
        with driver.pipeline():
            register = driver.cursor()
            self._on_register.run(register, list(self._sources))
            for kind, statement in (("number", self._of_numbers), ("lead", self._of_leads)):
                keys = [key for key in since if key[0] == kind]
                if keys:
                    cursor = driver.cursor()
                    statement.run(cursor, [key[1] for key in keys], min(since[key] for key in keys))
                    asked.append((kind, cursor))
        for number, client, source in register.fetchall():
            self._sources[number].append((client, source))
        for kind, cursor in asked:
            for key, *counted in cursor.fetchall():
                self._counted[kind, key].append(tuple(counted))

    def knows_register(self, number: str) -> bool:
        return number in self._sources

    def source(self, number: str, client: str) -> str | None:
        """A source that put the number on the house's register or the client's."""
        return min((source for of, source in self._sources[number] if of in ("", client)), default=None)

    def counted(self, key: CapKey) -> list[Counted] | None:
        """The counted attempts on a number or lead, perhaps older ones than its caps count; None: not known."""
        return self._counted.get(key)

    def forget(self, touched: Iterable[str | int]) -> None:
        """Attempts on these numbers and leads were written."""
        if self._counted:
            for key in touched:
                self._counted.pop(("number" if isinstance(key, str) else "lead", key), None)

    def forget_registers(self) -> None:
        self._sources.clear()

    def clear(self) -> None:
        self._sources.clear()
        self._counted.clear()


def _counted(column: str, keys: ARRAY[Any], dialect: Dialect) -> Statement:
    of_keys = bindparam("keys", type_=keys)
    query = select(
        attempts.c[column], attempts.c.created_at, attempts.c.campaign, attempts.c.stage, attempts.c.charged
    ).where(attempts.c[column] == of_keys.any_(), attempts.c.created_at >= bindparam("since"), attempts.c.counted)
    return Statement(query, dialect, ("keys", "since"))
