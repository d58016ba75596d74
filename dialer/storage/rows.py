"""Rows to leads and numbers, and questions over many keys at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Select, bindparam, literal_column, select

from dialer.ports.store import Place
from dialer.storage.places import fields_from_json, origins_from_json, port_state, tries_from_json
from dialer.storage.tables import campaign_leads, leads, lists, numbers
from lists.lead import NO_DETAILS, Details, Lead, NumberKind, PhoneNumber, ZoneSource

KEYS_AT_ONCE = 1_000
"""How many keys one IN list holds: SQLite allows 32,766 parameters, planning grows with them."""

LEAD_COLUMNS = (
    leads.c.lead_id, lists.c.name, leads.c.first_name, leads.c.last_name, leads.c.external_id, leads.c.fields,
    leads.c.person_key, leads.c.debt_id, leads.c.country, leads.c.region, leads.c.source, leads.c.as_of,
    leads.c.origins, leads.c.address, leads.c.city, leads.c.postal_code, leads.c.language, leads.c.owner,
    leads.c.rank, lists.c.expires_on,
)  # fmt: skip
PHONE_COLUMNS = (
    numbers.c.lead_id, numbers.c.e164, numbers.c.region, numbers.c.kind, numbers.c.zones, numbers.c.zone_source,
    numbers.c.use, numbers.c.extension, numbers.c.source, numbers.c.as_of, numbers.c.zone_evidence,
)  # fmt: skip
PLACE_COLUMNS = (
    campaign_leads.c.lead_id, campaign_leads.c.state, campaign_leads.c.due_at, campaign_leads.c.zone_group,
    campaign_leads.c.order_key, campaign_leads.c.phone_position, campaign_leads.c.attempts,
    campaign_leads.c.tries, campaign_leads.c.reason,
)  # fmt: skip
GROUP_COLUMNS = (
    numbers.c.lead_id, numbers.c.e164, numbers.c.region + literal_column("':'") + numbers.c.zones, numbers.c.kind,
    leads.c.country, leads.c.region, lists.c.name,
)  # fmt: skip
"""Of each number of a lead what `finest_group` is given, after the lead's id."""
_PHONES = (
    select(*PHONE_COLUMNS)
    .where(numbers.c.lead_id.in_(bindparam("ids", expanding=True)))
    .order_by(numbers.c.lead_id, numbers.c.position)
)
Key = TypeVar("Key")


STREAM = 1_000
"""How many rows of a long answer are held at once."""


def streamed(
    connection: Connection, query: Select[*tuple[Any, ...]], asked: Mapping[str, Any] | None = None
) -> CursorResult[*tuple[Any, ...]]:
    """The answer as it is read, by portions. Close it (it is a context manager): on a server it holds a cursor."""
    return connection.execution_options(yield_per=STREAM).execute(query, asked)


def portions(keys: Iterable[Key], size: int = KEYS_AT_ONCE) -> Iterator[list[Key]]:
    """The keys, each once, in lists of at most `size`."""
    rest = iter(dict.fromkeys(keys))
    while portion := list(islice(rest, size)):
        yield portion


def zones_of(text: str) -> tuple[str, ...]:
    """Zones as they are stored: joined by a bar."""
    return tuple(text.split("|")) if text else ()


def phones_of_leads(connection: Connection, lead_ids: Sequence[int]) -> dict[int, tuple[PhoneNumber, ...]]:
    """The numbers of each of these leads, in order."""
    found: dict[int, list[PhoneNumber]] = {lead_id: [] for lead_id in lead_ids}
    for portion in portions(lead_ids):
        for row in connection.execute(_PHONES, {"ids": portion}):
            found[row[0]].append(phone_of(row[1:]))
    return {lead_id: tuple(phones) for lead_id, phones in found.items()}


def phone_of(row: Sequence[Any]) -> PhoneNumber:
    """The number in a row of `PHONE_COLUMNS` after the lead's."""
    e164, region, kind, zones, zone_source, *rest = row
    return PhoneNumber(e164, region, NumberKind(kind), zones_of(zones), ZoneSource(zone_source), *rest)


def lead_of(row: Sequence[Any], phones: tuple[PhoneNumber, ...]) -> Lead:
    """The lead in a row that begins with `LEAD_COLUMNS`."""
    return Lead(
        lead_id=row[0], list_name=row[1], phones=phones, first_name=row[2], last_name=row[3], external_id=row[4],
        fields=fields_from_json(row[5]), person_key=row[6], debt_id=row[7],
        country=row[8], region=row[9], source=row[10], as_of=row[11], origins=origins_from_json(row[12]),
        details=details_of(row[13:19]), expires_on=row[19],
    )  # fmt: skip


def details_of(row: Sequence[Any]) -> Details:
    return NO_DETAILS if row[5] is None and not any(row) else Details(*row)


def place_of(row: Sequence[Any]) -> Place:
    """The place in a row of `PLACE_COLUMNS`. That `ready` is two states is the store's own business."""
    lead_id, state, due_at, zone_group, order_key, phone_position, attempts, tries, reason = row
    state = port_state(state)
    return Place(
        lead_id, state, due_at, zone_group, order_key, phone_position, attempts, tries_from_json(tries), reason
    )
