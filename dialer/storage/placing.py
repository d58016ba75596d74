"""Giving leads their places in campaigns, by portions: a million leads never hold up the journal.

For every list of a campaign, `campaign_lists.walked_to` says up to which lead the list has been walked: below it
each lead has its place (or, of a list that was taken out, has been let go). `campaigns.ordered_to` and
`grouped_to` say the same of places that are put in another order, and in other zone groups. Asking again after a
crash goes on from there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, literal_column, or_, select, update

from campaigns.campaign import LeadOrder
from campaigns.zone_group import Grouping, finest_group, parts_of
from dialer.ports.store import LeadsPlaced, PlaceLeads
from dialer.storage.bulk import insert_rows
from dialer.storage.callbacks import STATE_OF_WAITING
from dialer.storage.errors import UnknownCampaign
from dialer.storage.places import DUE_AT_ONCE, FINAL, LEASED, LIST_REMOVED, READY, order_key
from dialer.storage.rows import GROUP_COLUMNS, portions
from dialer.storage.tables import (
    attempts,
    campaign_leads,
    campaign_lists,
    campaign_zone_groups,
    campaigns,
    leads,
    lists,
    numbers,
)
from lists.value import value

_PLACE = campaign_leads
_GROUP = campaign_zone_groups
_HERE = (_PLACE.c.campaign_id == bindparam("here"), _PLACE.c.lead_id == bindparam("key"))
# Those at hand come back, and are let go when they would be leased again; a list that is put back meanwhile would
# have them leased twice.
LET_GO = (
    update(_PLACE)
    .where(*_HERE, _PLACE.c.state.not_in([literal_column(f"'{state}'") for state in (FINAL, LEASED)]))
    .values(state=FINAL, reason=LIST_REMOVED)
)
TAKE_BACK = update(_PLACE).where(*_HERE).values(state=STATE_OF_WAITING, reason="")
_NEW_KEY = update(_PLACE).where(*_HERE).values(order_key=bindparam("new_key"))
_NEW_GROUP = update(_PLACE).where(*_HERE).values(zone_group=bindparam("new_group"))
WALK = (
    select(leads.c.lead_id)
    .where(leads.c.list_id == bindparam("list_id"), leads.c.lead_id > bindparam("after"))
    .order_by(leads.c.lead_id)
    .limit(bindparam("n"))
)
WALK_PLACES = (
    select(_PLACE.c.lead_id)
    .where(_PLACE.c.campaign_id == bindparam("here"), _PLACE.c.lead_id > bindparam("after"))
    .order_by(_PLACE.c.lead_id)
    .limit(bindparam("n"))
)
_STRETCH = (
    leads.c.list_id == bindparam("list_id"),
    leads.c.lead_id >= bindparam("first"),
    leads.c.lead_id <= bindparam("last"),
)
# No join: the planner would go through the places of all lists in between.
PLACE_REASONS = select(
    leads.c.lead_id,
    select(_PLACE.c.reason)
    .where(_PLACE.c.campaign_id == bindparam("here"), _PLACE.c.lead_id == leads.c.lead_id)
    .correlate(leads)
    .scalar_subquery(),
).where(*_STRETCH)
NUMBERS_OF_STRETCH = (
    select(*GROUP_COLUMNS)
    .join_from(leads, numbers, numbers.c.lead_id == leads.c.lead_id)
    .join(lists, lists.c.list_id == leads.c.list_id)
    .where(*_STRETCH, numbers.c.e164 != literal_column("''"))  # of who was erased
    .order_by(leads.c.lead_id, numbers.c.position)
)
NUMBERS_OF_PLACES = (
    select(_PLACE.c.phone_position, _PLACE.c.zone_group, *GROUP_COLUMNS, numbers.c.position)
    .join_from(_PLACE, leads, leads.c.lead_id == _PLACE.c.lead_id)
    .join(numbers, numbers.c.lead_id == leads.c.lead_id)
    .join(lists, lists.c.list_id == leads.c.list_id)
    .where(
        _PLACE.c.campaign_id == bindparam("here"),
        _PLACE.c.lead_id > bindparam("after"),
        _PLACE.c.lead_id <= bindparam("last"),
        numbers.c.e164 != literal_column("''"),
    )
    .order_by(_PLACE.c.lead_id, numbers.c.position)
)
LEFT_TO_WALK = (
    select(leads.c.lead_id)
    .join_from(
        campaign_lists,
        leads,
        (leads.c.list_id == campaign_lists.c.list_id) & (leads.c.lead_id > campaign_lists.c.walked_to),
    )
    .where(campaign_lists.c.campaign_id == bindparam("here"))
    .limit(1)
)


@value
class Newcomer:
    """A lead about to get a place. `finest`: the finest zone groups of its numbers, in order, at least one."""

    lead_id: int
    finest: tuple[str, ...]

    @property
    def first_position(self) -> int:
        """As `Lead.first_position`."""
        return next((position for position, group in enumerate(self.finest) if parts_of(group).zones), 0)


def place_leads(connection: Connection, write: PlaceLeads) -> LeadsPlaced:
    """One portion: no more than `limit` leads are touched. What was taken out is let go first, then the places are
    put in a new order and in other zone groups where that was asked for, then leads get theirs. Raises
    `UnknownCampaign`, `ValueError`."""
    if write.limit < 1:
        raise ValueError(f"{write.limit} leads cannot be placed; ask for 1 or more")
    campaign = connection.execute(select(campaigns).where(campaigns.c.name == write.campaign)).one_or_none()
    if campaign is None:
        raise UnknownCampaign(write.campaign)
    this = campaigns.c.campaign_id == campaign.campaign_id
    if write.grouping is not None and write.grouping != campaign.grouping:
        connection.execute(update(campaigns).where(this).values(grouping=write.grouping, grouped_to=0))
        outdate = update(_GROUP).where(_GROUP.c.campaign_id == campaign.campaign_id).values(outdated=True)
        connection.execute(outdate)
        campaign = connection.execute(select(campaigns).where(this)).one()
    left = write.limit - _let_go(connection, campaign.campaign_id, write.limit)
    left -= _reorder(connection, campaign, left)
    regrouped, moved_to = _regroup(connection, campaign, left)
    placed, groups = _place(connection, campaign, left - regrouped)
    unfinished = or_(campaigns.c.ordered_to.is_not(None), campaigns.c.grouped_to.is_not(None))
    more = connection.execute(select(campaigns.c.campaign_id).where(this, unfinished)).first()
    more = more or connection.execute(LEFT_TO_WALK, {"here": campaign.campaign_id}).first()
    return LeadsPlaced(placed, bool(more), tuple(sorted(groups | moved_to)))


def enter(connection: Connection, campaign: Row[Any], newcomers: Sequence[Newcomer]) -> set[str]:
    """Places for leads that have none in the campaign (a row of `campaigns`); the zone groups of their numbers."""
    grouping = Grouping.from_text(campaign.grouping)
    keys = order_keys(connection, campaign, [lead.lead_id for lead in newcomers])
    rows = []
    for lead in newcomers:
        position = lead.first_position
        rows.append(
            {
                "campaign_id": campaign.campaign_id, "lead_id": lead.lead_id, "state": READY,
                "due_at": DUE_AT_ONCE, "zone_group": grouping.group(lead.finest[position]),
                "order_key": keys[lead.lead_id],
                "phone_position": position, "attempts": 0, "tries": "[]", "reason": "",
            }
        )  # fmt: skip
    if rows:
        insert_rows(connection, _PLACE, rows)
        connection.execute(
            update(campaigns)
            .where(campaigns.c.campaign_id == campaign.campaign_id)
            .values(leads=campaigns.c.leads + len(rows))
        )
    groups = {grouping.group(finest) for lead in newcomers for finest in lead.finest}
    keep_groups(connection, campaign.campaign_id, groups)
    return groups


def order_keys(connection: Connection, campaign: Row[Any], lead_ids: Sequence[int]) -> dict[int, int]:
    """Where these leads stand in the order of the campaign (a row of `campaigns`)."""
    order, seed = campaign.lead_order, campaign.order_seed
    ranks: dict[int, int] = {}
    calls: dict[int, float] = {}
    of = attempts.c
    for portion in portions(lead_ids):
        if order == LeadOrder.RANK:
            ranked = select(leads.c.lead_id, leads.c.rank)
            found = connection.execute(ranked.where(leads.c.lead_id.in_(portion), leads.c.rank.is_not(None)))
            ranks.update((row[0], row[1]) for row in found)
        elif order == LeadOrder.LAST_CALL:
            called = select(of.lead_id, func.max(of.created_at)).group_by(of.lead_id)
            mine = called.where(of.lead_id.in_(portion), of.counted, of.campaign == campaign.name)
            calls.update((row[0], row[1]) for row in connection.execute(mine))
    return {
        lead_id: order_key(order, seed, lead_id, rank=ranks.get(lead_id), called_at=calls.get(lead_id))
        for lead_id in lead_ids
    }


def rekey(connection: Connection, campaign: Row[Any], lead_ids: Sequence[int]) -> None:
    """Put those that have a place in the campaign (a row of `campaigns`) where they stand in its order."""
    keys = order_keys(connection, campaign, lead_ids)
    rows = [{"here": campaign.campaign_id, "key": lead_id, "new_key": key} for lead_id, key in keys.items()]
    connection.execute(_NEW_KEY, rows)


def keep_groups(connection: Connection, campaign_id: int, groups: Collection[str]) -> None:
    """That numbers of these groups are among its leads."""
    here = _GROUP.c.campaign_id == campaign_id
    found = connection.execute(select(_GROUP.c.zone_group, _GROUP.c.outdated).where(here))
    known = {row.zone_group: bool(row.outdated) for row in found}
    rows = [{"campaign_id": campaign_id, "zone_group": name} for name in sorted(set(groups) - known.keys())]
    if rows:
        connection.execute(insert(_GROUP), rows)
    again = sorted(name for name in groups if known.get(name))
    if again:
        connection.execute(update(_GROUP).where(here, _GROUP.c.zone_group.in_(again)).values(outdated=False))


def kept_groups(connection: Connection, campaign_id: int) -> set[str]:
    """Those that `keep_groups` has kept, but for those of an earlier grouping."""
    here = (_GROUP.c.campaign_id == campaign_id, ~_GROUP.c.outdated)
    return set(connection.execute(select(_GROUP.c.zone_group).where(*here)).scalars())


def _parts(connection: Connection, campaign_id: int, *, removed: bool) -> list[Row[Any]]:
    part = campaign_lists
    query = select(part.c.list_id, part.c.walked_to).where(part.c.campaign_id == campaign_id)
    query = query.where(part.c.removed if removed else ~part.c.removed).order_by(part.c.list_id)
    return list(connection.execute(query))


def _walk(connection: Connection, campaign_id: int, part: Row[Any], n: int) -> list[int]:
    """The next leads of the list; the mark moves behind them."""
    after = {"list_id": part.list_id, "after": part.walked_to, "n": n}
    ids = list(connection.execute(WALK, after).scalars()) if n > 0 else []
    if ids:
        mark(connection, campaign_id, part.list_id, ids[-1])
    return ids


def mark(connection: Connection, campaign_id: int, list_id: int, walked_to: int) -> None:
    """The list has been walked up to this lead."""
    part = campaign_lists
    connection.execute(
        update(part)
        .where(part.c.campaign_id == campaign_id, part.c.list_id == list_id)
        .values(walked_to=walked_to)
    )


def _let_go(connection: Connection, campaign_id: int, limit: int) -> int:
    walked = 0
    for part in _parts(connection, campaign_id, removed=True):
        ids = _walk(connection, campaign_id, part, limit - walked)
        if ids:
            connection.execute(LET_GO, [{"here": campaign_id, "key": lead_id} for lead_id in ids])
        walked += len(ids)
    return walked


def _reorder(connection: Connection, campaign: Row[Any], limit: int) -> int:
    if campaign.ordered_to is None or limit < 1:
        return 0
    here = campaign.campaign_id
    after = {"here": here, "after": campaign.ordered_to, "n": limit}
    ids = list(connection.execute(WALK_PLACES, after).scalars())
    if ids:
        rekey(connection, campaign, ids)
    ordered_to = ids[-1] if len(ids) == limit else None
    connection.execute(update(campaigns).where(campaigns.c.campaign_id == here).values(ordered_to=ordered_to))
    return len(ids)


def _regroup(connection: Connection, campaign: Row[Any], limit: int) -> tuple[int, set[str]]:
    """Put up to `limit` places in their zone groups by the present grouping: how many were looked at, and the
    groups of all their leads' numbers. When all are there, the others are forgotten."""
    if campaign.grouped_to is None or limit < 1:
        return 0, set()
    here, grouping = campaign.campaign_id, Grouping.from_text(campaign.grouping)
    after = {"here": here, "after": campaign.grouped_to}
    ids = list(connection.execute(WALK_PLACES, {**after, "n": limit}).scalars())
    groups, moved = set(), []
    for row in connection.execute(NUMBERS_OF_PLACES, {**after, "last": ids[-1]}) if ids else ():
        turn, before, lead_id, *values, position = row
        group = grouping.group(finest_group(*values))
        groups.add(group)
        if position == turn and group != before:
            moved.append({"here": here, "key": lead_id, "new_group": group})
    if moved:
        connection.execute(_NEW_GROUP, moved)
    keep_groups(connection, here, groups)
    grouped_to = ids[-1] if len(ids) == limit else None
    if grouped_to is None:
        connection.execute(delete(_GROUP).where(_GROUP.c.campaign_id == here, _GROUP.c.outdated))
    connection.execute(update(campaigns).where(campaigns.c.campaign_id == here).values(grouped_to=grouped_to))
    return len(ids), groups


