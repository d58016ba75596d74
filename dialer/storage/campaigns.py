"""Campaigns: their text and every text before it, their lists, and their state."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from campaigns.campaign import LeadOrder, source_hash_of
from campaigns.life import CampaignState
from dialer.ports.store import SaveCampaign, SaveRuleSet, SaveWalls, SetCampaignState
from dialer.storage.errors import ForeignList, StateConflict, UnknownCampaign, UnknownList
from dialer.storage.tables import campaign_lists, campaign_versions, campaigns, lists, rule_sets, walls
from lists.client import client_of


def refuse_foreign_lists(write: SaveCampaign) -> None:
    """Raises `ForeignList` for the first list of another client, whether it is stored or not."""
    for name in write.lists:
        if client_of(name) != client_of(write.name):
            raise ForeignList(write.name, name)


def save_campaign(connection: Connection, write: SaveCampaign) -> None:
    """Store the campaign's text and which lists it dials. Raises `ForeignList`, `UnknownList`; an unknown order:
    `ValueError`."""
    order = LeadOrder(write.order).value
    refuse_foreign_lists(write)
    list_ids = [_known_list(connection, name) for name in dict.fromkeys(write.lists)]
    before = connection.execute(select(campaigns).where(campaigns.c.name == write.name)).one_or_none()
    values = {"body": write.body, "lead_order": order, "order_seed": write.order_seed}
    if before is None:
        state = {"state": CampaignState.DRAFT.value, "state_at": write.now}
        connection.execute(insert(campaigns).values(name=write.name, added_at=write.now, **values, **state))
    else:
        if (before.lead_order, before.order_seed) != (order, write.order_seed):
            values["ordered_to"] = 0
        connection.execute(update(campaigns).where(campaigns.c.campaign_id == before.campaign_id).values(**values))
    campaign_id = int(
        connection.execute(select(campaigns.c.campaign_id).where(campaigns.c.name == write.name)).scalar_one()
    )
    _keep_version(connection, campaign_id, write)
    _change_lists(connection, campaign_id, list_ids)


def set_state(connection: Connection, write: SetCampaignState) -> None:
    """Raises `UnknownCampaign`, `StateConflict`."""
    found = connection.execute(select(campaigns.c.state).where(campaigns.c.name == write.name)).scalar()
    if found is None:
        raise UnknownCampaign(write.name)
    if write.expected is not None and found != write.expected:
        raise StateConflict(write.name, found, write.expected)
    connection.execute(
        update(campaigns)
        .where(campaigns.c.name == write.name)
        .values(state=write.state.value, state_reason=write.reason, state_at=write.now)
    )


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
    """Leads of a list taken out of the campaign are not dialed any more (`fetching` sees to it at once,
    `PlaceLeads` in their places); put back in, they go on. Either way the list is walked from its beginning."""
    part = campaign_lists
    here = part.c.campaign_id == campaign_id
    before = {
        row.list_id: bool(row.removed)
        for row in connection.execute(select(part.c.list_id, part.c.removed).where(here)).all()
    }
    for list_id in list_ids:
        if list_id not in before:
            connection.execute(insert(part).values(campaign_id=campaign_id, list_id=list_id))
    for list_id, removed in before.items():
        if removed == (list_id in list_ids):
            connection.execute(
                update(part).where(here, part.c.list_id == list_id).values(removed=not removed, walked_to=0)
            )


def save_walls(connection: Connection, write: SaveWalls) -> None:
    """See `SaveWalls`."""
    known = connection.execute(select(walls.c.hash).where(walls.c.hash == write.hash)).scalar()
    if known is None:
        connection.execute(insert(walls).values(hash=write.hash, body=write.body, added_at=write.now))


def save_rule_set(connection: Connection, write: SaveRuleSet) -> None:
    """See `SaveRuleSet`."""
    key = (rule_sets.c.name == write.name, rule_sets.c.added_at == write.now)
    connection.execute(delete(rule_sets).where(*key))
    values = {"name": write.name, "hash": write.hash, "body": write.body, "basis": write.basis}
    connection.execute(insert(rule_sets).values(added_at=write.now, **values))
