"""What the checks of a group's attempts will ask, asked at once: for a database that is a round trip away.

Only what nothing in the same transaction has changed may be answered from here: `forget` what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, CompoundSelect, Text, cast, literal_column, null, union_all
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect

from dialer.ports.store import AttemptIntent
from dialer.storage.caps import CapKey, Counted, asked
from dialer.storage.counted import counted_on
from dialer.storage.registers import CONSENT, DNC, RegisterRow, given, on_dnc
from dialer.storage.statement import Statement, among
from dialer.storage.tables import attempts, consents, dnc

_LISTS = {"number": "numbers", "lead_id": "leads", "person": "persons", "debt": "debts"}
"""The keys of caps, by what they count on."""


class Lookahead:
    """Answers of one transaction. Empty where the database is in this process: asking it costs next to nothing."""

    def __init__(self, dialect: Dialect) -> None:
        self._on_server = dialect.name == "postgresql"
        self._registers: dict[str, list[RegisterRow]] = {}
        self._counted: dict[CapKey, list[Counted]] = {}
        self._answer: DBAPICursor | None = None
        if self._on_server:
            self._asked = Statement(_all_at_once(dialect), dialect, ("listed", *_LISTS.values(), "since"))

    def ask(self, another: Callable[[], DBAPICursor], intents: Sequence[AttemptIntent]) -> None:
        """At the beginning of a transaction, before anything is written in it. `learn` when it is answered."""
        self.clear()
        if not self._on_server or not intents:
            return
        earliest = float("inf")
        for intent in intents:
            self._registers[intent.number] = []
            for key, since in asked(intent).items():
                self._counted[key] = []
                earliest = min(earliest, since)
        keys = [[of for kind, of in self._counted if kind == asked] for asked in _LISTS]
        self._answer = another()
        self._asked.run(self._answer, list(self._registers), *keys, earliest)

    def learn(self) -> None:
        """What has been asked is answered."""
        for kind, key, lead_id, *row in [] if self._answer is None else self._answer.fetchall():
            if kind in {DNC, CONSENT}:
                self._registers[key].append((kind, *row))
            else:
                self._counted[kind, lead_id if key is None else key].append(tuple(row))
        self._answer = None

    def registers(self, number: str) -> list[RegisterRow] | None:
        """What the registers have for the number; None: not known."""
        return self._registers.get(number)

    def counted(self, key: CapKey) -> list[Counted] | None:
        """The counted attempts on the key, perhaps older ones than its caps count; None: not known."""
        return self._counted.get(key)

    def forget(self, touched: Iterable[CapKey]) -> None:
        """Attempts on these keys were written."""
        if self._counted:
            for key in touched:
                self._counted.pop(key, None)

    def forget_registers(self) -> None:
        self._registers.clear()

    def clear(self) -> None:
        self._registers.clear()
        self._counted.clear()
        self._answer = None


def _all_at_once(dialect: Dialect) -> CompoundSelect[Any]:
    """One statement, for each is a round trip: the numbers on registers, and the counted attempts on numbers and
    leads, each row with what it is, the key where it is a text, the lead, and what is known."""
    no_lead = cast(null(), BigInteger)
    listed = on_dnc(among(dnc.c.number, "listed", dialect), dnc.c.number, no_lead)
    agreed = given(among(consents.c.number, "listed", dialect), consents.c.number, no_lead)
    counted = (
        counted_on(
            column,
            among(attempts.c[column], keys, dialect),
            literal_column(f"'{column}'"),
            cast(null(), Text) if column == "lead_id" else attempts.c[column],
            attempts.c.lead_id,
        )
        for column, keys in _LISTS.items()
    )
    return union_all(listed, agreed, *counted)
