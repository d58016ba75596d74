"""Leads that a later list knows better: what they were stays, for the attempts that were permitted by it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, func, insert, select, update

from campaigns.campaign import LeadOrder
from campaigns.zone_group import Grouping
from dialer.ports.store import LEASED, LeadsUpdated, LeadVersion, UpdateLeads
from dialer.storage import dnc
from dialer.storage.leads import details_row, number_row
from dialer.storage.places import origins_to_json, texts_to_json
from dialer.storage.placing import keep_groups, rekey
from dialer.storage.rows import LEAD_COLUMNS, lead_of, phone_of, phones_of_leads, portions
from dialer.storage.tables import attempts, campaign_leads, campaigns, lead_versions, leads, lists, numbers
from lists.client import client_of
from lists.lead import Lead, lead_party
from lists.value import value

_TEXTS = ("first_name", "last_name", "external_id", "person_key", "debt_id", "country", "region")
_DETAILS = ("address", "city", "postal_code", "language", "owner", "rank", "twin_key")
_UPDATE = (
    update(leads)
    .where(leads.c.lead_id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in (*_TEXTS, *_DETAILS, "fields", "origins")})
)
_NUMBER = ("region", "kind", "zones", "zone_source", "use", "extension", "source", "as_of", "zone_evidence")
_UPDATE_NUMBER = (
    update(numbers)
    .where(numbers.c.lead_id == bindparam("key"), numbers.c.position == bindparam("at"))
    .values({name: bindparam(f"new_{name}") for name in _NUMBER})
)
_MOVE = (
    update(campaign_leads)
    .where(campaign_leads.c.campaign_id == bindparam("here"), campaign_leads.c.lead_id == bindparam("key"))
    .values(zone_group=bindparam("group"))
)


def update_leads(connection: Connection, write: UpdateLeads) -> LeadsUpdated:
    """See `UpdateLeads`."""
    present = leads_by_id(connection, (lead.lead_id for lead in write.leads))
    places = places_of(connection, [lead.lead_id for lead in present])
    changes = changes_of(write, present, {place.lead_id for place in places if place.state == LEASED})
    changed = changes.made
    keep_versions(connection, [old for old, new in changed if facts_of(new) != facts_of(old)])
    _write(connection, changed)
    _rank(connection, [new.lead_id for old, new in changed if new.details.rank != old.details.rank])
    dnc.block_known(connection, newly_theirs(changed), write.now)
    dnc.know_as(connection, newly_known(changed), write.now)
    joined = regroup(connection, places, {new.lead_id: new for _, new in changed})
    return changes.answer(joined)


@value
class Changes:
    """What comes of an `UpdateLeads`. `made`: each as it was and as it is to be."""

    made: list[tuple[Lead, Lead]]
    at_hand: list[int]
    overtaken: list[int]

    def answer(self, joined: tuple[tuple[str, tuple[str, ...]], ...]) -> LeadsUpdated:
        return LeadsUpdated(len(self.made), tuple(self.at_hand), joined, tuple(self.overtaken))


def changes_of(write: UpdateLeads, present: Iterable[Lead], leased: Collection[int]) -> Changes:
    """`present`: the leads as they are. Raises `ValueError` for a lead of another client than the list's, and for
    other numbers."""
    marks = write.read_as or ("",) * len(write.leads)
    wanted = {lead.lead_id: (lead, mark) for lead, mark in zip(write.leads, marks, strict=True)}
    found = Changes([], [], [])
    for old in present:
        better, mark = wanted[old.lead_id]
        if old.is_erased:
            continue
        if mark not in {"", old.mark}:
            found.overtaken.append(old.lead_id)
            continue
        new = _kept(old, better, write.list_name)
        if new == old:
            continue
        if old.lead_id in leased and facts_of(new) != facts_of(old):
            found.at_hand.append(old.lead_id)
        else:
            found.made.append((old, new))
    return found


def leads_by_id(connection: Connection, lead_ids: Iterable[int]) -> list[Lead]:
    """Those that there are, by lead id."""
    found: list[Lead] = []
    for portion in portions(lead_ids):
        query = select(*LEAD_COLUMNS).join_from(leads, lists, lists.c.list_id == leads.c.list_id)
        rows = connection.execute(query.where(leads.c.lead_id.in_(portion))).all()
        phones = phones_of_leads(connection, [row[0] for row in rows])
        found += [lead_of(row, phones[row[0]]) for row in rows]
    return sorted(found, key=lambda lead: lead.lead_id)


def facts_of(lead: Lead) -> tuple[object, ...]:
    """What decisions rest on, as far as it is stored with the lead."""
    phones = [(one.e164, one.region, one.kind, one.zones, one.zone_source) for one in lead.phones]
    return lead.country, lead.region, lead.person_key, lead.debt_id, phones


def versions_of(connection: Connection, lead_ids: Iterable[int]) -> dict[int, list[LeadVersion]]:
    """What these leads were, oldest first."""
    found: dict[int, list[LeadVersion]] = {}
    for portion in portions(lead_ids):
        present = {lead.lead_id: lead for lead in leads_by_id(connection, portion)}
        query = select(lead_versions).where(lead_versions.c.lead_id.in_(portion)).order_by(lead_versions.c.until)
        for lead_id, until, body in connection.execute(query):
            found.setdefault(lead_id, []).append(LeadVersion(until, _version(present[lead_id], body)))
    return found


def _version(present: Lead, body: str) -> Lead:
    was = json.loads(body)
    return replace(
        present,
        list_name=was.get("list", present.list_name),
        country=was["country"],
        region=was["region"],
        person_key=was["person_key"],
        debt_id=was["debt_id"],
        phones=tuple(phone_of((*row, "", "", "", "", "")) for row in was["phones"]),
    )


def _kept(old: Lead, new: Lead, list_name: str) -> Lead:
    """The new one on the old one's list, with the numbers that it has at their places. Raises as `changes_of`."""
    if client_of(old.list_name) != client_of(list_name):
        raise ValueError(f"lead {old.lead_id} is of another client than list {list_name!r}")
    same = zip((phone.e164 for phone in old.phones), (phone.e164 for phone in new.phones), strict=False)
    if len(new.phones) < len(old.phones) or any(was != now for was, now in same):
        raise ValueError(f"lead {old.lead_id}: its numbers keep their places; new ones stand behind them")
    return replace(new, list_name=old.list_name, source=old.source, as_of=old.as_of, expires_on=old.expires_on)