def _place(connection: Connection, campaign: Row[Any], limit: int) -> tuple[int, set[str]]:
    here, walked, placed = campaign.campaign_id, 0, 0
    grouping = Grouping.from_text(campaign.grouping)
    groups: set[str] = set()
    for part in _parts(connection, here, removed=False):
        ids = _walk(connection, here, part, limit - walked)
        walked += len(ids)
        if not ids:
            continue
        stretch = {"list_id": part.list_id, "first": ids[0], "last": ids[-1]}
        reasons = {row[0]: row[1] for row in connection.execute(PLACE_REASONS, {"here": here, **stretch})}
        finest: dict[int, tuple[str, ...]] = {}
        for lead_id, *values in connection.execute(NUMBERS_OF_STRETCH, stretch):
            finest[lead_id] = (*finest.get(lead_id, ()), finest_group(*values))
        back = [lead_id for lead_id in ids if reasons[lead_id] == LIST_REMOVED]
        if back:  # of a list that was taken out and is in again
            connection.execute(TAKE_BACK, [{"here": here, "key": lead_id} for lead_id in back])
        newcomers = [
            Newcomer(lead_id, finest[lead_id]) for lead_id in ids if reasons[lead_id] is None and lead_id in finest
        ]
        groups |= enter(connection, campaign, newcomers)
        groups.update(grouping.group(group) for lead_id in back for group in finest.get(lead_id, ()))
        placed += len(newcomers) + len(back)
    return placed, groups
