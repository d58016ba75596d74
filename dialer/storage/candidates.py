"""What is known of each lead that is leased: its numbers, its history, the registers it is on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, bindparam, literal_column, or_, select
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect

from campaigns.callback import Callback
from campaigns.consent import Consent
from campaigns.permission.past import PastAttempt
from dialer.ports.store import Candidate, FetchLeads
from dialer.storage.caps import CapKey
from dialer.storage.consents import COLUMNS as CONSENT_COLUMNS
from dialer.storage.consents import OF_CLIENT, consent_of
from dialer.storage.counted import PAST_COLUMNS, past_of
from dialer.storage.dnc import FOR, MINE, STILL
from dialer.storage.places import HISTORY_S, tries_from_json
from dialer.storage.rows import LEAD_COLUMNS, PHONE_COLUMNS, lead_of, phone_of
from dialer.storage.statement import Statement, among, among_found
from dialer.storage.tables import attempts, consents, dnc, installation, leads, lists, numbers
from lists.client import client_of
from lists.lead import Lead, PhoneNumber


class CandidateStatements:
    """What is asked of the leads of a fetch, all at once, compiled for the writer's dialect."""

    def __init__(self, dialect: Dialect) -> None:
        leads_of = (
            select(*LEAD_COLUMNS)
            .join_from(leads, lists, lists.c.list_id == leads.c.list_id)
            .where(among(leads.c.lead_id, "ids", dialect))
        )
        phones_of = (
            select(*PHONE_COLUMNS)
            .where(among(numbers.c.lead_id, "ids", dialect))
            .order_by(numbers.c.lead_id, numbers.c.position)
        )
        theirs = select(numbers.c.e164).where(among(numbers.c.lead_id, "ids", dialect))
        # Hidden from the planner (by + ""), who would otherwise go through all the campaign's attempts instead.
        of_campaign = attempts.c.campaign + "" == bindparam("campaign")
        history = (
            select(*PAST_COLUMNS)
            .where(
                among_found(attempts.c.number, theirs, dialect),
                attempts.c.counted,
                or_(attempts.c.created_at >= bindparam("since"), of_campaign),
            )
            .order_by(attempts.c.created_at, attempts.c.attempt_id)
        )
        blocked = select(dnc.c.number).where(among_found(dnc.c.number, theirs, dialect), MINE, FOR, STILL)
        self.leads_of = Statement(leads_of, dialect, ("ids",))
        self.phones_of = Statement(phones_of, dialect, ("ids",))
        self.history = Statement(history, dialect, ("ids", "since", "campaign"))
        self.blocked = Statement(blocked, dialect, ("ids", "client", "purpose"))
        self.of_whom = {
            column: Statement(_elsewhere(column, dialect), dialect, ("keys", "since"))
            for column in ("person", "debt")
        }
        given = select(*CONSENT_COLUMNS).where(among_found(consents.c.number, theirs, dialect), OF_CLIENT)
        self.consents = Statement(given, dialect, ("ids", "client"))
        self.version = Statement(select(installation.c.dnc_version, installation.c.consent_version), dialect, ())


def _elsewhere(column: str, dialect: Dialect) -> Select[*tuple[Any, ...]]:
    """Attempts on persons or debts. The last condition is that of the index: the planner has to see it."""
    return (
        select(*PAST_COLUMNS)
        .where(
            among(attempts.c[column], "keys", dialect),
            attempts.c.counted,
            attempts.c.created_at >= bindparam("since"),
            attempts.c[column] != literal_column("''"),
        )
        .order_by(attempts.c.created_at, attempts.c.attempt_id)
    )


@dataclass(frozen=True, slots=True)
class Known:
    """Cursors with what is known of some leads: to be read once the database has answered."""

    leads: DBAPICursor
    phones: DBAPICursor
    history: DBAPICursor
    blocked: DBAPICursor
    consents: DBAPICursor
    version: DBAPICursor


