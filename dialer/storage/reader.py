"""Reads, each on a connection of its own that cannot write. Iterators stream and hold theirs until they are
exhausted or closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import Engine, case, func, literal_column, or_, select

from campaigns.outcome import Outcome
from campaigns.record import AgentTime, AttemptRecord
from dialer.ports.store import LeadCounts, ListSummary, StoredAttempt, StoredCampaign
from dialer.storage import agents, dnc
from dialer.storage.attempts import (
    NEXT_ATTEMPT_ID,
    RECORD_COLUMNS,
    STORED_COLUMNS,
    record_of,
    stored_attempt_of,
)
from dialer.storage.errors import UnknownCampaign
from dialer.storage.places import FINAL, READY, WAITING, tries_from_json
from dialer.storage.rows import LEAD_COLUMNS, lead_of, phones_of_leads, portions
from dialer.storage.source import CampaignSetup, CountedAttempt, Place
from dialer.storage.tables import attempts, campaign_leads, campaign_lists, campaigns, leads, lists
from dialer.storage.tables import numbers as numbers_table
from lists.lead import Lead

_STREAM = 1_000


class SqlReader:
    """Implements `Reader` and `Source`. An unknown list or campaign reads as an empty one."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def close(self) -> None:
        self.engine.dispose()

    def lists(self) -> Sequence[ListSummary]:
        """All lists, by name. `source` and `as_of` are those of the last import."""
        columns = (lists.c.name, lists.c.source, lists.c.as_of, lists.c.created_at, lists.c.leads, lists.c.numbers)
        with self.engine.connect() as connection:
            return [ListSummary(*row) for row in connection.execute(select(*columns).order_by(lists.c.name))]

    def leads(self, list_name: str) -> Iterator[Lead]:
        """The list's leads, by lead id."""
        query = (
            select(*LEAD_COLUMNS)
            .join_from(leads, lists, lists.c.list_id == leads.c.list_id)
            .where(lists.c.name == list_name)
            .order_by(leads.c.lead_id)
        )
        with self.engine.connect() as connection:
            rows = iter(connection.execution_options(yield_per=_STREAM).execute(query))
            while portion := list(islice(rows, _STREAM)):
                phones = phones_of_leads(connection, [row[0] for row in portion])
                for row in portion:
                    yield lead_of(row, phones[row[0]])

    def lead(self, lead_id: int) -> Lead | None:
        query = (
            select(*LEAD_COLUMNS)
            .join_from(leads, lists, lists.c.list_id == leads.c.list_id)
            .where(leads.c.lead_id == lead_id)
        )
        with self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else lead_of(row, phones_of_leads(connection, [lead_id])[lead_id])

    def known_numbers(self, list_name: str, numbers: Iterable[str]) -> set[str]:
        """Those of these numbers that some lead of the list has."""
        found: set[str] = set()
        with self.engine.connect() as connection:
            for portion in portions(numbers):
                query = (
                    select(numbers_table.c.e164)
                    .join_from(numbers_table, leads, leads.c.lead_id == numbers_table.c.lead_id)
                    .join(lists, lists.c.list_id == leads.c.list_id)
                    .where(numbers_table.c.e164.in_(portion), lists.c.name == list_name)
                )
                found.update(connection.execute(query).scalars())
        return found

    def blocked_numbers(self, numbers: Iterable[str]) -> set[str]:
        with self.engine.connect() as connection:
            return dnc.blocked_among(connection, numbers)

    def blocked_since(self, numbers: Iterable[str]) -> dict[str, float]:
        with self.engine.connect() as connection:
            return dnc.blocked_since(connection, numbers)

    def dnc_version(self) -> int:
        with self.engine.connect() as connection:
            return dnc.dnc_version(connection)

    def campaigns(self) -> Sequence[StoredCampaign]:
        """All campaigns, by name."""
        query = select(campaigns.c.name, campaigns.c.body, campaigns.c.added_at).order_by(campaigns.c.name)
        with self.engine.connect() as connection:
            return [StoredCampaign(*row) for row in connection.execute(query)]

    def campaign(self, name: str) -> StoredCampaign | None:
        query = select(campaigns.c.name, campaigns.c.body, campaigns.c.added_at).where(campaigns.c.name == name)
        with self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else StoredCampaign(*row)

    def setup(self, campaign: str) -> CampaignSetup:
        with self.engine.connect() as connection:
            row = connection.execute(select(campaigns).where(campaigns.c.name == campaign)).one_or_none()
            if row is None:
                raise UnknownCampaign(campaign)
            names = connection.execute(
                select(lists.c.name)
                .join(campaign_lists, campaign_lists.c.list_id == lists.c.list_id)
                .where(campaign_lists.c.campaign_id == row.campaign_id)
                .order_by(lists.c.list_id)
            ).scalars()
            return CampaignSetup(tuple(names), row.lead_order, row.order_seed)

    def zone_groups(self, campaign: str) -> Sequence[tuple[str, int]]:
        """Every zone group that any number of the campaign's leads is in (a retry may go to a lead's next
        number), by name, with how many leads that are not final are to be dialed there next."""
        group = numbers_table.c.region + ":" + numbers_table.c.zones
        place = campaign_leads
        next_here = (numbers_table.c.position == place.c.phone_position) & (place.c.state != FINAL)
        query = (
            select(group, func.sum(case((next_here, 1), else_=0)))
            .join_from(place, campaigns, campaigns.c.campaign_id == place.c.campaign_id)
            .join(numbers_table, numbers_table.c.lead_id == place.c.lead_id)
            .where(campaigns.c.name == campaign)
            .group_by(group)
            .order_by(group)
        )
        with self.engine.connect() as connection:
            return [(str(name), int(count)) for name, count in connection.execute(query)]

    def lead_counts(self, campaign: str) -> LeadCounts:
        place = campaign_leads
        counted = select(func.count()).select_from(place)
        with self.engine.connect() as connection:
            here = place.c.campaign_id == (
                select(campaigns.c.campaign_id).where(campaigns.c.name == campaign).scalar_subquery()
            )
            is_final = place.c.state == literal_column("'final'")
            is_attempted = place.c.attempts > literal_column("0")
            total, attempted, final = (
                int(connection.execute(counted.where(here, *which)).scalar_one())
                for which in ((), (is_attempted,), (is_final,))
            )
        return LeadCounts(total, attempted, final)

    def places(self, campaign: str) -> Iterator[Place]:
        place = campaign_leads
        query = (
            select(
                place.c.lead_id, place.c.state, place.c.due_at, place.c.zone_group, place.c.order_key,
                place.c.phone_position, place.c.attempts, place.c.tries, place.c.reason,
            )
            .join(campaigns, campaigns.c.campaign_id == place.c.campaign_id)
            .where(campaigns.c.name == campaign)
            .order_by(place.c.lead_id)
        )  # fmt: skip
        with self.engine.connect() as connection:
            for row in connection.execution_options(yield_per=_STREAM).execute(query):
                state = READY if row.state == WAITING else row.state
                yield Place(row[0], state, *row[2:7], tries_from_json(row.tries), row.reason)

    def next_attempt_id(self) -> int:
        """One more than the highest id ever saved."""
        with self.engine.connect() as connection:
            return int(connection.execute(NEXT_ATTEMPT_ID).scalar_one())

    def attempts(self, campaign: str) -> Iterator[StoredAttempt]:
        """All attempts of the campaign, open ones too, as they were created."""
        query = (
            select(*STORED_COLUMNS)
            .where(attempts.c.campaign == campaign)
            .order_by(attempts.c.created_at, attempts.c.attempt_id)
        )
        with self.engine.connect() as connection:
            for row in connection.execution_options(yield_per=_STREAM).execute(query):
                yield stored_attempt_of(row)

    def records(self, campaign: str, since: float, until: float) -> Iterator[AttemptRecord]:
        """Records of closed attempts created in [since, until), as they were created."""
        query = (
            select(*RECORD_COLUMNS)
            .where(
                attempts.c.campaign == campaign, attempts.c.created_at >= since, attempts.c.created_at < until,
                attempts.c.closed_at.is_not(None),
            )
            .order_by(attempts.c.created_at, attempts.c.attempt_id)
        )  # fmt: skip
        with self.engine.connect() as connection:
            for row in connection.execution_options(yield_per=_STREAM).execute(query):
                yield record_of(row)

    def counted_attempts(self, campaign: str, since: float) -> Iterator[CountedAttempt]:
        query = (
            select(
                attempts.c.number, attempts.c.lead_id, attempts.c.campaign, attempts.c.created_at,
                func.coalesce(attempts.c.dialed_at, attempts.c.created_at),
                func.coalesce(attempts.c.outcome, Outcome.UNKNOWN.value), attempts.c.disposition,
            )
            .where(attempts.c.counted, or_(attempts.c.campaign == campaign, attempts.c.created_at >= since))
            .order_by(attempts.c.created_at, attempts.c.attempt_id)
        )  # fmt: skip
        with self.engine.connect() as connection:
            for row in connection.execution_options(yield_per=_STREAM).execute(query):
                yield CountedAttempt(*row)

    def agent_times(self, campaign: str, since: float, until: float) -> Iterator[AgentTime]:
        """What of the campaign's stretches falls into [since, until), cut off at both ends."""
        with self.engine.connect() as connection:
            yield from agents.within(connection, campaign, since, until)
