"""Erasing a person: leads become empty shells, so that counts, outcomes and the chain of permits stay whole.

Of each table it is said which columns stay; every other is emptied, so that one that a later version adds is, too,
until somebody decides otherwise.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, literal_column, select, update

from dialer.ports.store import DROPPED, ERASED, ERASURE_REQUEST, FINAL, LEASED, OPEN, ErasePerson
from dialer.storage.dnc import forget_persons
from dialer.storage.errors import PersonAtHand
from dialer.storage.rows import portions
from dialer.storage.tables import (
    attempts,
    callbacks,
    campaign_leads,
    campaigns,
    changes,
    consents,
    dnc,
    erased,
    installation,
    lead_versions,
    leads,
    lists,
    numbers,
)
from lists.client import client_of
from lists.lead import lead_party

STAYS: Mapping[str, frozenset[str]] = {
    "leads": frozenset({"lead_id", "list_id", "source", "as_of", "added_at", "country"}),
    "numbers": frozenset(
        {"lead_id", "position", "region", "kind", "zones", "zone_source", "use", "source", "as_of"}
    ),
    "attempts": frozenset(attempts.c.keys())
    - {"number", "permit", "salt", "person", "debt", "note", "recording", "answers"},
    "callbacks": frozenset(callbacks.c.keys()) - {"number", "consent"},
}
"""What says nothing of who it was."""

_EMPTY = {("leads", "fields"): "[]", ("leads", "origins"): "[]", ("attempts", "note"): ""}


def erase_person(connection: Connection, write: ErasePerson) -> None:
    """See `ErasePerson`. Raises `PersonAtHand`."""
    attempt_ids = _attempts_of(connection, write.lead_ids)
    _refuse_at_hand(connection, write.lead_ids)
    for portion in portions(write.lead_ids):
        _count_off(connection, portion)
        _let_go(connection, portion, write.clients)
        forget_persons(connection, _persons_of(connection, portion))
        connection.execute(delete(lead_versions).where(lead_versions.c.lead_id.in_(portion)))
        for table in (leads, numbers, attempts):
            connection.execute(update(table).where(table.c.lead_id.in_(portion)).values(_emptied(table)))
        for campaign_id in connection.execute(select(campaigns.c.campaign_id)).scalars().all():
            places = (campaign_leads.c.campaign_id == campaign_id, campaign_leads.c.lead_id.in_(portion))
            connection.execute(update(campaign_leads).where(*places).values(state=FINAL, reason=ERASED))
    for portion in portions(attempt_ids):
        promised = callbacks.c.promised_in.in_(portion)
        ending = {"state": DROPPED, "reason": ERASED, "ended_at": write.now}
        connection.execute(update(callbacks).where(promised, callbacks.c.state == OPEN).values(ending))
        connection.execute(update(callbacks).where(promised).values(_emptied(callbacks)))
    for theirs in portions(write.numbers):
        of_client = consents.c.client.in_(write.clients)
        connection.execute(delete(consents).where(consents.c.number.in_(theirs), of_client))
    _keep_hashes(connection, write)
    for number in write.numbers:
        _strike_from_changes(connection, number)


def anyone_erased(connection: Connection) -> bool:
    return connection.execute(select(erased.c.digest).limit(1)).first() is not None


def erased_among(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those of these keys by which somebody was erased."""
    digests = _digests(connection, keys)
    found: set[str] = set()
    for portion in portions(digests):
        rows = connection.execute(select(erased.c.digest).where(erased.c.digest.in_(portion)))
        found.update(digests[digest] for digest in rows.scalars())
    return found


def _attempts_of(connection: Connection, lead_ids: Sequence[int]) -> list[int]:
    """Of these leads. Raises `PersonAtHand` while one is open."""
    found: list[int] = []
    for portion in portions(lead_ids):
        query = select(attempts.c.attempt_id, attempts.c.lead_id, attempts.c.campaign, attempts.c.closed_at)
        for row in connection.execute(query.where(attempts.c.lead_id.in_(portion))):
            if row.closed_at is None:
                raise PersonAtHand(row.lead_id, row.campaign)
            found.append(row.attempt_id)
    return found


