"""Reads of campaigns and of their leads' places."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, bindparam, func, literal_column, select

from campaigns.life import CampaignState
from dialer.ports.store import LeadCounts, Place, StoredCallback, StoredCampaign
from dialer.storage.callbacks import stored_callbacks
from dialer.storage.errors import UnknownCampaign
from dialer.storage.places import FINAL
from dialer.storage.requeue import CLOSED_LEADS
from dialer.storage.rows import PLACE_COLUMNS, place_of, streamed
from dialer.storage.source import CampaignSetup
from dialer.storage.tables import (
    campaign_leads,
    campaign_lists,
    campaign_versions,
    campaign_zone_groups,
    campaigns,
    lists,
)

PLACES = select(*PLACE_COLUMNS).join(campaigns, campaigns.c.campaign_id == campaign_leads.c.campaign_id)
ZONE_GROUP_NAMES = (
    select(campaign_zone_groups.c.zone_group)
    .join(campaigns, campaigns.c.campaign_id == campaign_zone_groups.c.campaign_id)
    .where(campaigns.c.name == bindparam("campaign"))
)
_CAMPAIGN = (
    campaigns.c.name, campaigns.c.body, campaigns.c.added_at, campaigns.c.state, campaigns.c.state_reason,
    campaigns.c.state_at,
)  # fmt: skip


class CampaignReads:
    """Part of `SqlReader`. An unknown campaign reads as an empty one."""

    engine: Engine

    def campaigns(self) -> Sequence[StoredCampaign]:
        """All campaigns, by name."""
        with self.engine.connect() as connection:
            found = map(_campaign_of, connection.execute(select(*_CAMPAIGN)))
            return sorted(found, key=lambda one: one.name)

    def campaign(self, name: str) -> StoredCampaign | None:
        with self.engine.connect() as connection:
            row = connection.execute(select(*_CAMPAIGN).where(campaigns.c.name == name)).one_or_none()
        return None if row is None else _campaign_of(row)

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
                .where(campaign_lists.c.campaign_id == row.campaign_id, ~campaign_lists.c.removed)
                .order_by(lists.c.list_id)
            ).scalars()
            return CampaignSetup(tuple(names), row.lead_order, row.order_seed, row.grouping)

    def closed_leads(self, campaign: str, reasons: Collection[str]) -> Iterator[int]:
        asked = {"campaign": campaign, "reasons": list(reasons)}
        with self.engine.connect() as connection, streamed(connection, CLOSED_LEADS, asked) as rows:
            for row in rows:
                yield row[0]

    def callbacks(self, campaign: str, *, ended: bool = True) -> Sequence[StoredCallback]:
        with self.engine.connect() as connection:
            return stored_callbacks(connection, campaign, ended=ended)

    def zone_groups(self, campaign: str) -> Sequence[tuple[str, int]]:
        """Every zone group that any number of the campaign's leads is in (a retry may go to a lead's next
        number), by name, with how many leads that are not final are to be dialed there next."""
        place = campaign_leads
        query = (
            select(place.c.zone_group, func.count())
            .join_from(place, campaigns, campaigns.c.campaign_id == place.c.campaign_id)
            .where(campaigns.c.name == campaign, place.c.state != FINAL)
            .group_by(place.c.zone_group)
        )
        with self.engine.connect() as connection:
            groups = dict.fromkeys(connection.execute(ZONE_GROUP_NAMES, {"campaign": campaign}).scalars(), 0)
            groups.update((name, int(count)) for name, count in connection.execute(query))
        return sorted(groups.items())

    def zone_group_names(self, campaign: str) -> Sequence[str]:
        with self.engine.connect() as connection:
            return sorted(connection.execute(ZONE_GROUP_NAMES, {"campaign": campaign}).scalars())

    def lead_counts(self, campaign: str) -> LeadCounts:
        """The total is kept beside the campaign; the others are counted in indexes that hold nothing else."""
        place = campaign_leads
        counted = select(func.count()).select_from(place)
        is_final = place.c.state == literal_column("'final'")
        is_attempted = place.c.attempts > literal_column("0")
        with self.engine.connect() as connection:
            row = connection.execute(
                select(campaigns.c.campaign_id, campaigns.c.leads).where(campaigns.c.name == campaign)
            ).one_or_none()
            if row is None:
                return LeadCounts(0, 0, 0)
            here = place.c.campaign_id == row.campaign_id
            attempted, final = (
                int(connection.execute(counted.where(here, which)).scalar_one())
                for which in (is_attempted, is_final)
            )
        return LeadCounts(row.leads, attempted, final)

    def places(self, campaign: str) -> Iterator[Place]:
        query = PLACES.where(campaigns.c.name == campaign).order_by(campaign_leads.c.lead_id)
        with self.engine.connect() as connection, streamed(connection, query) as rows:
            for row in rows:
                yield place_of(row)

    def place(self, campaign: str, lead_id: int) -> Place | None:
        query = PLACES.where(campaigns.c.name == campaign, campaign_leads.c.lead_id == lead_id)
        with self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else place_of(row)


def _campaign_of(row: Sequence[Any]) -> StoredCampaign:
    """The campaign in a row of `_CAMPAIGN`."""
    name, body, added_at, state, reason, state_at = row
    return StoredCampaign(name, body, added_at, CampaignState(state), reason, state_at)
