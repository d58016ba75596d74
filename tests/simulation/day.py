"""Whole days in virtual time: the real engine, the store in memory, the bundled populations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from campaigns.campaign import Campaign
from campaigns.loader import parse_campaign
from campaigns.record import AgentTime, AttemptRecord
from dialer.engine.commands import Command
from dialer.engine.engine import Engine
from dialer.engine.events import CampaignOpened, Event
from dialer.operations.open_campaign import open_campaign
from dialer.operations.place_leads import place_leads
from dialer.ports.store import Journal, NewLead, SaveCampaign, SaveLeads
from dialer.storage.memory import MemoryStore
from dialer.trunks.trunk import Trunk
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from sim_trunk.population import Population
from sim_trunk.sim_agents import SimAgents
from sim_trunk.twin import Crew, Twin, TwinResult
from tests.walls import SAVE_SIMULATED, SIMULATED

START = datetime(2026, 11, 23, 13, 30, tzinfo=UTC).timestamp()  # a Monday
EVER = START + 400 * 86_400.0
HOUR_S = 3_600.0
PLACES = (
    ("+44207946", "GB", "Europe/London"),
    ("+1212555", "US", "America/New_York"),
    ("+6129000", "AU", "Australia/Sydney"),
)
"""At 13:30 UTC it is afternoon in London, half past eight in New York, and after midnight in Sydney."""

CAMPAIGN = """
name = "day"
lists = ["people"]
rules = "fictional"
trunks = ["sim"]
caller_ids = ["+442079460000"]
ring_timeout = "{ring_timeout}"

[pacing]
mode = "{mode}"
{ratio}

[hours]
daily = "{hours}"
"""


def campaign_text(
    mode: str = "power", ratio: float = 1.5, ring_timeout: str = "25s", hours: str = "09:00-20:00"
) -> str:
    line = f"ratio = {ratio}" if mode == "power" else ""
    return CAMPAIGN.format(mode=mode, ratio=line, ring_timeout=ring_timeout, hours=hours)


def phones(count: int, places: int) -> list[PhoneNumber]:
    found = []
    for n in range(count):
        prefix, region, zone = PLACES[n % places]
        number = f"{prefix}{n // places:04d}"
        found.append(PhoneNumber(number, region, NumberKind.FIXED, (zone,), ZoneSource.NUMBER))
    return found


def open_store(text: str, leads: int, places: int = len(PLACES)) -> MemoryStore:
    """A store with a list of so many people in so many places, and one campaign."""
    of = parse_campaign(text)
    store = MemoryStore()
    found = tuple(NewLead((phone,)) for phone in phones(leads, places))
    store.write(SaveLeads("people", found, "test", "2026-11-01", START))
    store.write(SaveCampaign(of.name, text, of.lists, of.order.value, START))
    place_leads(of.name, write=store.write)
    store.write(SAVE_SIMULATED)
    return store


def make_engine() -> Engine:
    trunk = Trunk("sim", "127.0.0.1", 5060, channels=200, cps=50.0)
    return Engine([trunk], walls=SIMULATED, next_attempt_id=1, call_id_of=lambda n: f"call-{n}@test")


@dataclass(frozen=True, slots=True)
class Day:
    """What a run left behind. `until`: when it was to end, seconds UTC."""

    campaign: Campaign
    agent_ids: tuple[str, ...]
    until: float
    result: TwinResult
    store: MemoryStore
    engine: Engine
    records: list[AttemptRecord]
    agent_times: list[AgentTime]


def run_day(
    population: Population,
    text: str | None = None,
    *,
    agents: int = 8,
    hours: float = 1.0,
    leads: int = 1_800,
    places: int = len(PLACES),
    seed: int = 1,
    journal_of: Callable[[MemoryStore], Journal] = lambda store: store,
    log_event: Callable[[Event, float, list[Command]], None] | None = None,
    **options: Any,
) -> Day:
    store, engine = open_store(text or campaign_text(), leads, places), make_engine()
    opened = open_campaign(store, "day")
    agent_ids = tuple(f"agent-{n:02d}" for n in range(1, agents + 1))
    crew = Crew(
        CampaignOpened(opened.campaign, opened.rules, opened.zone_groups),
        agent_ids,
        SimAgents(population.spec, opened.campaign, seed),
    )
    until = START + hours * HOUR_S
    twin = Twin(engine, journal_of(store), population, [crew], START, log_event=log_event, **options)
    result = twin.run(until)
    return Day(
        opened.campaign,
        agent_ids,
        until,
        result,
        store,
        engine,
        list(store.records("day", 0.0, EVER)),
        list(store.agent_times("day", 0.0, EVER)),
    )
