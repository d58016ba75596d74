"""Attempts: committed before they are dialed, completed once, and read back as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, insert, literal_column, select, union_all, update
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect

from campaigns.outcome import Contact
from campaigns.record import AttemptRecord
from dialer.ports.store import AttemptDenied, AttemptIntent, Seal, StoredAttempt
from dialer.storage.caps import CapKey, Counted, denied
from dialer.storage.chain import Sealed
from dialer.storage.counted import COUNTED_ON, counted_on
from dialer.storage.lookahead import Lookahead
from dialer.storage.registers import denied_by_registers, given, on_dnc
from dialer.storage.statement import Statement
from dialer.storage.tables import attempts, consents, dnc

_INTENT = (
    "attempt_id", "campaign", "lead_id", "number", "trunk", "caller_id", "call_id", "attempt_no", "created_at",
)  # fmt: skip
_SEAL = ("chain_place", "salt", "digest", "link")
_WHOM = ("person", "debt", "purpose")
_RECORD = tuple(field.name for field in fields(AttemptRecord))
_CLOSING = tuple(name for name in _RECORD if name not in {*_INTENT, *_WHOM})
_SAVED = (*_INTENT, "permit", *_SEAL, "counted", *_WHOM)
"""In the order of the table, as the statement has them: then a row goes to the driver as it is."""

intent_values = attrgetter(*_INTENT)
_whom_values = attrgetter(*_WHOM)
_closing_values = attrgetter(*_CLOSING)


def closing_row(record: AttemptRecord) -> tuple[Any, ...]:
    """Values for `AttemptStatements.close`."""
    values: tuple[Any, ...] = _closing_values(record)
    return (*values, record.attempt_id)


def intent_row(intent: AttemptIntent, permit: str, sealed: Sealed) -> tuple[Any, ...]:
    """Values for `AttemptStatements.save`."""
    values: tuple[Any, ...] = intent_values(intent)
    return (*values, permit, *sealed, True, *_whom_values(intent))


class AttemptStatements:
    """What a writer runs at each attempt, compiled for its dialect."""

    def __init__(self, dialect: Dialect) -> None:
        values: dict[str, ColumnElement[Any]] = {name: bindparam(name) for name in _SAVED}
        values["contact"] = literal_column(f"'{Contact.OPEN}'")
        self.save = Statement(insert(attempts).values(values), dialect, _SAVED)
        self.close = Statement(
            update(attempts)
            .where(attempts.c.attempt_id == bindparam("key"), attempts.c.closed_at.is_(None))
            .values({name: bindparam(f"new_{name}") for name in _CLOSING}),
            dialect,
            (*(f"new_{name}" for name in _CLOSING), "key"),
        )
        number: ColumnElement[str] = bindparam("number")
        registers = union_all(on_dnc(dnc.c.number == number), given(consents.c.number == number))
        self._registers = Statement(registers, dialect, ("number",))
        self.counted = {
            column: Statement(
                counted_on(column, attempts.c[column] == bindparam("key")), dialect, ("key", "since")
            )
            for column in COUNTED_ON
        }

    def denial(
        self, cursor: DBAPICursor, intent: AttemptIntent, keys: Mapping[CapKey, float], ahead: Lookahead
    ) -> AttemptDenied | None:
        """Why the attempt may not be made after all, seen from inside the transaction; None if it may. `keys`:
        what is `asked` for it."""
        registered = ahead.registers(intent.number)
        if registered is None:
            registered = self._registers.rows(cursor, intent.number)
        if (refused := denied_by_registers(intent, registered)) is not None:
            return refused
        known: dict[CapKey, list[Counted]] = {}
        for key, since in keys.items():
            counted = ahead.counted(key)
            known[key] = self._count(cursor, key, since) if counted is None else counted
        return denied(intent, known) if any(known.values()) else None

    def _count(self, cursor: DBAPICursor, key: CapKey, since: float) -> list[Counted]:
        return self.counted[key[0]].rows(cursor, key[1], since)


RECORD_COLUMNS = tuple(attempts.c[name] for name in _RECORD)
SEAL_COLUMNS = tuple(attempts.c[name] for name in _SEAL)
STORED_COLUMNS = (
    *RECORD_COLUMNS, attempts.c.permit, attempts.c.person, attempts.c.debt, attempts.c.purpose, *SEAL_COLUMNS
)  # fmt: skip
OPEN_ATTEMPTS = select(*STORED_COLUMNS).where(attempts.c.closed_at.is_(None)).order_by(attempts.c.attempt_id)
LAST_ATTEMPT_AT = select(attempts.c.created_at).order_by(attempts.c.attempt_id.desc()).limit(1)
NEXT_ATTEMPT_ID = select(func.coalesce(func.max(attempts.c.attempt_id), 0) + 1)


def record_of(row: Row[Any]) -> AttemptRecord:
    """The record in a row of `RECORD_COLUMNS` (further columns may follow) of a closed attempt."""
    return AttemptRecord(**dict(zip(_RECORD, row, strict=False)))


def stored_attempt_of(row: Row[Any]) -> StoredAttempt:
    """The attempt in a row of `STORED_COLUMNS`."""
    return StoredAttempt(
        row.attempt_id, row.campaign, row.lead_id, row.number, row.trunk, row.caller_id, row.call_id,
        row.created_at, row.permit, None if row.closed_at is None else record_of(row),
        row.person, row.debt, row.purpose, seal_of(row),
    )  # fmt: skip


def seal_of(row: Row[Any]) -> Seal | None:
    """The seal in a row of `SEAL_COLUMNS` (others may be there)."""
    if row.chain_place is None:
        return None
    salt = None if row.salt is None else bytes(row.salt).hex()
    return Seal(row.chain_place, salt, bytes(row.digest).hex(), bytes(row.link).hex())
