"""A campaign's leads in groups that no decision can tell apart, so that a million of them are judged by a few
hundred decisions; and what a decision about one lead is given, without leasing it.

The key is one text, which SQLite sorts by twice as fast as by three columns. It has in it whatever a decision
reads of a lead that nobody has called; who lets a decision read more of such a lead adds that to the key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    Subquery,
    Text,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from dialer.ports.store import FINAL, LEASED, READY, Candidate, FetchLeads, LeadGroup, Place, ZoneLeads
from dialer.storage.callbacks import CallbackStatements, open_callbacks
from dialer.storage.candidates import CandidateStatements, ask, candidates_of, facts_of
from dialer.storage.dnc import FOR, MINE, STILL
from dialer.storage.places import PROMISED, WAITING
from dialer.storage.rows import PLACE_COLUMNS, place_of, portions, streamed
from dialer.storage.statement import in_one_go, open_cursor
from dialer.storage.tables import attempts, campaign_leads, campaigns, consents, dnc, leads, numbers
from lists.client import client_of
from lists.costly import costly_like
from lists.lead import ZoneSource

CANDIDATES_AT_ONCE = 500
USUAL_LENGTH = 11
"""Of a number with its plus. Shorter ones are looked at one by one: they may be a short code somewhere."""

_OPEN = "open"
_YES: ColumnElement[str] = literal_column("'1'")
_NO: ColumnElement[str] = literal_column("''")
_THEN: ColumnElement[str] = literal_column("';'")
_HERE = campaign_leads.c.campaign_id == bindparam("campaign_id")
_IDS = select(campaigns.c.campaign_id).where(campaigns.c.name == bindparam("campaign"))
_CLIENT: ColumnElement[str] = bindparam("client", type_=Text).concat(literal_column("':'"))
# As `Lead.person` and `Lead.debt`: the lists of a campaign are all of its client.
_KNOWN_BY_PERSON = (leads.c.person_key != literal_column("''")) & _CLIENT.concat(leads.c.person_key).in_(
    select(attempts.c.person).where(attempts.c.counted, attempts.c.person != literal_column("''"))
)
_KNOWN_BY_DEBT = (leads.c.debt_id != literal_column("''")) & _CLIENT.concat(leads.c.debt_id).concat(
    literal_column("':'")
).concat(leads.c.person_key).in_(
    select(attempts.c.debt).where(attempts.c.counted, attempts.c.debt != literal_column("''"))
)
_PLACES = select(*PLACE_COLUMNS).where(_HERE, campaign_leads.c.lead_id.in_(bindparam("ids", expanding=True)))


def _keyed() -> Subquery:
    """Every lead of the campaign, with its group's key: `final;REASON`, `leased;`, or `open;MORE;…`."""
    place, number = campaign_leads, numbers
    further = numbers.alias("further")
    has_more = exists().where(further.c.lead_id == place.c.lead_id, further.c.position != place.c.phone_position)
    # Not correlated: found once, from the attempts, however many leads there are.
    called = (
        select(further.c.lead_id)
        .join_from(attempts, further, further.c.e164 == attempts.c.number)
        .where(attempts.c.counted)
    )
    agreed = exists().where(
        consents.c.number == further.c.e164,
        further.c.lead_id == place.c.lead_id,
        consents.c.client == bindparam("client", type_=Text),
    )
    known = or_(place.c.state == PROMISED, place.c.lead_id.in_(called), _KNOWN_BY_PERSON, _KNOWN_BY_DEBT, agreed)
    odd = or_(
        func.length(number.c.e164) < USUAL_LENGTH,
        number.c.zone_source == ZoneSource.UNKNOWN.value,
        *(number.c.e164.like(literal_column(f"'{pattern}'")) for pattern in costly_like()),
    )
    parts: tuple[Any, ...] = (
        literal_column(f"'{_OPEN};'"),
        case((has_more, _YES), else_=_NO),
        _THEN,
        case(
            (place.c.due_at > bindparam("at"), cast(place.c.due_at, Text) + _THEN + place.c.reason),
            else_=_NO,
        ),
        _THEN,
        cast(leads.c.list_id, Text),
        _THEN,
        place.c.zone_group,
        _THEN,
        number.c.kind,
        _THEN,
        leads.c.country,
        _THEN,
        leads.c.region,
        _THEN,
        func.substr(number.c.e164, 1, bindparam("digits")),
        _THEN,
        case((odd, number.c.e164), else_=_NO),
        _THEN,
        case((exists().where(dnc.c.number == number.c.e164, MINE, FOR, STILL), _YES), else_=_NO),
        _THEN,
        case((known, cast(place.c.lead_id, Text)), else_=_NO),
    )
    key = parts[0]
    for part in parts[1:]:
        key = key.concat(part)
    key = case(
        (place.c.state == FINAL, literal_column(f"'{FINAL};'").concat(place.c.reason)),
        (place.c.state == LEASED, literal_column(f"'{LEASED};'")),
        else_=key,
    )
    return (
        select(key.label("key"), place.c.lead_id)
        .join_from(
            place, number, (number.c.lead_id == place.c.lead_id) & (number.c.position == place.c.phone_position)
        )
        .join(leads, leads.c.lead_id == place.c.lead_id)
        .where(_HERE)
        .subquery()
    )


