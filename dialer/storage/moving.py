"""Leads that become another list's, with all that is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from campaigns.zone_group import finest_group
from dialer.ports.store import LEASED, ExpireList, LeadCalls, LeadsMoved, MoveLeads
from dialer.storage.errors import UnknownList
from dialer.storage.expiry import expire
from dialer.storage.lead_updates import PlaceOf, keep_versions, leads_by_id, places_of, regroup
from dialer.storage.places import LIST_REMOVED, PROMISED
from dialer.storage.placing import LET_GO, TAKE_BACK, Newcomer, enter, mark
from dialer.storage.rows import portions
from dialer.storage.tables import attempts, campaign_lists, campaigns, leads, lists
from lists.client import client_of
from lists.lead import Lead


def refuse_move(write: MoveLeads) -> None:
    """Raises `ValueError` for what is no move."""
    if write.from_list == write.to_list:
        raise ValueError(f"list {write.to_list!r}: leads cannot be moved to the list they are in; name another")
    if client_of(write.from_list) != client_of(write.to_list):
        raise ValueError(
            f"list {write.to_list!r} is of another client than {write.from_list!r}: leads stay their client's"
        )


def move_leads(connection: Connection, write: MoveLeads) -> LeadsMoved:
    """See `MoveLeads`."""
    refuse_move(write)
    source = connection.execute(select(lists).where(lists.c.name == write.from_list)).one_or_none()
    if source is None:
        raise UnknownList(write.from_list)
    found = leads_by_id(connection, write.lead_ids)
    present = {lead.lead_id: lead for lead in found if lead.list_name == write.from_list and not lead.is_erased}
    places = places_of(connection, present)
    target_id = connection.execute(select(lists.c.list_id).where(lists.c.name == write.to_list)).scalar()
    dialing = () if target_id is None else _dialing(connection, target_id)
    goes_on = {campaign.campaign_id for campaign in dialing}
    at_hand = {place.lead_id for place in places if place.state == LEASED}
    promised = {
        place.lead_id for place in places if place.state == PROMISED and place.campaign_id not in goes_on
    } - at_hand
    moved = {lead_id: lead for lead_id, lead in present.items() if lead_id not in at_hand | promised}
    left = tuple(sorted(at_hand)), tuple(sorted(promised))
    if not moved:
        return LeadsMoved(0, *left)
    keep_versions(connection, list(moved.values()))
    if target_id is None:
        new = {"name": write.to_list, "source": source.source, "as_of": source.as_of, "created_at": write.now}
        connection.execute(insert(lists).values(**new, leads=0, numbers=0))
        if source.expires_on:
            expire(connection, ExpireList(write.to_list, source.expires_on, write.now))
        target_id = connection.execute(select(lists.c.list_id).where(lists.c.name == write.to_list)).scalar_one()
    last = connection.execute(select(func.max(leads.c.lead_id)).where(leads.c.list_id == target_id)).scalar() or 0
    connection.execute(update(leads).where(leads.c.lead_id.in_(moved)).values(list_id=target_id))
    numbers = sum(len(lead.phones) for lead in moved.values())
    for list_id, sign in ((source.list_id, -1), (target_id, 1)):
        counts = {"leads": lists.c.leads + sign * len(moved), "numbers": lists.c.numbers + sign * numbers}
        connection.execute(update(lists).where(lists.c.list_id == list_id).values(**counts))
    of_moved = [place for place in places if place.lead_id in moved]
    _let_go(connection, [place for place in of_moved if place.campaign_id not in goes_on])
    now = {lead_id: replace(lead, list_name=write.to_list) for lead_id, lead in moved.items()}
    staying = [place for place in of_moved if place.campaign_id in goes_on]
    _take_back(connection, staying)
    groups = {name: set(of_leads) for name, of_leads in regroup(connection, staying, now)}
    for campaign in dialing:
        there = {place.lead_id for place in staying if place.campaign_id == campaign.campaign_id}
        newcomers = [_newcomer(lead) for lead_id, lead in now.items() if lead_id not in there]
        groups.setdefault(campaign.name, set()).update(enter(connection, campaign, newcomers))
        if last <= campaign.walked_to < max(moved):  # nothing was left to walk, and nothing is
            mark(connection, campaign.campaign_id, target_id, max(moved))
    joined = tuple((name, tuple(sorted(groups[name]))) for name in sorted(groups))
    return LeadsMoved(len(moved), *left, joined)


def _dialing(connection: Connection, list_id: int) -> Sequence[Row[Any]]:
    """The campaigns that dial the list, and how far each has walked it."""
    query = (
        select(campaigns, campaign_lists.c.walked_to)
        .join(campaign_lists, campaign_lists.c.campaign_id == campaigns.c.campaign_id)
        .where(campaign_lists.c.list_id == list_id, ~campaign_lists.c.removed)
    )
    return connection.execute(query.order_by(campaigns.c.campaign_id)).all()


def _let_go(connection: Connection, places: Sequence[PlaceOf]) -> None:
    if places:
        connection.execute(LET_GO, [{"here": place.campaign_id, "key": place.lead_id} for place in places])


def _take_back(connection: Connection, places: Sequence[PlaceOf]) -> None:
    """Those that were let go of before: moved away, or of a list that was taken out."""
    back = [place for place in places if place.reason == LIST_REMOVED]
    if back:
        connection.execute(TAKE_BACK, [{"here": place.campaign_id, "key": place.lead_id} for place in back])


def calls_of(connection: Connection, lead_ids: Iterable[int]) -> dict[int, LeadCalls]:
    """See `Reader.lead_calls`."""
    found: dict[int, LeadCalls] = {}
    of = attempts.c
    for portion in portions(lead_ids):
        query = select(of.lead_id, of.created_at, of.outcome, of.disposition).where(
            of.lead_id.in_(portion), of.counted
        )
        for lead_id, *call in connection.execute(query.order_by(of.lead_id, of.created_at, of.attempt_id)):
            found[lead_id] = with_call(found.get(lead_id), *call)
    return found


def with_call(
    before: LeadCalls | None, created_at: float, outcome: str | None, disposition: str | None
) -> LeadCalls:
    """With one more, the last."""
    made = 0 if before is None else before.attempts
    return LeadCalls(made + 1, created_at, outcome or "", disposition or "")


def _newcomer(lead: Lead) -> Newcomer:
    return Newcomer(
        lead.lead_id,
        tuple(
            finest_group(phone.e164, phone.zone_group, phone.kind.value, lead.country, lead.region, lead.list_name)
            for phone in lead.phones
        ),
    )