def ask(
    another: Callable[[], DBAPICursor], run: CandidateStatements, write: FetchLeads, lead_ids: Sequence[int]
) -> Known:
    """What is known of these leads."""
    known = Known(another(), another(), another(), another(), another(), another())
    run.leads_of.run(known.leads, lead_ids)
    run.phones_of.run(known.phones, lead_ids)
    run.history.run(known.history, lead_ids, write.now - HISTORY_S, write.campaign)
    run.blocked.run(known.blocked, lead_ids, client_of(write.campaign), write.purpose)
    run.consents.run(known.consents, lead_ids, client_of(write.campaign))
    run.version.run(known.version)
    return known


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a lead, whatever its place in a campaign: see `Candidate`."""

    lead: Lead
    history: tuple[PastAttempt, ...]
    elsewhere: tuple[PastAttempt, ...]
    dnc: tuple[str, ...]
    dnc_version: int
    consents: tuple[Consent, ...]
    consent_version: int

    def counted_on(self) -> Iterator[CapKey]:
        """On what attempts count that would change it."""
        yield "lead_id", self.lead.lead_id
        for phone in self.lead.phones:
            yield "number", phone.e164
        yield "person", self.lead.person
        yield "debt", self.lead.debt


def candidates_of(
    facts: Mapping[int, Facts], places: Mapping[int, Sequence[Any]], callbacks: Mapping[int, Callback]
) -> tuple[Candidate, ...]:
    """In the order of `places`: the number next in turn, due, attempts, tries. `callbacks`: what some of them were
    promised."""
    candidates = []
    for lead_id, (phone_position, due_at, attempts_made, tries) in places.items():
        known = facts[lead_id]
        candidates.append(
            Candidate(
                lead=known.lead,
                phone_position=phone_position,
                due_at=float(due_at),  # what SQLite RETURNs of a whole number is an integer
                attempts=attempts_made,
                tries=tries_from_json(tries),
                history=known.history,
                elsewhere=known.elsewhere,
                dnc=known.dnc,
                dnc_version=known.dnc_version,
                callback=callbacks.get(lead_id),
                consents=known.consents,
                consent_version=known.consent_version,
            )
        )
    return tuple(candidates)


def facts_of(
    cursor: DBAPICursor, run: CandidateStatements, write: FetchLeads, known: Known, lead_ids: Sequence[int]
) -> dict[int, Facts]:
    """Of the leads that were asked about."""
    rows = {row[0]: row for row in known.leads.fetchall()}
    phones: dict[int, list[PhoneNumber]] = {lead_id: [] for lead_id in lead_ids}
    for lead_id, *phone in known.phones.fetchall():
        phones[lead_id].append(phone_of(phone))
    history: dict[str, list[tuple[int, PastAttempt]]] = {}
    for order, row in enumerate(known.history.fetchall()):
        history.setdefault(row[0], []).append((order, past_of(row)))
    blocked = {row[0] for row in known.blocked.fetchall()}
    consents_of: dict[str, list[Consent]] = {}
    for row in known.consents.fetchall():
        consents_of.setdefault(row[0], []).append(consent_of(row))
    ((dnc_version, consent_version),) = known.version.fetchall()
    found = [lead_of(rows[lead_id], tuple(phones[lead_id])) for lead_id in lead_ids]
    elsewhere = _attempts_elsewhere(cursor, run, found, write.now - HISTORY_S)
    facts = {}
    for lead in found:
        mine = tuple(dict.fromkeys(phone.e164 for phone in lead.phones))
        seen = sorted((entry for number in mine for entry in history.get(number, ())), key=itemgetter(0))
        facts[lead.lead_id] = Facts(
            lead=lead,
            history=tuple(attempt for _, attempt in seen),
            elsewhere=tuple(
                past for past in elsewhere.get(lead.person or lead.debt, ()) if past.number not in mine
            ),
            dnc=tuple(number for number in mine if number in blocked),
            dnc_version=dnc_version,
            consents=tuple(one for number in mine for one in consents_of.get(number, ())),
            consent_version=consent_version,
        )
    return facts


def _attempts_elsewhere(
    cursor: DBAPICursor, run: CandidateStatements, found: Sequence[Lead], since: float
) -> dict[str, list[PastAttempt]]:
    """Attempts by person; by debt for leads of whom only the debt is known. Most lists tell neither, and then
    nothing is asked."""
    persons = {lead.person for lead in found if lead.person_key}
    debts = {lead.debt for lead in found if lead.debt_id and not lead.person_key}
    known: dict[str, list[PastAttempt]] = {}
    for column, keys in (("person", persons), ("debt", debts)):
        for row in run.of_whom[column].rows(cursor, sorted(keys), since) if keys else ():
            past = past_of(row)
            known.setdefault(past.person if column == "person" else past.debt, []).append(past)
    return known
