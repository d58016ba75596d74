"""Reads, each on a connection of its own that cannot write. Iterators stream and hold theirs until they are
exhausted or closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Engine, bindparam, case, func, literal_column, or_, select

from campaigns.outcome import Outcome
from campaigns.record import AgentTime, AttemptRecord
from dialer.ports.store import LeadCounts, ListSummary, Place, StoredAttempt, StoredCampaign
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
from dialer.storage.source import CampaignSetup, CountedAttempt
from dialer.storage.tables import (
    attempts,
    campaign_leads,
    campaign_lists,
    campaign_versions,
    campaigns,
    leads,
    lists,
)
from dialer.storage.tables import numbers as numbers_table
from lists.lead import Lead

_STREAM = 1_000

LEADS_BY_NUMBER = (
    select(*LEAD_COLUMNS)
    .join_from(leads, lists, lists.c.list_id == leads.c.list_id)
    .where(leads.c.lead_id.in_(select(numbers_table.c.lead_id).where(numbers_table.c.e164 == bindparam("number"))))
    .order_by(leads.c.lead_id)
)
# The condition beside the list of ids is the partial index's own: the planner takes it only when it sees it.
KNOWN_EXTERNAL_IDS = (
    select(leads.c.external_id)
    .join_from(leads, lists, lists.c.list_id == leads.c.list_id)
    .where(
        lists.c.name == bindparam("list_name"),
        leads.c.external_id.in_(bindparam("external_ids", expanding=True)),
        leads.c.external_id != literal_column("''"),
    )
)
ATTEMPTS_ON = select(*STORED_COLUMNS).where(attempts.c.number.in_(bindparam("numbers", expanding=True)))
PLACES = select(
    campaign_leads.c.lead_id, campaign_leads.c.state, campaign_leads.c.due_at, campaign_leads.c.zone_group,
    campaign_leads.c.order_key, campaign_leads.c.phone_position, campaign_leads.c.attempts,
    campaign_leads.c.tries, campaign_leads.c.reason,
).join(campaigns, campaigns.c.campaign_id == campaign_leads.c.campaign_id)  # fmt: skip


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

    def leads_by_number(self, number: str) -> Sequence[Lead]:
        with self.engine.connect() as connection:
            rows = connection.execute(LEADS_BY_NUMBER, {"number": number}).all()
            phones = phones_of_leads(connection, [row[0] for row in rows])
            return [lead_of(row, phones[row[0]]) for row in rows]

    def known_external_ids(self, list_name: str, external_ids: Iterable[str]) -> set[str]:
        found: set[str] = set()
        with self.engine.connect() as connection:
            for portion in portions(filter(None, external_ids)):
                ids = {"list_name": list_name, "external_ids": portion}
                found.update(connection.execute(KNOWN_EXTERNAL_IDS, ids).scalars())
        return found

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

    def campaign_versions(self, name: str) -> Sequence[StoredCampaign]:
        version = campaign_versions
        query = (
            select(campaigns.c.name, version.c.body, version.c.added_at)
            .join_from(version, campaigns, campaigns.c.campaign_id == version.c.campaign_id)
            .where(campaigns.c.name == name)
            .order_by(version.c.added_at, version.c.hash)
        )
        with self.engine.connect() as connection:
            return [StoredCampaign(*row) for row in connection.execute(query)]

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
        query = PLACES.where(campaigns.c.name == campaign).order_by(campaign_leads.c.lead_id)
        with self.engine.connect() as connection:
            for row in connection.execution_options(yield_per=_STREAM).execute(query):
                yield _place_of(row)

    def place(self, campaign: str, lead_id: int) -> Place | None:
        query = PLACES.where(campaigns.c.name == campaign, campaign_leads.c.lead_id == lead_id)
        with self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _place_of(row)

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

    def attempts_on(self, numbers: Iterable[str]) -> Sequence[StoredAttempt]:
        found: list[StoredAttempt] = []
        with self.engine.connect() as connection:
            for portion in portions(numbers):
                found += map(stored_attempt_of, connection.execute(ATTEMPTS_ON, {"numbers": portion}))
        return sorted(found, key=lambda one: (one.created_at, one.attempt_id))

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


def _place_of(row: Sequence[Any]) -> Place:
    """The place in a row of `PLACES`. That `ready` is two states is the store's own business."""
    lead_id, state, due_at, zone_group, order_key, phone_position, attempts, tries, reason = row
    state = READY if state == WAITING else state
    return Place(
        lead_id, state, due_at, zone_group, order_key, phone_position, attempts, tries_from_json(tries), reason
    )
