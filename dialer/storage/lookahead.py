"""What the checks of a group's attempts will ask, asked at once: for a database that is a round trip away.

Only what nothing in the same transaction has changed may be answered from here: `forget` what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    CompoundSelect,
    Float,
    bindparam,
    cast,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect

from dialer.ports.store import AttemptIntent
from dialer.storage.caps import Counted, cap_key
from dialer.storage.statement import Statement, among
from dialer.storage.tables import attempts, dnc

CapKey = tuple[str, str | int]

_REGISTER = "register"
_LISTS = ("listed", "numbers", "leads")
"""Numbers looked for on the registers, and the keys of caps."""


class Lookahead:
    """Answers of one transaction. Empty where the database is in this process: asking it costs next to nothing."""

    def __init__(self, dialect: Dialect) -> None:
        self._on_server = dialect.name == "postgresql"
        self._sources: dict[str, list[tuple[str, str]]] = {}
        self._counted: dict[CapKey, list[Counted]] = {}
        self._answer: DBAPICursor | None = None
        if self._on_server:
            self._asked = Statement(_all_at_once(dialect), dialect, (*_LISTS, "since"))

    def ask(self, another: Callable[[], DBAPICursor], intents: Sequence[AttemptIntent]) -> None:
        """At the beginning of a transaction, before anything is written in it. `learn` when it is answered."""
        self.clear()
        if not self._on_server or not intents:
            return
        since: dict[tuple[str, Any], float] = {}
        for intent in intents:
            self._sources[intent.number] = []
            for cap in intent.permitted.caps:
                key = cap_key(cap)
                since[key] = min(cap.since, since.get(key, cap.since))
        self._counted = {key: [] for key in since}
        numbers, leads = ([of for kind, of in since if kind == asked] for asked in ("number", "lead"))
        earliest = min(since.values(), default=0.0)
        self._answer = another()
        self._asked.run(self._answer, list(self._sources), numbers, leads, earliest)

    def learn(self) -> None:
        """What has been asked is answered."""
        for key, number, lead_id, *row in [] if self._answer is None else self._answer.fetchall():
            if key == _REGISTER:
                self._sources[number].append((row[1], row[2]))
            else:
                self._counted[key, lead_id if key == "lead" else number].append(tuple(row))
        self._answer = None

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
        self._answer = None


def _all_at_once(dialect: Dialect) -> CompoundSelect[Any]:
    """One statement, for each is a round trip: the numbers on registers, and the counted attempts on numbers and
    leads, each row with what it is, the number, the lead, and what is known."""
    since: BindParameter[float] = bindparam("since")
    on_register = select(
        literal_column(f"'{_REGISTER}'"), dnc.c.number, cast(null(), BigInteger), cast(null(), Float),
        dnc.c.client, dnc.c.source, cast(null(), Boolean),
    ).where(among(dnc.c.number, "listed", dialect), dnc.c.removed_at.is_(None))  # fmt: skip
    counted = (
        select(
            literal_column(f"'{kind}'"), attempts.c.number, attempts.c.lead_id, attempts.c.created_at,
            attempts.c.campaign, attempts.c.stage, attempts.c.charged,
        ).where(
            among(attempts.c[column], keys, dialect), attempts.c.created_at >= since, attempts.c.counted
        )
        for kind, column, keys in (("number", "number", "numbers"), ("lead", "lead_id", "leads"))
    )  # fmt: skip
    return union_all(on_register, *counted)
