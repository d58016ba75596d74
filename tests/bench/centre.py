"""A service whose campaigns are dialed to SIPp, with agents at desks: for benchmarks of the whole program."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from campaigns.life import CampaignState
from campaigns.loader import parse_campaign
from campaigns.record import AttemptRecord
from dialer.agents.agent import AgentState
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import AgentHungUp, AgentLoggedIn, AgentReady, Dispositioned
from dialer.live.service import LiveService
from dialer.operations.place_leads import place_leads
from dialer.ports.access import Actor
from dialer.ports.store import SaveCampaign, SaveLeads
from dialer.settings import Settings, TrunkSettings
from dialer.storage.database import Database, open_database
from dialer.telephony.udp import Address
from tests.bench.lists import CAMPAIGN, NoonClock, londoners
from tests.walls import simulated

HOST = "127.0.0.1"
BENCH = Actor("bench", "admin", "", "command")
AT_ONCE = 50
"""Lines opened before the media process is given time to make legs."""
PROGRESSIVE = 'mode = "progressive"'


@dataclass(frozen=True, slots=True)
class Dialed:
    """A campaign over `trunk`, with `leads` people of its own. `pacing`: the lines of its table."""

    name: str
    trunk: str
    leads: int
    pacing: str = PROGRESSIVE

    @property
    def text(self) -> str:
        return (
            CAMPAIGN.replace('"bench"', f'"{self.name}"')
            .replace('"people"', f'"{self.name}"')
            .replace('"sim"', f'"{self.trunk}"')
            .replace(PROGRESSIVE, self.pacing)
        )


@dataclass(frozen=True, slots=True)
class Centre:
    """At work, its campaigns not started yet."""

    service: LiveService
    database: Database
    clock: NoonClock

    async def start(self, campaign: str) -> None:
        await self.service.start_campaign(campaign, BENCH)

    async def done(self, campaign: str) -> None:
        """Until nothing of it is left to be dialed."""
        while self.service.campaign_state(campaign) is not CampaignState.DONE:
            await asyncio.sleep(0.05)

    def records(self, campaign: str) -> list[AttemptRecord]:
        return list(self.database.reader.records(campaign, 0.0, 1e12))


@asynccontextmanager
async def centre(
    folder: Path, trunks: Mapping[str, Address], campaigns: Sequence[Dialed], *, lines: int, cps: float = 5_000.0
) -> AsyncIterator[Centre]:
    """`lines`, `cps`: of each trunk; of media ports there are as many for agents."""
    clock = NoonClock()
    with open_database(folder / "dialer.db") as database:
        write, first = database.writer.write, 0
        people = londoners(sum(campaign.leads for campaign in campaigns))
        for campaign in campaigns:
            mine = people[first : first + campaign.leads]
            first += campaign.leads
            write(SaveLeads(campaign.name, mine, "invented", "", clock.now()))
            lists = parse_campaign(campaign.text).lists
            write(SaveCampaign(campaign.name, campaign.text, lists, "oldest", clock.now()))
            place_leads(campaign.name, write=write)
        database.writer.deliver_through(asyncio.get_running_loop().call_soon_threadsafe)
        settings = Settings(
            media_ports=(20_000, 20_000 + 4 * max(100, lines * len(trunks)) + 1_000),
            trunks=tuple(
                TrunkSettings(name, *address, channels=lines, cps=cps, simulated=True)
                for name, address in trunks.items()
            ),
            walls=simulated(*trunks),
        )
        service = LiveService(folder, settings, database, clock, load=lambda: settings, seed=1)
        try:
            await service.start()
            yield Centre(service, database, clock)
        finally:
            await service.close()
            database.writer.deliver_through(None)


class Desks:
    """Agents who hang up as soon as they are joined, and say at once what it came to; or who talk on (`talks`).
    `heard_at`: where each one's phone is; without one nobody listens there."""

    def __init__(
        self,
        service: LiveService,
        campaign: str,
        count: int,
        *,
        talks: bool = False,
        heard_at: Iterable[Address] = (),
    ) -> None:
        self._service = service
        self._campaign = campaign
        self._talks = talks
        self._heard_at = list(heard_at) or [(HOST, port) for port in range(1, count + 1)]
        self._ids = [f"{campaign}-{n}" for n in range(count)]
        self.contacts: dict[str, int] = {}
        self.lines: dict[str, Address] = {}
        service.listen(self._changed)

    async def log_in(self) -> None:
        """Not all at once, for the media process keeps a stock of legs."""
        for number, (phone, agent_id) in enumerate(zip(self._heard_at, self._ids, strict=True), 1):
            if number % AT_ONCE == 0:
                await asyncio.sleep(0.1)
            self.lines[agent_id] = self._service.open_line(agent_id, phone)
            self._service.post(AgentLoggedIn(agent_id, self._campaign))
            self._service.post(AgentReady(agent_id))

    def _changed(self, change: NotifyAgent) -> None:
        if change.campaign != self._campaign or change.agent_id not in self.lines:
            return
        if change.state == AgentState.TALKING and change.attempt_id is not None:
            self.contacts[change.agent_id] = change.attempt_id
            if not self._talks:
                self._service.post(AgentHungUp(change.agent_id))
        elif change.state == AgentState.WRAP_UP and not self._talks:
            self._service.post(Dispositioned(change.agent_id, self.contacts[change.agent_id], "sale", None))
