"""A whole live run in this process: database, session, simulated agents; the network is the test's choice."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from campaigns.life import CampaignState
from campaigns.loader import parse_campaign
from campaigns.record import AttemptRecord
from dialer.api.schemas import AgentRow, CampaignRow
from dialer.app.demo_floor import at_bare_phones, at_sip_phones
from dialer.clock import SystemClock, monotonic
from dialer.engine import event_log
from dialer.engine.commands import Command
from dialer.engine.engine import Engine
from dialer.engine.events import Event
from dialer.live.clock_watch import ClockWatch
from dialer.live.service import LiveService
from dialer.operations.open_campaign import read_campaign
from dialer.operations.place_leads import place_leads
from dialer.ports.access import Actor
from dialer.ports.store import NewLead, SaveCampaign, SaveLeads
from dialer.settings import Address as ListenAddress
from dialer.settings import AgentSettings, Settings, SipSettings, TrunkSettings
from dialer.sip.identity import Identity
from dialer.storage.database import Database, open_database
from dialer.telephony.udp import Address
from dialer.trunks.trunk import Trunk
from lists.lead import PhoneNumber
from lists.phone import parse_phone
from sim_trunk.agent_phones import AgentPhones
from sim_trunk.call_log import CallLog
from sim_trunk.callee import CallPlan, Plans
from sim_trunk.population import load_population
from sim_trunk.server import SimulatedCarrier
from sim_trunk.sim_agents import SimAgents
from sim_trunk.sip_phones import SipPhones
from sim_trunk.utterances import Voices
from tests.brisk import BRISK_POPULATION
from tests.integration.floor import plan
from tests.walls import SIMULATED

HOST = "127.0.0.1"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()  # a Monday, noon in London
PASSWORD = "a password of agents' phones"
SILENT_S, GRACE_S = 1.0, 3.0
MANAGER = Actor("user:mia", "manager", "", "api")

CAMPAIGN = """
name = "live"
lists = ["people"]
rules = "fictional"
trunks = ["sim"]
caller_ids = ["+442079460999"]
ring_timeout = "4s"
wrapup_limit = "2s"
[pacing]
mode = "power"
ratio = {ratio}
[hours]
daily = "09:00-20:00"
"""


class NoonClock(SystemClock):
    """Runs as clocks do, but started at noon of a working day, so that tests may dial at any hour. `step_s`: by
    how much somebody has set it since; `passed_s`: time that passed beside that of this machine."""

    def __init__(self) -> None:
        self.step_s = self.passed_s = 0.0
        started = monotonic()
        super().__init__(
            lambda: NOON + monotonic() - started + self.passed_s + self.step_s,
            lambda: monotonic() + self.passed_s,
        )


def people(count: int) -> tuple[NewLead, ...]:
    """Invented people in London, one number each (Ofcom's numbers for drama)."""
    leads = []
    for n in range(count):
        phone = parse_phone(f"+44207946{n:04d}")
        assert isinstance(phone, PhoneNumber), phone
        leads.append(NewLead((phone,), first_name="Person", last_name=str(n)))
    return tuple(leads)


class Talkers:
    """Everybody answers, and has a minute."""

    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        return plan(talk_s=60.0, patience_s=60.0)


@dataclass
class LiveWorld:
    """`log`: the engine's event log. `ids_from`: the first attempt id of this run."""

    home: Path
    database: Database
    service: LiveService
    clock: NoonClock
    trunk: Trunk
    ids_from: int
    phones: AgentPhones
    log: list[str] = field(default_factory=list)

    @property
    def state(self) -> CampaignState:
        return self.service.campaign_state("live")

    def records(self) -> list[AttemptRecord]:
        return list(self.database.reader.records("live", 0.0, 1e12))

    def row(self) -> CampaignRow:
        """The campaign in the overview."""
        (row,) = self.service.overview().campaigns
        return row

    def agent(self, agent_id: str) -> AgentRow:
        (row,) = [row for row in self.service.overview().agents if row.agent_id == agent_id]
        return row

    def alarms(self) -> set[str]:
        return {alarm.code for alarm in self.service.overview().alarms}

    def fresh_engine(self) -> Engine:
        """An engine made as the run's was, to replay its log."""
        call_id_of = Identity(self.database.key).call_id
        return Engine([self.trunk], walls=SIMULATED, next_attempt_id=self.ids_from, call_id_of=call_id_of)

    async def recorded(self, count: int, within_s: float = 60.0) -> None:
        """Until so many attempts are on record."""
        await self.until(lambda: self.row().figures.attempts >= count, within_s)

    async def until(self, holds: Callable[[], bool], within_s: float = 60.0) -> None:
        async with asyncio.timeout(within_s):
            while not holds():
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def live_world(
    home: Path,
    trunk: Trunk,
    *,
    database_at: str | None = None,
    leads: int = 60,
    agents: int = 4,
    ratio: float = 1.5,
    before_start: Callable[[Database], None] = lambda database: None,
    media_ports: tuple[int, int] = (25_000, 26_999),
    listen: Address = (HOST, 0),
    more: str = "",
    population: Path = BRISK_POPULATION,
    wires: SipPhones | None = None,
    phones_srtp: str = "off",
    people_at: tuple[AgentSettings, ...] = (),
    text: str = CAMPAIGN,
    clock: NoonClock | None = None,
) -> AsyncIterator[LiveWorld]:
    """A campaign that is dialed over `trunk` from entering until the test lets go. `database_at`: its address,
    or None: in the home. `text`: of the campaign `live`; `more`: to be added to it. `wires`: the agents' phones,
    where they have any, with their audio protected as `phones_srtp` says. `people_at`: further agents, whom nobody
    plays."""
    clock = clock or NoonClock()
    ids = {f"a{n}": PASSWORD for n in range(agents)}
    phone = partial(AgentSettings, srtp=phones_srtp, srtp_without_tls=phones_srtp != "off")
    settings = Settings(
        sip_listen=ListenAddress(*listen),
        media_ports=media_ports,
        trunks=(
            TrunkSettings(
                trunk.name,
                trunk.host,
                trunk.port,
                trunk.username,
                channels=trunk.channels,
                cps=trunk.cps,
                simulated=True,
                register=trunk.register,
                srtp=trunk.srtp,
            ),
        ),
        walls=SIMULATED,
        agents=tuple(phone(one, one, password=PASSWORD if wires else "") for one in ids) + people_at,
        sip=SipSettings(phones_md5_only=True),
        phone_silent_s=SILENT_S,
        phone_grace_s=GRACE_S,
    )
    with open_database(database_at or home / "dialer.db") as database:
        write, now = database.writer.write, clock.now()
        write(SaveLeads("people", people(leads), "test", "", now))
        body = text.replace("{ratio}", str(ratio)) + more
        write(SaveCampaign("live", body, parse_campaign(body).lists, "oldest", now))
        place_leads("live", write=write)
        database.writer.deliver_through(asyncio.get_running_loop().call_soon_threadsafe)
        log: list[str] = []

        def log_event(event: Event, now: float, commands: list[Command]) -> None:
            log.append(event_log.to_line(event, now, commands))

        ids_from = database.reader.next_attempt_id()
        service = LiveService(
            home,
            settings,
            database,
            clock,
            clock_watch=ClockWatch(clock, database.reader.last_attempt_at()),
            load=lambda: settings,
            seed=1,
            log_event=log_event,
        )
        try:
            await service.start()
            campaign = read_campaign(database.reader, "live")
            habits = SimAgents(load_population(population, 1).spec, campaign, 1)
            before_start(database)
            with (
                at_bare_phones(service, "live", ids, habits, clock)
                if wires is None
                else at_sip_phones(service, "live", ids, habits, clock, wires)
            ) as phones:
                await service.start_campaign("live", MANAGER)
                phones.start()
                yield LiveWorld(home, database, service, clock, trunk, ids_from, phones, log)
        finally:
            await service.close()
            database.writer.deliver_through(None)


@contextlib.asynccontextmanager
async def simulated_network(
    plans: Plans, log: CallLog, clock: NoonClock | None = None, voices: Voices | None = None
) -> AsyncIterator[Trunk]:
    """A simulated carrier in this process, as a trunk."""
    network = SimulatedCarrier(
        HOST, 0, plans, log, key=bytes(32), rng=random.Random(2), clock=clock or NoonClock(), voices=voices
    )
    try:
        yield Trunk("sim", HOST, network.address[1], channels=60, cps=40.0)
    finally:
        network.close()
