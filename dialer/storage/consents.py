"""The registers of consents, each client's own.

What is withdrawn stays. `installation.consent_version` rises with every change, so that a permit can say what it
was given under.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, literal_column, select, tuple_, update

from campaigns.consent import TO_BE_CALLED, Consent
from campaigns.refusal import Refusal
from dialer.ports.store import ReturnLeads, SaveConsents, WithdrawConsents
from dialer.storage.places import CONSENT_GIVEN, LEASED, PROMISED, WAITING
from dialer.storage.rows import portions
from dialer.storage.tables import campaign_leads, campaigns, consents, installation, numbers
from lists.client import client_of

COLUMNS = (
    consents.c.number, consents.c.kind, consents.c.purpose, consents.c.given_at, consents.c.expires_at,
    consents.c.source, consents.c.evidence, consents.c.withdrawn_at,
)  # fmt: skip
OF_CLIENT = consents.c.client == bindparam("client")


def consent_of(row: Sequence[Any]) -> Consent:
    """The consent in a row of `COLUMNS`."""
    return Consent(*row)


def save(connection: Connection, write: SaveConsents) -> None:
    own_key = tuple_(consents.c.number, consents.c.kind, consents.c.purpose, consents.c.given_at)
    latest = {(one.number, one.kind, one.purpose, one.given_at): one for one in write.consents}
    for portion in portions(latest.values()):
        keys = [(one.number, one.kind, one.purpose, one.given_at) for one in portion]
        these = (consents.c.client == write.client, own_key.in_(keys))
        ended = {
            (row.number, row.kind, row.purpose, row.given_at): row.withdrawn_at
            for row in connection.execute(
                select(
                    consents.c.number, consents.c.kind, consents.c.purpose, consents.c.given_at,
                    consents.c.withdrawn_at,
                ).where(*these, consents.c.withdrawn_at.is_not(None))
            )
        }  # fmt: skip
        connection.execute(delete(consents).where(*these))
        rows = [
            {
                "number": one.number, "client": write.client, "kind": one.kind, "purpose": one.purpose,
                "given_at": one.given_at, "expires_at": one.expires_at, "source": one.source,
                "evidence": one.evidence, "withdrawn_at": ended.get(key, one.withdrawn_at),
            }
            for key, one in zip(keys, portion, strict=True)
        ]  # fmt: skip
        connection.execute(insert(consents), rows)
    _wake(connection, write)
    _raise_version(connection)


def _wake(connection: Connection, write: SaveConsents) -> None:
    """Leads that wait for such a consent are due, promised ones too; those that are leased may have been judged
    without it. For others, which are put down with each call that is recorded by consent, nobody waits."""
    given = {one.number for one in write.consents if one.kind in TO_BE_CALLED}
    if not given:
        return
    names = connection.execute(select(campaigns.c.campaign_id, campaigns.c.name))
    mine = [campaign_id for campaign_id, name in names if client_of(name) == write.client]
    place = campaign_leads
    for portion in portions(given):
        theirs = select(numbers.c.lead_id).where(numbers.c.e164.in_(portion))
        for campaign_id in mine:
            here = update(place).where(place.c.campaign_id == campaign_id, place.c.lead_id.in_(theirs))
            waiting = place.c.state.in_((WAITING, PROMISED)), place.c.reason == Refusal.CONSENT.value
            connection.execute(here.where(*waiting).values(due_at=write.now))
            connection.execute(here.where(place.c.state == LEASED).values(reason=CONSENT_GIVEN))


def due_again(connection: Connection, write: ReturnLeads) -> ReturnLeads:
    """The same, with those leads due at once that lack a consent and were given one while they were leased."""
    lacking = {(one.campaign, one.lead_id) for one in write.updates if one.reason == Refusal.CONSENT.value}
    if not lacking:
        return write
    place = campaign_leads
    given: dict[tuple[str, int], float] = {}
    for portion in portions({lead_id for _, lead_id in lacking}):
        query = (
            select(campaigns.c.name, place.c.lead_id, place.c.due_at)
            .join_from(place, campaigns, campaigns.c.campaign_id == place.c.campaign_id)
            .where(
                campaigns.c.name.in_({name for name, _ in lacking}),
                place.c.lead_id.in_(portion),
                place.c.state == LEASED,
                place.c.reason == CONSENT_GIVEN,
            )
        )
        given |= {(name, lead_id): due_at for name, lead_id, due_at in connection.execute(query)}
    return ReturnLeads(
        tuple(
            replace(one, due_at=given[one.campaign, one.lead_id])
            if one.reason == Refusal.CONSENT.value and (one.campaign, one.lead_id) in given
            else one
            for one in write.updates
        )
    )


def withdraw(connection: Connection, write: WithdrawConsents) -> None:
    for portion in portions(write.numbers):
        query = update(consents).where(
            consents.c.number.in_(portion), consents.c.client == write.client, consents.c.withdrawn_at.is_(None)
        )
        if write.kind:
            query = query.where(consents.c.kind == write.kind)
        connection.execute(query.values(withdrawn_at=write.now))
        there = set(
            connection.execute(
                select(consents.c.number).where(
                    consents.c.number.in_(portion),
                    consents.c.client == write.client,
                    consents.c.kind == write.kind,
                    consents.c.purpose == literal_column("''"),
                    consents.c.given_at == write.now,
                )
            ).scalars()
        )
        refusals = [
            {
                "number": number, "client": write.client, "kind": write.kind, "purpose": "", "given_at": write.now,
                "source": write.source, "evidence": "", "withdrawn_at": write.now,
            }
            for number in portion
            if number not in there
        ]  # fmt: skip
        if refusals:
            connection.execute(insert(consents), refusals)
    _raise_version(connection)


def _raise_version(connection: Connection) -> None:
    connection.execute(update(installation).values(consent_version=installation.c.consent_version + 1))


def consents_of(connection: Connection, numbers: Iterable[str], client: str) -> list[Consent]:
    found: list[Consent] = []
    for portion in portions(numbers):
        query = select(*COLUMNS).where(consents.c.number.in_(portion), OF_CLIENT)
        found += map(consent_of, connection.execute(query, {"client": client}))
    return sorted(found, key=lambda one: (one.number, one.given_at, one.kind, one.purpose))


def totals(connection: Connection, client: str) -> list[tuple[str, str, int]]:
    query = (
        select(consents.c.kind, consents.c.purpose, func.count())
        .where(OF_CLIENT, consents.c.withdrawn_at.is_(None))
        .group_by(consents.c.kind, consents.c.purpose)
    )
    found = connection.execute(query, {"client": client})
    return sorted((str(kind), str(purpose), int(count)) for kind, purpose, count in found)