def _refuse_at_hand(connection: Connection, lead_ids: Sequence[int]) -> None:
    """Raises `PersonAtHand` while one of them is leased. Asked per campaign: the key of a place begins with it."""
    for campaign in connection.execute(select(campaigns.c.campaign_id, campaigns.c.name)).all():
        for portion in portions(lead_ids):
            leased = select(campaign_leads.c.lead_id).where(
                campaign_leads.c.campaign_id == campaign.campaign_id,
                campaign_leads.c.lead_id.in_(portion),
                campaign_leads.c.state == literal_column(f"'{LEASED}'"),
            )
            at_hand = connection.execute(leased).scalars().first()
            if at_hand is not None:
                raise PersonAtHand(at_hand, campaign.name)


def _count_off(connection: Connection, lead_ids: Sequence[int]) -> None:
    """Their lists have so many leads and numbers less."""
    there = (
        select(leads.c.list_id, func.count(leads.c.lead_id.distinct()), func.count())
        .join_from(leads, numbers, numbers.c.lead_id == leads.c.lead_id)
        .where(leads.c.lead_id.in_(lead_ids), numbers.c.e164 != literal_column("''"))
        .group_by(leads.c.list_id)
    )
    for list_id, of_leads, of_numbers in connection.execute(there).all():
        less = {"leads": lists.c.leads - of_leads, "numbers": lists.c.numbers - of_numbers}
        connection.execute(update(lists).where(lists.c.list_id == list_id).values(less))


def _let_go(connection: Connection, lead_ids: Sequence[int], clients: Sequence[str]) -> None:
    """What had held their numbers back until now."""
    theirs = select(numbers.c.e164).where(numbers.c.lead_id.in_(lead_ids))
    held = (dnc.c.number.in_(theirs), dnc.c.client.in_(clients), dnc.c.source == ERASURE_REQUEST)
    connection.execute(delete(dnc).where(*held))


def _persons_of(connection: Connection, lead_ids: Sequence[int]) -> set[str]:
    """Who they are, as persons and as leads (`Lead.party`)."""
    query = select(leads.c.person_key, lists.c.name).join_from(leads, lists, lists.c.list_id == leads.c.list_id)
    known = leads.c.lead_id.in_(lead_ids), leads.c.person_key != literal_column("''")
    persons = {f"{client_of(name)}:{key}" for key, name in connection.execute(query.where(*known))}
    return persons | {lead_party(lead_id) for lead_id in lead_ids}


def _emptied(table: Table) -> dict[str, Any]:
    return {
        column.name: _EMPTY.get((table.name, column.name), None if column.nullable else "")
        for column in table.columns
        if column.name not in STAYS[table.name]
    }


def _digests(connection: Connection, keys: Iterable[str]) -> dict[bytes, str]:
    secret = bytes(connection.execute(select(installation.c.key)).scalar_one())
    return {hmac.digest(secret, b"erased\n" + key.encode(), hashlib.sha256): key for key in keys}


def _keep_hashes(connection: Connection, write: ErasePerson) -> None:
    digests = _digests(connection, write.keys)
    known = erased_among(connection, write.keys)
    rows = [{"digest": digest, "erased_at": write.now} for digest, key in digests.items() if key not in known]
    if rows:
        connection.execute(insert(erased), rows)


def _strike_from_changes(connection: Connection, number: str) -> None:
    """Entries that name the number say that somebody was erased there."""
    query = select(changes.c.change_id, changes.c.subject, changes.c.detail).where(
        changes.c.detail.contains(number, autoescape=True) | changes.c.subject.contains(number, autoescape=True)
    )
    for row in connection.execute(query).all():
        struck = {name: getattr(row, name).replace(number, ERASED) for name in ("subject", "detail")}
        connection.execute(update(changes).where(changes.c.change_id == row.change_id).values(struck))
