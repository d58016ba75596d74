"""The do-not-call registers and those of consents, as the transaction that inserts an attempt asks them once more:
both in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Float,
    Select,
    Text,
    cast,
    func,
    literal_column,
    null,
    select,
)

from campaigns.consent import Consent, is_lacking
from dialer.ports.store import AttemptDenied, AttemptIntent
from dialer.storage.caps import denied_by_consent, denied_by_dnc
from dialer.storage.tables import consents, dnc
from lists.client import HOUSE, client_of

DNC, CONSENT = "dnc", "consent"

RegisterRow = tuple[str, float, str, str, bool | None, None, float | None, str]
"""Which register (`DNC`, `CONSENT`), since when, whose, the source or the kind, whether it is withdrawn, nothing,
when it was withdrawn or else will expire, for which purpose: in the order in which caps are told of an attempt."""


def on_dnc(these: ColumnElement[bool], *more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Rows of the do-not-call registers, with these columns before theirs."""
    columns = (
        dnc.c.blocked_at, dnc.c.client, dnc.c.source, cast(null(), Boolean), cast(null(), Text),
        cast(null(), Float), dnc.c.purpose,
    )  # fmt: skip
    return select(literal_column(f"'{DNC}'"), *more, *columns).where(these, dnc.c.removed_at.is_(None))


def given(these: ColumnElement[bool], *more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Rows of the registers of consents, with these columns before theirs. One that is withdrawn expires no more,
    so one column will do for either."""
    columns = (
        consents.c.given_at, consents.c.client, consents.c.kind, consents.c.withdrawn_at.is_not(None),
        cast(null(), Text), func.coalesce(consents.c.withdrawn_at, consents.c.expires_at), consents.c.purpose,
    )  # fmt: skip
    return select(literal_column(f"'{CONSENT}'"), *more, *columns).where(these)


def denied_by_registers(intent: AttemptIntent, rows: Iterable[RegisterRow]) -> AttemptDenied | None:
    """Why the attempt may not be made, by what the registers have for its number; None if it may."""
    client, permitted = client_of(intent.campaign), intent.permitted
    checks = [one for one in (permitted.consent, permitted.asked) if one is not None]
    sources: list[str] = []
    agreed: list[Consent] = []
    for register, since, of, what, withdrawn, _, end, purpose in rows:
        if register == DNC:
            if of in {HOUSE, client} and purpose in {"", intent.purpose}:
                sources.append(what)
        elif of == client and checks:
            agreed.append(_consent(intent, what, purpose, since, end, withdrawn=bool(withdrawn)))
    if sources:
        return denied_by_dnc(intent, min(sources))
    for wanted in checks:
        if is_lacking(agreed, intent.number, wanted, intent.created_at):
            return denied_by_consent(intent, wanted)
    return None


def _consent(
    intent: AttemptIntent, kind: str, purpose: str, since: float, end: float | None, *, withdrawn: bool
) -> Consent:
    """One that is withdrawn by now was not in force any more, even if the decision is a moment older."""
    if withdrawn and end is not None:
        return Consent(intent.number, kind, purpose, since, withdrawn_at=min(end, intent.created_at))
    return Consent(intent.number, kind, purpose, since, end)
