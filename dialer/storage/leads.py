"""Lists and their leads."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, update

from campaigns.zone_group import finest_group
from dialer.ports.store import LeadsStored, NewLead, SaveLeads
from dialer.storage import dnc
from dialer.storage.bulk import insert_values
from dialer.storage.places import origins_to_json, texts_to_json
from dialer.storage.placing import Newcomer, enter, mark
from dialer.storage.tables import campaign_lists, campaigns, leads, lists, numbers
from lists.client import client_of
from lists.dedupe import twin_key
from lists.lead import NO_DETAILS, Lead, PhoneNumber

_LEAD = (
    "lead_id", "list_id", "first_name", "last_name", "external_id", "fields", "source", "as_of", "added_at",
    "person_key", "debt_id", "country", "region",
    "address", "city", "postal_code", "language", "owner", "rank", "twin_key", "origins",
)  # fmt: skip
_NUMBER = (
    "e164", "lead_id", "position", "region", "kind", "zones", "zone_source", "use", "extension", "source", "as_of",
    "zone_evidence",
)  # fmt: skip


def save_leads(connection: Connection, write: SaveLeads) -> LeadsStored:
    """Append leads to a list, made if it is new, and to the campaigns that dial it."""
    for position, lead in enumerate(write.leads):
        if not lead.phones:
            raise ValueError(f"list {write.list_name!r}: lead {position + 1} of this portion has no number")
    list_id = _list_for(connection, write)
    first_id = int(connection.execute(select(func.coalesce(func.max(leads.c.lead_id), 0) + 1)).scalar_one())
    lead_rows = [
        (
            lead_id, list_id, lead.first_name, lead.last_name, lead.external_id, texts_to_json(lead.fields),
            lead.source or write.source, lead.as_of or write.as_of, write.now, lead.person_key, lead.debt_id,
            lead.country, lead.region, *details_row(lead), origins_to_json(lead.origins),
        )
        for lead_id, lead in enumerate(write.leads, first_id)
    ]  # fmt: skip
    number_rows = [
        _number_values(lead_id, position, phone)
        for lead_id, lead in enumerate(write.leads, first_id)
        for position, phone in enumerate(lead.phones)
    ]
    number_rows.sort()  # as in the index by number, whose pages are then touched once each
    if lead_rows:
        insert_values(connection, leads, _LEAD, lead_rows)
        insert_values(connection, numbers, _NUMBER, number_rows)
    connection.execute(
        update(lists)
        .where(lists.c.list_id == list_id)
        .values(
            source=write.source,
            as_of=write.as_of,
            leads=lists.c.leads + len(lead_rows),
            numbers=lists.c.numbers + len(number_rows),
        )
    )
    if not write.leads:
        return LeadsStored()
    dnc.block_known(connection, numbers_by_person(write), write.now)
    return LeadsStored(_join(connection, list_id, write, first_id))


_NO_DETAILS = ("", "", "", "", "", None, "")


def numbers_by_person(write: SaveLeads) -> dict[str, tuple[str, ...]]:
    """Numbers of the leads of whom it is known who they are, by `Lead.person`."""
    client, found = client_of(write.list_name), dict[str, tuple[str, ...]]()
    for lead in write.leads:
        if lead.person_key:
            person = f"{client}:{lead.person_key}"
            found[person] = (*found.get(person, ()), *(phone.e164 for phone in lead.phones))
    return found


def _number_values(lead_id: int, position: int, phone: PhoneNumber) -> tuple[str | int, ...]:
    return (
        phone.e164, lead_id, position, phone.region, str(phone.kind), "|".join(phone.zones),
        str(phone.zone_source), phone.use, phone.extension, phone.source, phone.as_of, phone.zone_evidence,
    )  # fmt: skip


def number_row(lead_id: int, position: int, phone: PhoneNumber) -> dict[str, str | int]:
    return dict(zip(_NUMBER, _number_values(lead_id, position, phone), strict=True))


def details_row(lead: NewLead | Lead) -> tuple[str | int | None, ...]:
    """From `address` to `twin_key`."""
    of = lead.details
    if of is NO_DETAILS:
        return _NO_DETAILS
    key = twin_key(lead.first_name, lead.last_name, of.address, of.postal_code or of.city)
    return of.address, of.city, of.postal_code, of.language, of.owner, of.rank, key


def _join(
    connection: Connection, list_id: int, write: SaveLeads, first_id: int
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Places for the new leads in the campaigns that dial their list; those campaigns, with the zone groups."""
    dialing = (
        select(campaigns, campaign_lists.c.walked_to)
        .join(campaign_lists, campaign_lists.c.campaign_id == campaigns.c.campaign_id)
        .where(campaign_lists.c.list_id == list_id, ~campaign_lists.c.removed)
        .order_by(campaigns.c.campaign_id)
    )
    found = connection.execute(dialing).all()
    if not found:
        return ()
    before = connection.execute(
        select(func.coalesce(func.max(leads.c.lead_id), 0)).where(
            leads.c.list_id == list_id, leads.c.lead_id < first_id
        )
    ).scalar_one()
    newcomers = [
        Newcomer(
            lead_id,
            tuple(
                finest_group(
                    phone.e164, phone.zone_group, phone.kind.value, lead.country, lead.region, write.list_name
                )
                for phone in lead.phones
            ),
        )
        for lead_id, lead in enumerate(write.leads, first_id)
    ]
    joined = []
    for campaign in found:
        groups = enter(connection, campaign, newcomers)
        if campaign.walked_to >= before:  # all before them have their places: nothing is left to walk
            mark(connection, campaign.campaign_id, list_id, newcomers[-1].lead_id)
        joined.append((str(campaign.name), tuple(sorted(groups))))
    return tuple(joined)


def _list_for(connection: Connection, write: SaveLeads) -> int:
    found = connection.execute(select(lists.c.list_id).where(lists.c.name == write.list_name)).scalar()
    if found is not None:
        return int(found)
    connection.execute(
        insert(lists).values(
            name=write.list_name, source=write.source, as_of=write.as_of, created_at=write.now, leads=0, numbers=0
        )
    )
    return int(connection.execute(select(lists.c.list_id).where(lists.c.name == write.list_name)).scalar_one())