@value
class PlaceOf:
    """A lead's place in a campaign."""

    campaign_id: int
    campaign: str
    grouping: Grouping
    lead_id: int
    state: str
    phone_position: int
    zone_group: str
    reason: str


def newly_theirs(changed: Iterable[tuple[Lead, Lead]]) -> dict[str, tuple[str, ...]]:
    """Numbers that are known now to be somebody's, by `Lead.party`; the lead may have refused before it was known
    who it is."""
    found: dict[str, tuple[str, ...]] = {}
    for old, new in changed:
        added = tuple(phone.e164 for phone in new.phones[len(old.phones) :])
        theirs = added if old.person == new.person else tuple(phone.e164 for phone in new.phones)
        for party, numbers_of in ((new.person, theirs), (lead_party(new.lead_id), added)):
            if party and numbers_of:
                found[party] = (*found.get(party, ()), *numbers_of)
    return found


def newly_known(changed: Iterable[tuple[Lead, Lead]]) -> dict[str, str]:
    """Leads of which it is known now who they are: `lead_party` to `Lead.person`."""
    return {lead_party(new.lead_id): new.person for old, new in changed if new.person not in {"", old.person}}


def places_of(connection: Connection, lead_ids: Iterable[int]) -> list[PlaceOf]:
    """Asked per campaign: the key of a place begins with it."""
    found: list[PlaceOf] = []
    of = campaign_leads.c
    columns = (campaigns.c.campaign_id, campaigns.c.name, campaigns.c.grouping)
    for campaign_id, name, grouping in connection.execute(select(*columns)).all():
        here = campaign_id, name, Grouping.from_text(grouping)
        for portion in portions(lead_ids):
            query = select(of.lead_id, of.state, of.phone_position, of.zone_group, of.reason).where(
                of.campaign_id == campaign_id, of.lead_id.in_(portion)
            )
            found += [PlaceOf(*here, *row) for row in connection.execute(query)]
    return found


