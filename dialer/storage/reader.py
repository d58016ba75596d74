"""Reads, each on a connection of its own that cannot write. Iterators stream and hold theirs until they are
exhausted or closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import BigInteger, Engine, bindparam, case, cast, func, literal_column, or_, select

from campaigns.consent import Consent
from campaigns.record import AgentTime, AttemptRecord
from dialer.ports.store import (
    LeadCalls,
    LeadVersion,
    ListSummary,
    Seal,
    StoredAttempt,
    StoredRuleSet,
    ThirdCall,
    Usage,
)
from dialer.storage import agents, consents, expiry, freshness, lead_updates, moving, thirds
from dialer.storage.attempts import (
    LAST_ATTEMPT_AT,
    NEXT_ATTEMPT_ID,
    OPEN_ATTEMPTS,
    RECORD_COLUMNS,
    SEAL_COLUMNS,
    STORED_COLUMNS,
    record_of,
    seal_of,
    stored_attempt_of,
)
from dialer.storage.counted import PAST_COLUMNS, past_of
from dialer.storage.erasure import anyone_erased, erased_among
from dialer.storage.idle import idle_leads
from dialer.storage.known_leads import known_leads
from dialer.storage.lead_groups import GroupReads
from dialer.storage.reader_access import AccessReads
from dialer.storage.reader_campaigns import CampaignReads
from dialer.storage.rows import LEAD_COLUMNS, STREAM, lead_of, phones_of_leads, portions, streamed
from dialer.storage.source import CountedAttempt
from dialer.storage.tables import attempts, leads, lists, rule_sets, walls
from dialer.storage.tables import numbers as numbers_table
from dialer.storage.usage import usage
from lists.dedupe import KnownLead, MatchBy
from lists.freshness.standing import Standing
from lists.lead import Lead

LEADS_BY_NUMBER = (
    select(*LEAD_COLUMNS)
    .join_from(leads, lists, lists.c.list_id == leads.c.list_id)
    .where(leads.c.lead_id.in_(select(numbers_table.c.lead_id).where(numbers_table.c.e164 == bindparam("number"))))
    .order_by(leads.c.lead_id)
)
LEADS_OF_PERSON = (
    select(*LEAD_COLUMNS)
    .join_from(leads, lists, lists.c.list_id == leads.c.list_id)
    .where(leads.c.person_key == bindparam("key"), leads.c.person_key != literal_column("''"))
    .order_by(leads.c.lead_id)
)
RECORDS = (
    select(*RECORD_COLUMNS)
    .where(
        attempts.c.campaign == bindparam("of_campaign"),
        attempts.c.created_at >= bindparam("since"),
        attempts.c.created_at < bindparam("until"),
        attempts.c.closed_at.is_not(None),
    )
    .order_by(attempts.c.created_at, attempts.c.attempt_id)
)
ATTEMPTS_ON = select(*STORED_COLUMNS).where(attempts.c.number.in_(bindparam("numbers", expanding=True)))

ATTEMPTS_OF_WHOM = {
    column: select(*STORED_COLUMNS).where(
        attempts.c[column] == bindparam("key"), attempts.c[column] != literal_column("''")
    )
    for column in ("person", "debt")
}


class SqlReader(CampaignReads, GroupReads, AccessReads):
    """Implements `Reader` and `Source`. An unknown list or campaign reads as an empty one."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def close(self) -> None:
        self.engine.dispose()

    def lists(self) -> Sequence[ListSummary]:
        """All lists, by name. `source` and `as_of` are those of the last import."""
        columns = (
            lists.c.name,
            lists.c.source,
            lists.c.as_of,
            lists.c.created_at,
            lists.c.leads,
            lists.c.numbers,
            lists.c.expires_on,
        )
        with self.engine.connect() as connection:
            found = (ListSummary(*row) for row in connection.execute(select(*columns)))
            return sorted(found, key=lambda one: one.name)

    def list_expiries(self) -> Mapping[str, tuple[tuple[float, str], ...]]:
        with self.engine.connect() as connection:
            return expiry.all_said(connection)

    def leads(self, list_name: str) -> Iterator[Lead]:
        query = (
            select(*LEAD_COLUMNS)
            .join_from(leads, lists, lists.c.list_id == leads.c.list_id)
            .where(lists.c.name == list_name)
            .order_by(leads.c.lead_id)
        )
        with self.engine.connect() as connection, streamed(connection, query) as rows:
            while portion := rows.fetchmany(STREAM):
                phones = phones_of_leads(connection, [row[0] for row in portion])
                found = (lead_of(row, phones[row[0]]) for row in portion)
                yield from (lead for lead in found if not lead.is_erased)

    def lead(self, lead_id: int) -> Lead | None:
        query = (
            select(*LEAD_COLUMNS)
            .join_from(leads, lists, lists.c.list_id == leads.c.list_id)
            .where(leads.c.lead_id == lead_id)
        )
        with self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else lead_of(row, phones_of_leads(connection, [lead_id])[lead_id])

    def leads_by_number(self, number: str) -> Sequence[Lead]:
        with self.engine.connect() as connection:
            rows = connection.execute(LEADS_BY_NUMBER, {"number": number}).all()
            phones = phones_of_leads(connection, [row[0] for row in rows])
            return [lead_of(row, phones[row[0]]) for row in rows]

    def leads_of_person(self, person: str) -> Sequence[Lead]:
        _, _, key = person.partition(":")
        if not key:
            return []
        with self.engine.connect() as connection:
            rows = connection.execute(LEADS_OF_PERSON, {"key": key}).all()
            phones = phones_of_leads(connection, [row[0] for row in rows])
            found = (lead_of(row, phones[row[0]]) for row in rows)
            return [lead for lead in found if lead.person == person]

    def leads_by_id(self, lead_ids: Iterable[int]) -> Sequence[Lead]:
        with self.engine.connect() as connection:
            return lead_updates.leads_by_id(connection, lead_ids)

    def lead_calls(self, lead_ids: Iterable[int]) -> Mapping[int, LeadCalls]:
        with self.engine.connect() as connection:
            return moving.calls_of(connection, lead_ids)

    def idle_leads(
        self,
        lists: Sequence[str],
        added_before: float,
        called_before: float,
        *,
        after: int = 0,
        limit: int = 1_000,
        among: Collection[int] | None = None,
    ) -> Sequence[int]:
        with self.engine.connect() as connection:
            return idle_leads(connection, lists, added_before, called_before, after, limit, among)

    def lead_versions(self, lead_ids: Iterable[int]) -> Mapping[int, Sequence[LeadVersion]]:
        with self.engine.connect() as connection:
            return lead_updates.versions_of(connection, lead_ids)

    def known_leads(self, list_names: Sequence[str], by: MatchBy, keys: Iterable[str]) -> Mapping[str, KnownLead]:
        with self.engine.connect() as connection:
            return known_leads(connection, list_names, by, keys)

    def anyone_erased(self) -> bool:
        with self.engine.connect() as connection:
            return anyone_erased(connection)

    def erased_keys(self, keys: Iterable[str]) -> set[str]:
        with self.engine.connect() as connection:
            return erased_among(connection, keys)

    def standings(
        self,
        lists: Collection[str],
        now: float,
        wrong: Collection[tuple[str, str]],
        *,
        called: bool = False,
        one_in: int = 1,
    ) -> Sequence[Standing]:
        with self.engine.connect() as connection:
            return freshness.standings(connection, lists, now, wrong, called=called, one_in=one_in)

    def next_attempt_id(self) -> int:
        """One more than the highest id ever saved."""
        with self.engine.connect() as connection:
            return int(connection.execute(NEXT_ATTEMPT_ID).scalar_one())

    def last_attempt_at(self) -> float | None:
        with self.engine.connect() as connection:
            return connection.execute(LAST_ATTEMPT_AT).scalar_one_or_none()

    def attempts(self, campaign: str) -> Iterator[StoredAttempt]:
        """All attempts of the campaign, open ones too, as they were created."""
        query = (
            select(*STORED_COLUMNS)
            .where(attempts.c.campaign == campaign)
            .order_by(attempts.c.created_at, attempts.c.attempt_id)
        )
        with self.engine.connect() as connection, streamed(connection, query) as rows:
            for row in rows:
                yield stored_attempt_of(row)

    def open_attempts(self) -> Sequence[StoredAttempt]:
        with self.engine.connect() as connection:
            return [stored_attempt_of(row) for row in connection.execute(OPEN_ATTEMPTS)]

    def attempts_on(self, numbers: Iterable[str], person: str = "", debt: str = "") -> Sequence[StoredAttempt]:
        found: dict[int, StoredAttempt] = {}
        with self.engine.connect() as connection:
            for portion in portions(numbers):
                rows = connection.execute(ATTEMPTS_ON, {"numbers": portion})
                found.update((row.attempt_id, stored_attempt_of(row)) for row in rows)
            for column, key in (("person", person), ("debt", debt)):
                if key:
                    rows = connection.execute(ATTEMPTS_OF_WHOM[column], {"key": key})
                    found.update((row.attempt_id, stored_attempt_of(row)) for row in rows)
        return sorted(found.values(), key=lambda one: (one.created_at, one.attempt_id))

    def records(self, campaign: str, since: float, until: float) -> Iterator[AttemptRecord]:
        """Records of closed attempts created in [since, until), as they were created."""
        asked = {"of_campaign": campaign, "since": since, "until": until}
        with self.engine.connect() as connection, streamed(connection, RECORDS, asked) as rows:
            for row in rows:
                yield record_of(row)

    def answers(
        self, campaign: str, since: float, until: float, span_s: float
    ) -> Sequence[tuple[float, int, int]]:
        created = attempts.c.created_at
        span = cast(created, BigInteger) // int(span_s)
        query = (
            select(span.label("span"), func.count(), func.sum(case((attempts.c.abandoned, 1), else_=0)))
            .where(attempts.c.campaign == campaign, created >= since, created < until, attempts.c.live)
            .group_by("span")
            .order_by("span")
        )
        with self.engine.connect() as connection:
            return [(span * span_s, live, int(lost)) for span, live, lost in connection.execute(query)]

    def counted_attempts(self, campaign: str, since: float) -> Iterator[CountedAttempt]:
        query = (
            select(attempts.c.lead_id, attempts.c.created_at, *PAST_COLUMNS)
            .where(attempts.c.counted, or_(attempts.c.campaign == campaign, attempts.c.created_at >= since))
            .order_by(attempts.c.created_at, attempts.c.attempt_id)
        )
        with self.engine.connect() as connection, streamed(connection, query) as rows:
            for lead_id, created_at, *past in rows:
                yield CountedAttempt(lead_id, created_at, past_of(past))

    def consents(self, numbers: Iterable[str], client: str = "") -> Sequence[Consent]:
        with self.engine.connect() as connection:
            return consents.consents_of(connection, numbers, client)

    def consent_totals(self, client: str = "") -> Sequence[tuple[str, str, int]]:
        with self.engine.connect() as connection:
            return consents.totals(connection, client)

    def walls(self) -> dict[str, str]:
        with self.engine.connect() as connection:
            return {row.hash: row.body for row in connection.execute(select(walls))}

    def rule_sets(self) -> Sequence[StoredRuleSet]:
        table = rule_sets.c
        columns = (table.name, table.hash, table.body, table.added_at, table.basis)
        with self.engine.connect() as connection:
            rows = connection.execute(select(*columns).order_by(table.added_at, table.name))
            return [StoredRuleSet(*row) for row in rows]

    def chain(self) -> Iterator[tuple[int, Seal | None]]:
        columns = select(attempts.c.attempt_id, *SEAL_COLUMNS)
        place = attempts.c.chain_place
        for query in (
            columns.where(place.is_(None)).order_by(attempts.c.attempt_id),
            columns.where(place.is_not(None)).order_by(place),
        ):
            with self.engine.connect() as connection, streamed(connection, query) as rows:
                for row in rows:
                    yield row.attempt_id, seal_of(row)

    def last_link(self) -> tuple[int, Seal] | None:
        place = attempts.c.chain_place
        query = (
            select(attempts.c.attempt_id, *SEAL_COLUMNS).where(place.is_not(None)).order_by(place.desc()).limit(1)
        )
        with self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        seal = None if row is None else seal_of(row)
        return None if row is None or seal is None else (row.attempt_id, seal)

    def third_calls(self, since: float) -> Sequence[ThirdCall]:
        with self.engine.connect() as connection:
            return thirds.since(connection, since)

    def usage(self, since: float) -> Sequence[Usage]:
        with self.engine.connect() as connection:
            return usage(connection, since)

    def agent_times(self, campaign: str, since: float, until: float) -> Iterator[AgentTime]:
        """What of the campaign's stretches falls into [since, until), cut off at both ends."""
        with self.engine.connect() as connection:
            yield from agents.within(connection, campaign, since, until)
