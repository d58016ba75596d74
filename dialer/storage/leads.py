"""Lists, their leads, campaigns, and the place of each lead in each campaign."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, literal, select, update

from campaigns.campaign import LeadOrder, source_hash_of
from dialer.ports.store import SaveCampaign, SaveLeads
from dialer.storage.errors import UnknownList
from dialer.storage.places import DUE_AT_ONCE, FINAL, LIST_REMOVED, READY, WAITING, order_key, pairs_to_json
from dialer.storage.tables import (
    campaign_leads,
    campaign_lists,
    campaign_versions,
    campaigns,
    leads,
    lists,
    numbers,
)

_CHUNK = 5_000


def save_leads(connection: Connection, write: SaveLeads) -> None:
    """Append leads to a list, made if it is new, and to the campaigns that dial it."""
    for position, lead in enumerate(write.leads):
        if not lead.phones:
            raise ValueError(f"list {write.list_name!r}: lead {position + 1} of this portion has no number")
    list_id = _list_for(connection, write)
    first_id = connection.execute(select(func.coalesce(func.max(leads.c.lead_id), 0) + 1)).scalar_one()
    lead_rows = [
        {
            "lead_id": lead_id, "list_id": list_id, "first_name": lead.first_name, "last_name": lead.last_name,
            "external_id": lead.external_id, "fields": pairs_to_json(lead.fields), "source": write.source,
            "as_of": write.as_of, "added_at": write.now,
        }
        for lead_id, lead in enumerate(write.leads, first_id)
    ]  # fmt: skip
    number_rows = [
        {
            "lead_id": lead_id, "position": position, "e164": phone.e164, "region": phone.region,
            "kind": phone.kind.value, "zones": "|".join(phone.zones), "zone_source": phone.zone_source.value,
        }
        for lead_id, lead in enumerate(write.leads, first_id)
        for position, phone in enumerate(lead.phones)
    ]  # fmt: skip
    if lead_rows:
        connection.execute(insert(leads), lead_rows)
        connection.execute(insert(numbers), number_rows)
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
    dialing = (
        select(campaigns.c.campaign_id, campaigns.c.lead_order, campaigns.c.order_seed)
        .join(campaign_lists, campaign_lists.c.campaign_id == campaigns.c.campaign_id)
        .where(campaign_lists.c.list_id == list_id)
        .order_by(campaigns.c.campaign_id)
    )
    for campaign_id, order, seed in connection.execute(dialing).all():
        _join(connection, campaign_id, order, seed, list_id, first_id)


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


def save_campaign(connection: Connection, write: SaveCampaign) -> None:
    """Store the campaign's text and give each lead of its lists a place. Raises `UnknownList`, and `ValueError`
    for an unknown order."""
    order = LeadOrder(write.order).value
    list_ids = [_known_list(connection, name) for name in dict.fromkeys(write.lists)]
    before = connection.execute(select(campaigns).where(campaigns.c.name == write.name)).one_or_none()
    values = {"body": write.body, "lead_order": order, "order_seed": write.order_seed}
    if before is None:
        connection.execute(insert(campaigns).values(name=write.name, added_at=write.now, **values))
    else:
        connection.execute(update(campaigns).where(campaigns.c.campaign_id == before.campaign_id).values(**values))
    campaign_id = int(
        connection.execute(select(campaigns.c.campaign_id).where(campaigns.c.name == write.name)).scalar_one()
    )
    _keep_version(connection, campaign_id, write)
    if before is not None and (before.lead_order, before.order_seed) != (order, write.order_seed):
        _reorder(connection, campaign_id, order, write.order_seed)
    _change_lists(connection, campaign_id, list_ids)
    for list_id in list_ids:
        _join(connection, campaign_id, order, write.order_seed, list_id, 0)


def _keep_version(connection: Connection, campaign_id: int, write: SaveCampaign) -> None:
    """Texts are never thrown away: attempts were permitted under them."""
    here = {"campaign_id": campaign_id, "hash": source_hash_of(write.body)}
    version = campaign_versions
    known = select(version.c.hash).where(version.c.campaign_id == campaign_id, version.c.hash == here["hash"])
    if connection.execute(known).scalar() is None:
        connection.execute(insert(version).values(**here, body=write.body, added_at=write.now))


def _known_list(connection: Connection, name: str) -> int:
    found = connection.execute(select(lists.c.list_id).where(lists.c.name == name)).scalar()
    if found is None:
        raise UnknownList(name)
    return int(found)


def _change_lists(connection: Connection, campaign_id: int, list_ids: list[int]) -> None:
    """Leads of a list taken out of the campaign are not dialed any more; put back in, they go on."""
    here = campaign_lists.c.campaign_id == campaign_id
    before = set(connection.execute(select(campaign_lists.c.list_id).where(here)).scalars())
    place = campaign_leads
    for list_id in sorted(before - set(list_ids)):
        connection.execute(delete(campaign_lists).where(here, campaign_lists.c.list_id == list_id))
        connection.execute(
            update(place)
            .where(place.c.campaign_id == campaign_id, place.c.state != FINAL, _in_list(list_id))
            .values(state=FINAL, reason=LIST_REMOVED)
        )
    for list_id in list_ids:
        if list_id not in before:
            connection.execute(insert(campaign_lists).values(campaign_id=campaign_id, list_id=list_id))
            connection.execute(
                update(place)
                .where(place.c.campaign_id == campaign_id, place.c.reason == LIST_REMOVED, _in_list(list_id))
                .values(state=WAITING, reason="")
            )


def _in_list(list_id: int) -> Any:
    return campaign_leads.c.lead_id.in_(select(leads.c.lead_id).where(leads.c.list_id == list_id))


def _reorder(connection: Connection, campaign_id: int, order: str, seed: int) -> None:
    place = campaign_leads
    change = (
        update(place)
        .where(place.c.campaign_id == campaign_id, place.c.lead_id == bindparam("key"))
        .values(order_key=bindparam("new_key"))
    )
    after = 0
    while True:
        found = connection.execute(
            select(place.c.lead_id)
            .where(place.c.campaign_id == campaign_id, place.c.lead_id > after)
            .order_by(place.c.lead_id)
            .limit(_CHUNK)
        ).scalars()
        rows = [{"key": lead_id, "new_key": order_key(order, seed, lead_id)} for lead_id in found]
        if not rows:
            return
        connection.execute(change, rows)
        after = rows[-1]["key"]


_ANY = numbers.alias()
_FIRST_POSITION = func.coalesce(
    select(func.min(_ANY.c.position))
    .where(_ANY.c.lead_id == leads.c.lead_id, _ANY.c.zones != "")
    .correlate(leads)
    .scalar_subquery(),
    0,
)
"""`Lead.first_position`, in SQL."""


def _join(connection: Connection, campaign_id: int, order: str, seed: int, list_id: int, from_id: int) -> None:
    """Give each lead of the list, from this id on, that has no place in the campaign yet one."""
    place = campaign_leads
    key = {LeadOrder.OLDEST: leads.c.lead_id, LeadOrder.NEWEST: -leads.c.lead_id}.get(LeadOrder(order))
    newcomers: Select[Any] = (
        select(
            literal(campaign_id), leads.c.lead_id, literal(READY), literal(DUE_AT_ONCE),
            numbers.c.region + ":" + numbers.c.zones, literal(0) if key is None else key, numbers.c.position,
            literal(0), literal("[]"), literal(""),
        )
        .join_from(
            leads, numbers, (numbers.c.lead_id == leads.c.lead_id) & (numbers.c.position == _FIRST_POSITION)
        )
        .where(
            leads.c.list_id == list_id,
            leads.c.lead_id >= from_id,
            ~select(place.c.lead_id)
            .where(place.c.campaign_id == campaign_id, place.c.lead_id == leads.c.lead_id)
            .exists(),
        )
    )  # fmt: skip
    columns = [column.name for column in place.columns]
    if key is not None:
        connection.execute(insert(place).from_select(columns, newcomers))
        return
    # A shuffle is computed here, for no database would compute the same one; by portions, for a list has millions.
    after = from_id - 1
    while True:
        portion = newcomers.where(leads.c.lead_id > after).order_by(leads.c.lead_id).limit(_CHUNK)
        rows = [dict(zip(columns, row, strict=True)) for row in connection.execute(portion)]
        if not rows:
            return
        for row in rows:
            row["order_key"] = order_key(order, seed, row["lead_id"])
        connection.execute(insert(place), rows)
        after = rows[-1]["lead_id"]