_KEYED = _keyed()
LEAD_GROUPS = select(_KEYED.c.key, func.min(_KEYED.c.lead_id), func.count()).group_by(_KEYED.c.key)
LEADS_OF_GROUPS = (
    select(_KEYED.c.lead_id).where(_KEYED.c.key.in_(bindparam("keys", expanding=True))).order_by(_KEYED.c.lead_id)
)


_LATER = campaign_leads.c.due_at > bindparam("now")
WAITING_LEADS = (
    select(
        campaign_leads.c.zone_group,
        func.sum(case((_LATER, 0), else_=1)),
        func.sum(case((_LATER, 1), else_=0)),
        func.min(case((_LATER, campaign_leads.c.due_at))),
    )
    .where(_HERE, campaign_leads.c.state.in_((READY, WAITING, PROMISED)))
    .group_by(campaign_leads.c.zone_group)
    .order_by(campaign_leads.c.zone_group)
)


class GroupReads:
    """Part of `SqlReader`. An unknown campaign has no leads."""

    engine: Engine

    def lead_groups(self, campaign: str, at: float, digits: int = 0, purpose: str = "") -> Iterator[LeadGroup]:
        for key, lead_id, count in self._of(LEAD_GROUPS, campaign, at, digits, purpose):
            yield group_of(key, lead_id, count)

    def waiting_leads(self, campaign: str, now: float) -> Sequence[ZoneLeads]:
        with self.engine.connect() as connection:
            campaign_id = connection.execute(_IDS, {"campaign": campaign}).scalar_one_or_none()
            rows = connection.execute(WAITING_LEADS, {"campaign_id": campaign_id, "now": now})
            return [ZoneLeads(group, int(due), int(later), next_due) for group, due, later, next_due in rows]

    def leads_of_groups(
        self, campaign: str, at: float, digits: int, keys: Collection[str], purpose: str = ""
    ) -> Iterator[int]:
        for portion in portions(keys):
            for (lead_id,) in self._of(LEADS_OF_GROUPS, campaign, at, digits, purpose, keys=portion):
                yield lead_id

    def candidates(
        self, campaign: str, lead_ids: Iterable[int], at: float, purpose: str = ""
    ) -> Iterator[tuple[Place, Candidate]]:
        with self.engine.connect() as connection:
            campaign_id = connection.execute(_IDS, {"campaign": campaign}).scalar_one_or_none()
            statements = CandidateStatements(connection.dialect)
            promised = CallbackStatements(connection.dialect).of_leads
            write = FetchLeads(campaign, CANDIDATES_AT_ONCE, at, (), purpose)
            with closing(open_cursor(connection)) as cursor:
                for portion in portions(lead_ids, CANDIDATES_AT_ONCE):
                    rows = connection.execute(_PLACES, {"campaign_id": campaign_id, "ids": portion}).all()
                    found = {row.lead_id: row for row in sorted(rows, key=lambda row: row.lead_id)}
                    places = {
                        lead_id: (row.phone_position, row.due_at, row.attempts, row.tries)
                        for lead_id, row in found.items()
                    }
                    callbacks = open_callbacks(promised.rows(cursor, campaign_id, list(places)), campaign)
                    with in_one_go(cursor) as another:
                        known = ask(another, statements, write, list(places))
                    facts = facts_of(cursor, statements, write, known, list(places))
                    for candidate in candidates_of(facts, places, callbacks):
                        yield place_of(found[candidate.lead.lead_id]), candidate

    def _of(
        self, query: Select[Any], campaign: str, at: float, digits: int, purpose: str, **more: Any
    ) -> Iterator[Any]:
        with self.engine.connect() as connection:
            campaign_id = connection.execute(_IDS, {"campaign": campaign}).scalar_one_or_none()
            asked = {
                "campaign_id": campaign_id,
                "at": at,
                "digits": digits + 1 if digits else 0,  # and its plus
                "client": client_of(campaign),
                "purpose": purpose,
                **more,
            }
            with streamed(connection, query, asked) as rows:
                yield from rows


def group_of(key: str, lead_id: int, count: int) -> LeadGroup:
    """The group of this key."""
    state, _, rest = key.partition(";")
    if state == _OPEN:
        return LeadGroup(key, lead_id, count, READY, "", rest.startswith("1"))
    return LeadGroup(key, lead_id, count, state, rest, more=False)
