"""The overview: everything of the floor at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from campaigns.life import CampaignState
from dialer.api.schemas import Alarm, CampaignRow, Overview, ServiceInfo, TrunkRow
from dialer.engine.state import EngineState
from dialer.live.alarms import Alarms, Condition
from dialer.live.conditions import (
    of_campaign,
    of_clock,
    of_desks,
    of_media,
    of_phones,
    of_rules,
    of_trunks,
)
from dialer.live.figures import DayFigures
from dialer.live.no_call import why_no_call
from dialer.live.rows import CampaignRows, agent_rows, call_rows, trunk_rows
from dialer.live.standing import Standing
from dialer.live.trunk_conditions import of_caller_ids, of_health, of_hold_ups
from dialer.live.watch import FloorWatch
from dialer.ports.store import ZoneLeads
from dialer.settings import Settings
from lists.client import client_of

SHOWN_FOR_S = 0.5
"""An overview is shown again for this long before it is made anew."""


class Floor(Protocol):
    """What there is to look at (`dialer.live.service.LiveService`)."""

    @property
    def engine(self) -> EngineState: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def watch(self) -> FloorWatch | None: ...
    @property
    def lines(self) -> Mapping[str, str]: ...
    def of_trunks(self) -> Iterable[Condition]: ...
    def third_of(self, attempt_id: int) -> tuple[str, str]: ...
    def info(self, now: float) -> ServiceInfo: ...


class Overviews:
    """Made at most twice a second, however many look; what one client may see is taken from the whole."""

    def __init__(
        self,
        floor: Floor,
        standings: Mapping[str, Standing],
        figures: DayFigures,
        alarms: Alarms,
        waiting: Callable[[str, float], Sequence[ZoneLeads] | None] = lambda campaign, now: None,
    ) -> None:
        self._floor = floor
        self._standings = standings
        self._figures = figures
        self._rows = CampaignRows(figures)
        self._alarms = alarms
        self._waiting = waiting
        self._made_at = float("-inf")
        self._made: dict[str, Overview] = {}

    def look(self, client: str, now: float) -> Overview:
        """The floor, of one client alone or ("") of all. `now`: seconds UTC."""
        if now - self._made_at >= SHOWN_FOR_S or not self._made:
            self._made = {"": self._whole(now)}
            self._made_at = now
        found = self._made.get(client)
        if found is None:
            found = self._made[client] = of_client(self._made[""], client, self._trunks_of(client))
        return found

    def forget(self) -> None:
        """Something was changed: the next look shows it."""
        self._made.clear()

    def _whole(self, now: float) -> Overview:
        self._figures.roll(now)
        floor = self._floor
        state, settings, watch = floor.engine, floor.settings, floor.watch
        standings = sorted(self._standings.values(), key=lambda standing: standing.name)
        campaigns = [self._row(standing, state, now) for standing in standings]
        trunks = trunk_rows(state, standings, now)
        return Overview(
            service=floor.info(now),
            campaigns=campaigns,
            agents=agent_rows(state, settings, {} if watch is None else watch.contacts, floor.lines, now),
            calls=call_rows(state.calls.values(), now, floor.third_of),
            trunks=trunks,
            alarms=self._alarms_of(campaigns, trunks, now),
        )

    def _row(self, standing: Standing, state: EngineState, now: float) -> CampaignRow:
        row = self._rows.row(standing, state, now)
        needs_agents = standing.campaign is None or standing.campaign.needs_agents
        idle = row.state is CampaignState.RUNNING and not (row.dialing or row.talking or row.leads.at_hand)
        no_call = why_no_call(
            row,
            state,
            now,
            needs_agents=needs_agents,
            leads=self._waiting(row.name, now) if idle else None,
            timezone=self._figures.timezone,
        )
        return row.model_copy(update={"no_call": no_call}) if no_call else row

    def _alarms_of(self, campaigns: list[CampaignRow], trunks: list[TrunkRow], now: float) -> list[Alarm]:
        found: list[Condition] = []
        for row in campaigns:
            standing = self._standings[row.name]
            needs_agents = standing.campaign is None or standing.campaign.needs_agents
            found += of_campaign(row, failed=standing.failed, needs_agents=needs_agents)
            if standing.rules is not None and row.state is not CampaignState.DONE:
                found += of_rules(row.name, standing.rules, now)
        found += of_desks(self._floor.engine.pool, now)
        found += of_phones(self._floor.engine.pool, self._floor.lines, now)
        watch = self._floor.watch
        state = self._floor.engine
        found += of_clock(state.clock_doubt)
        in_use = sum(limits.in_use for limits in state.trunks.values())
        found += of_media(state.media_room, in_use, lost=state.media_lost)
        found += of_trunks(trunks, {} if watch is None else watch.trunk_faults)
        found += of_health(self._floor.engine, now)
        found += self._floor.of_trunks()
        found += of_hold_ups(self._floor.engine)
        found += of_caller_ids(self._figures.caller_ids)
        return self._alarms.look(found, now)

    def _trunks_of(self, client: str) -> frozenset[str]:
        mine = (s.campaign for s in self._standings.values() if s.client == client)
        return frozenset(name for campaign in mine if campaign is not None for name in campaign.trunks)


def of_client(whole: Overview, client: str, trunks: frozenset[str]) -> Overview:
    """What one client may see: its campaigns, who works and what rings for them, their trunks, their alarms."""
    return Overview(
        service=whole.service,
        campaigns=[row for row in whole.campaigns if row.client == client],
        agents=[row for row in whole.agents if row.campaign and client_of(row.campaign) == client],
        calls=[row for row in whole.calls if client_of(row.campaign) == client],
        trunks=[_of_client(row, client) for row in whole.trunks if row.name in trunks],
        alarms=[alarm for alarm in whole.alarms if alarm.campaign and client_of(alarm.campaign) == client],
    )


def _of_client(row: TrunkRow, client: str) -> TrunkRow:
    return row.model_copy(update={"campaigns": [name for name in row.campaigns if client_of(name) == client]})
