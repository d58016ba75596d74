"""Registers of consents, each client's own: put on, read from a file, withdrawn."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from campaigns.consent import Consent, ConsentKind
from dialer.errors import InputError
from dialer.operations.known_purpose import known_purpose
from dialer.ports.access import Actor, Change
from dialer.ports.store import Answer, SaveConsents, WithdrawConsents, Write
from lists import normalise
from lists.phone import BadNumber, check_region, parse_phone

CHUNK = 500
"""Consents in one write: the journal of a running campaign goes through the same writer."""
SHOWN_NUMBERS = 20
_COLUMNS = ("number", "kind", "purpose", "given_at", "expires_at", "source", "evidence")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a file that holds no consent. `line` counts from 1."""

    line: int
    text: str


def read_moment(text: str, what: str) -> float:
    """Seconds UTC of an ISO date or moment; a date begins in UTC. Raises `InputError`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{what}: {text!r} is no date or moment; write 2026-11-30 or 2026-11-30T14:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def make_consent(
    number: str, *, kind: str, purpose: str, given_at: float, expires_at: float | None, source: str, evidence: str
) -> Consent:
    """A consent whose parts make sense. Raises `InputError` saying what to write instead."""
    if kind not in set(ConsentKind):
        raise InputError(f"kind: {kind!r} is none; write one of {', '.join(ConsentKind)}")
    known_purpose(purpose)
    if expires_at is not None and expires_at <= given_at:
        raise InputError("expires_at: it ends before it is given")
    if not source:
        raise InputError("source: say where the consent comes from")
    return Consent(number, kind, purpose, given_at, expires_at, source, evidence)


def read_consents(path: Path, region: str | None = None) -> tuple[tuple[Consent, ...], tuple[BadRow, ...]]:
    """A CSV file with a line of column names: number, given_at and source, and where wanted kind (call if not
    given), purpose, expires_at, evidence. Raises `InputError` when it cannot be read, `OptionError`."""
    country = check_region(region) if region else None
    good: list[Consent] = []
    bad: list[BadRow] = []
    for line, row in _rows(path):
        try:
            good.append(_consent(row, country))
        except InputError as error:
            bad.append(BadRow(line, str(error)))
    return tuple(good), tuple(bad)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            names = [name.strip().lower() for name in table.fieldnames or ()]
            if missing := [name for name in ("number", "given_at", "source") if name not in names]:
                raise InputError(f"{path}, line 1: there is no column {missing[0]}; known: {', '.join(_COLUMNS)}")
            table.fieldnames = names
            for row in table:
                yield table.line_num, {name: (row.get(name) or "").strip() for name in _COLUMNS}
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; check the path") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a CSV file in UTF-8: {error}") from error


def _consent(row: dict[str, str], country: str | None) -> Consent:
    number = parse_phone(normalise.phone(row["number"]), country)
    if isinstance(number, BadNumber):
        raise InputError(number.text)
    expires = row["expires_at"]
    return make_consent(
        number.e164,
        kind=row["kind"] or ConsentKind.CALL,
        purpose=row["purpose"],
        given_at=read_moment(row["given_at"], "given_at"),
        expires_at=read_moment(expires, "expires_at") if expires else None,
        source=row["source"],
        evidence=row["evidence"],
    )


def refuse_bad_rows(path: Path, bad: Sequence[BadRow]) -> None:
    """Raises `InputError` when any row could not be read."""
    if bad:
        lines = "\n".join(f"{path}, line {one.line}: {one.text}" for one in bad[:_SHOWN])
        more = f"\n… and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        raise InputError(f"{lines}{more}\nnothing was imported: mend these lines, or add --skip-bad")


def save_consents(
    consents: Sequence[Consent], *, write: Callable[[Write], Answer], now: float, client: str
) -> int:
    """Put them on the client's register, by portions; how many."""
    rest = iter(consents)
    while chunk := tuple(islice(rest, CHUNK)):
        write(SaveConsents(chunk, now, client))
    return len(consents)


def withdraw_consents(
    numbers: Sequence[str],
    *,
    write: Callable[[Write], Answer],
    now: float,
    client: str,
    kind: str = "",
    source: str = "",
) -> int:
    """End the client's consents for these numbers, as `source` says; for how many numbers it was asked."""
    rest = iter(numbers)
    while chunk := tuple(islice(rest, CHUNK)):
        write(WithdrawConsents(chunk, now, client, kind, source))
    return len(numbers)


def change_of(write: SaveConsents | WithdrawConsents, by: Actor, at: float) -> Change:
    """The entry of the log of changes: a few numbers are named, of many it says how many."""
    if isinstance(write, SaveConsents):
        action, numbers = "consents.save", tuple(dict.fromkeys(one.number for one in write.consents))
        sources = sorted({one.source for one in write.consents})
        detail = {"count": str(len(write.consents)), "source": ", ".join(sources[:3])}
    else:
        action, numbers = "consents.withdraw", write.numbers
        detail = {"count": str(len(numbers))}
        detail |= {name: text for name, text in (("kind", write.kind), ("source", write.source)) if text}
    if len(numbers) <= SHOWN_NUMBERS:
        detail["numbers"] = " ".join(numbers)
    subject = f"consents of {write.client}" if write.client else "consents"
    return by.change(at, action, subject, write.client, **detail)