def keep_versions(connection: Connection, before: Sequence[Lead]) -> None:
    """What they were, for the attempts that were made until now; of those without any nobody will ask."""
    for portion in portions(before):
        ids = [lead.lead_id for lead in portion]
        last = select(attempts.c.lead_id, func.max(attempts.c.created_at)).where(attempts.c.lead_id.in_(ids))
        until = {row[0]: row[1] for row in connection.execute(last.group_by(attempts.c.lead_id))}
        kept = select(lead_versions.c.lead_id, lead_versions.c.until).where(lead_versions.c.lead_id.in_(ids))
        there = {(row[0], row[1]) for row in connection.execute(kept)}
        rows = [
            {"lead_id": lead.lead_id, "until": until[lead.lead_id], "body": _body(lead)}
            for lead in portion
            if lead.lead_id in until and (lead.lead_id, until[lead.lead_id]) not in there
        ]
        if rows:
            connection.execute(insert(lead_versions), rows)


def _body(lead: Lead) -> str:
    phones = [
        (one.e164, one.region, one.kind.value, "|".join(one.zones), one.zone_source.value) for one in lead.phones
    ]
    was = {
        "list": lead.list_name, "country": lead.country, "region": lead.region, "person_key": lead.person_key,
        "debt_id": lead.debt_id,
    }  # fmt: skip
    return json.dumps({**was, "phones": phones}, ensure_ascii=False, separators=(",", ":"))


def _write(connection: Connection, changed: Sequence[tuple[Lead, Lead]]) -> None:
    rows, moved, added = [], [], []
    of_lists: dict[str, int] = {}
    for old, new in changed:
        values = dict(zip(_DETAILS, details_row(new), strict=True)) | {name: getattr(new, name) for name in _TEXTS}
        values |= {"fields": texts_to_json(new.fields), "origins": origins_to_json(new.origins)}
        rows.append({"key": new.lead_id} | {f"new_{name}": value for name, value in values.items()})
        for position, phone in enumerate(new.phones):
            row = number_row(new.lead_id, position, phone)
            if position >= len(old.phones):
                added.append(row)
                of_lists[new.list_name] = of_lists.get(new.list_name, 0) + 1
            elif phone != old.phones[position]:
                told: dict[str, str | int] = {"key": new.lead_id, "at": position}
                moved.append(told | {f"new_{name}": row[name] for name in _NUMBER})
    if rows:
        connection.execute(_UPDATE, rows)
    if moved:
        connection.execute(_UPDATE_NUMBER, moved)
    if added:
        connection.execute(insert(numbers), added)
    for name, count in of_lists.items():
        more = {"numbers": lists.c.numbers + count}
        connection.execute(update(lists).where(lists.c.name == name).values(more))


def _rank(connection: Connection, lead_ids: Sequence[int]) -> None:
    """Their rank is another: so is their place in the campaigns that go by it."""
    by_rank = select(campaigns).where(campaigns.c.lead_order == LeadOrder.RANK.value)
    for campaign in connection.execute(by_rank).all() if lead_ids else ():
        rekey(connection, campaign, lead_ids)


def regroup(
    connection: Connection, places: Sequence[PlaceOf], changed: Mapping[int, Lead]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Leads whose number in turn has other zones now wait among others; the campaigns are told which."""
    groups: dict[tuple[int, str], set[str]] = {}
    moves = []
    for place in places:
        lead = changed.get(place.lead_id)
        if lead is None:
            continue
        of_lead = [place.grouping.group_of(lead, phone) for phone in lead.phones]
        groups.setdefault((place.campaign_id, place.campaign), set()).update(of_lead)
        if of_lead[place.phone_position] != place.zone_group:
            moves.append({"here": place.campaign_id, "key": lead.lead_id, "group": of_lead[place.phone_position]})
    if moves:
        connection.execute(_MOVE, moves)
    for (campaign_id, _), of_leads in groups.items():
        keep_groups(connection, campaign_id, of_leads)
    return tuple((name, tuple(sorted(of_leads))) for (_, name), of_leads in groups.items())
