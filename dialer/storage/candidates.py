"""What is known of each lead that is leased: its numbers, its history, the registers it is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect

from campaigns.outcome import Outcome
from campaigns.permission.past import PastAttempt
from dialer.ports.store import Candidate, FetchLeads
from dialer.storage.dnc import MINE, STILL, VERSION
from dialer.storage.places import HISTORY_S, tries_from_json
from dialer.storage.rows import LEAD_COLUMNS, PHONE_COLUMNS, lead_of, phone_of
from dialer.storage.statement import Statement, among, among_found, in_one_go
from dialer.storage.tables import attempts, dnc, leads, lists, numbers
from lists.client import client_of
from lists.lead import PhoneNumber


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
            select(
                attempts.c.number, attempts.c.campaign, func.coalesce(attempts.c.dialed_at, attempts.c.created_at),
                func.coalesce(attempts.c.outcome, Outcome.UNKNOWN.value), attempts.c.disposition, attempts.c.trunk,
                attempts.c.stage, attempts.c.charged,
            )
            .where(
                among_found(attempts.c.number, theirs, dialect),
                attempts.c.counted,
                or_(attempts.c.created_at >= bindparam("since"), of_campaign),
            )
            .order_by(attempts.c.created_at, attempts.c.attempt_id)
        )  # fmt: skip
        blocked = select(dnc.c.number).where(among_found(dnc.c.number, theirs, dialect), MINE, STILL)
        self.leads_of = Statement(leads_of, dialect, ("ids",))
        self.phones_of = Statement(phones_of, dialect, ("ids",))
        self.history = Statement(history, dialect, ("ids", "since", "campaign"))
        self.blocked = Statement(blocked, dialect, ("ids", "client"))
        self.version = Statement(VERSION, dialect, ())


def candidates_of(
    cursor: DBAPICursor, run: CandidateStatements, write: FetchLeads, places: Mapping[int, Sequence[Any]]
) -> tuple[Candidate, ...]:
    """`places`: of the leads, in order: the number next in turn, due, attempts, tries."""
    if not places:
        return ()
    lead_ids = list(places)
    with in_one_go(cursor) as another:
        leads_of, phones_of, past, listed, current = (another() for _ in range(5))
        run.leads_of.run(leads_of, lead_ids)
        run.phones_of.run(phones_of, lead_ids)
        run.history.run(past, lead_ids, write.now - HISTORY_S, write.campaign)
        run.blocked.run(listed, lead_ids, client_of(write.campaign))
        run.version.run(current)
    rows = {row[0]: row for row in leads_of.fetchall()}
    phones: dict[int, list[PhoneNumber]] = {lead_id: [] for lead_id in lead_ids}
    for lead_id, *phone in phones_of.fetchall():
        phones[lead_id].append(phone_of(phone))
    history: dict[str, list[tuple[int, PastAttempt]]] = {}
    for place, (number, campaign, at, outcome, disposition, trunk, stage, charged) in enumerate(past.fetchall()):
        attempt = PastAttempt(number, campaign, at, outcome, disposition, trunk, stage, bool(charged))
        history.setdefault(number, []).append((place, attempt))
    blocked = {row[0] for row in listed.fetchall()}
    version = int(current.fetchall()[0][0])
    candidates = []
    for lead_id, (phone_position, due_at, attempts_made, tries) in places.items():
        lead = lead_of(rows[lead_id], tuple(phones[lead_id]))
        mine = tuple(dict.fromkeys(phone.e164 for phone in lead.phones))
        seen = sorted((entry for number in mine for entry in history.get(number, ())), key=itemgetter(0))
        candidates.append(
            Candidate(
                lead=lead,
                phone_position=phone_position,
                due_at=float(due_at),  # what SQLite RETURNs of a whole number is an integer
                attempts=attempts_made,
                tries=tries_from_json(tries),
                history=tuple(attempt for _, attempt in seen),
                dnc=tuple(number for number in mine if number in blocked),
                dnc_version=version,
            )
        )
    return tuple(candidates)
