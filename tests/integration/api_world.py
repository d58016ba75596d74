"""The control API at real sockets over a service that is all there but for its telephony."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from campaigns.life import CampaignState, Step, after
from campaigns.prompt import Prompt
from dialer.agents.agent import AgentState
from dialer.api.access import Bearer, NewToken
from dialer.api.client import AsyncControlClient
from dialer.api.edits import CampaignMoved
from dialer.api.endpoint import Endpoint
from dialer.api.holdings import Reloaded
from dialer.api.requests import make_token
from dialer.api.roles import Permission, Role
from dialer.api.schemas import AgentRow, CallRow, CampaignRow, Figures, LeadFigures, Overview, ServiceInfo
from dialer.api.trunks import TrunkDetail, TrunkTested
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import AgentLoggedIn, AgentLoggedOut, Event
from dialer.errors import InputError, UnknownName
from dialer.ports.access import Actor, Change
from dialer.ports.store import (
    Answer,
    Audited,
    LeadsStored,
    NewLead,
    SaveCampaign,
    SaveChange,
    SaveLeads,
    SetCampaignState,
    Write,
)
from dialer.settings import AgentSettings, ApiSettings, ClientSettings, Settings
from dialer.storage.errors import StorageError
from dialer.storage.memory import MemoryStore
from dialer.telephony.errors import GuestRefused, LegExists
from dialer.telephony.guests import Supervision
from dialer.telephony.parties import Mode
from dialer.web.credentials import Passwords
from dialer.web.server import Serving, serve_api
from lists.client import client_of
from lists.lead import NumberKind, PhoneNumber, ZoneSource

NOW = 1_800_000_000.0

CHEAP = Passwords(time_cost=1, memory_kib=8)
"""Passwords whose cost does not matter here."""

SETTINGS = Settings(
    agents=(AgentSettings("ana", "Ana"), AgentSettings("ben", "Ben"), AgentSettings("cy", "Cy")),
    clients=(ClientSettings("acme", "Acme", ("+12025550100",)), ClientSettings("zeta", "Zeta")),
)


class SetClock:
    """A clock that goes only when it is told to."""

    def __init__(self, at: float = NOW) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


def campaign_text(name: str, client: str = "", lists: Sequence[str] = ("people",)) -> str:
    quoted = ", ".join(f'"{one}"' for one in lists)
    of = f'client = "{client}"\n' if client else ""
    caller_id = "+12025550100" if client == "acme" else "+12025550199"
    return (
        f'name = "{name}"\n{of}lists = [{quoted}]\nrules = "fictional"\ntrunks = ["sim"]\n'
        f'caller_ids = ["{caller_id}"]\n[pacing]\nmode = "progressive"\n[hours]\ndaily = "10:00-18:00"\n'
    )


def lead(number: str, first_name: str = "Ada") -> NewLead:
    phone = PhoneNumber(number, "US", NumberKind.FIXED_OR_MOBILE, ("America/New_York",), ZoneSource.NUMBER)
    return NewLead((phone,), first_name, "Lovelace")


class FakeJournal:
    """Counts nothing by itself; `observer` is who listens."""

    queued = 3

    def __init__(self) -> None:
        self.observer: Callable[[float], None] | None = None

    def observed_by(self, observer: Callable[[float], None] | None) -> None:
        self.observer = observer


@dataclass
class FakeConversations:
    """Implements `dialer.web.service.Conversations`. `agents`: who has which attempt. `done`: what was asked."""

    agents: dict[int, str] = field(default_factory=dict)
    done: list[tuple[object, ...]] = field(default_factory=list)
    refuses: str = ""

    def supervisions(self) -> list[Supervision]:
        return [Supervision("ana", "boss", Mode.LISTEN, is_up=True)]

    def supervise(self, agent_id: str, phone_id: str, mode: Mode) -> None:
        self._do("supervise", agent_id, phone_id, mode.value)

    def leave(self, agent_id: str, phone_id: str) -> None:
        self._do("leave", agent_id, phone_id)

    def agent_in(self, attempt_id: int) -> str | None:
        return self.agents.get(attempt_id)

    def consult(self, attempt_id: int, phone_id: str) -> None:
        self._do("consult", attempt_id, phone_id)

    async def consult_outside(self, attempt_id: int, number: str, by: Actor) -> None:
        self._do("consult_outside", attempt_id, number, by.name)

    def join(self, attempt_id: int) -> None:
        self._do("join", attempt_id)

    def complete(self, attempt_id: int) -> None:
        self._do("complete", attempt_id)

    def drop(self, attempt_id: int) -> None:
        self._do("drop", attempt_id)

    def _do(self, *what: object) -> None:
        if self.refuses:
            raise GuestRefused(self.refuses)
        self.done.append(what)


@dataclass
class FakeService:
    """Implements `dialer.web.service.Service` over the store in memory. `calls`: attempt id → campaign.
    `fail_with`: what writes come to; `away`: and reads too."""

    clock: SetClock = field(default_factory=SetClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    settings: Settings = SETTINGS
    state: str = "running"
    calls: dict[int, str] = field(default_factory=dict)
    recordings: dict[int, str] = field(default_factory=dict)
    on_duty: dict[str, str] = field(default_factory=dict)
    lines: dict[str, tuple[str, int]] = field(default_factory=dict)
    posted: list[Event] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    told: list[LeadsStored] = field(default_factory=list)
    listeners: list[Callable[[NotifyAgent], None]] = field(default_factory=list)
    conversations: FakeConversations = field(default_factory=FakeConversations)
    phones: set[str] = field(default_factory=set)
    called: list[str] = field(default_factory=list)
    present_as: dict[str, NotifyAgent] = field(default_factory=dict)
    overviews: int = 0
    stopped: bool = False
    released: list[tuple[str, str]] = field(default_factory=list)
    fail_with: Exception | None = None
    away: Exception | None = None
    journal: FakeJournal = field(default_factory=FakeJournal)
    counters: dict[str, int] = field(default_factory=dict)

    @property
    def reader(self) -> MemoryStore:
        if self.away is not None:
            raise self.away
        return self.store

    async def write(self, write: Write) -> Answer:
        if (cause := self.fail_with or self.away) is not None:
            raise cause
        self.writes.append(write)
        return self.store.write(write)

    async def note(self, change: Change) -> str:
        try:
            await self.write(SaveChange(change))
        except StorageError as error:
            return str(error)
        return ""

    def knows(self, campaign: str) -> bool:
        return self.store.campaign(campaign) is not None

    async def start_campaign(self, name: str, by: Actor) -> CampaignMoved:
        return await self._move(name, Step.START, by)

    async def pause_campaign(self, name: str, by: Actor) -> CampaignMoved:
        return await self._move(name, Step.PAUSE, by)

    async def stop_campaign(self, name: str, by: Actor) -> CampaignMoved:
        return await self._move(name, Step.STOP, by)

    async def _move(self, name: str, step: Step, by: Actor) -> CampaignMoved:
        stored = self.store.campaign(name)
        assert stored is not None
        state = after(name, stored.state, step)
        change = by.change(self.clock.now(), f"campaign.{step.value}", name, client_of(name))
        await self.write(Audited(SetCampaignState(name, state, self.clock.now(), "", stored.state), change))
        return CampaignMoved(campaign=name, state=state, state_reason="")

    def try_prompt(self, client: str, prompt: Prompt) -> str:
        return ""

    async def campaign_saved(self, name: str) -> CampaignState:
        stored = self.reader.campaign(name)
        assert stored is not None
        if stored.state is CampaignState.DRAFT and self.reader.zone_group_names(name):
            await self.write(SetCampaignState(name, CampaignState.READY, self.clock.now()))
            return CampaignState.READY
        return stored.state

    def leads_stored(self, answer: LeadsStored) -> None:
        self.told.append(answer)

    def overview(self, client: str | None = None) -> Overview:
        self.overviews += 1
        now = self.clock.now()

        def of_client(campaign: str) -> bool:
            return client in (None, "", client_of(campaign))

        return Overview(
            service=ServiceInfo(version="0", home="", pid=1, started_at=now, now=now, state="running"),
            campaigns=[
                CampaignRow(
                    name=stored.name,
                    client=client_of(stored.name),
                    title="",
                    mode="power",
                    state=stored.state,
                    state_reason="",
                    state_since=now,
                    figures=Figures(since=0.0, attempts=3, outcomes={"busy": 2, "answered": 1}),
                    leads=LeadFigures(),
                )
                for stored in self.store.campaigns()
                if of_client(stored.name)
            ],
            agents=[
                AgentRow(agent_id=agent, name=agent, campaign=campaign, state="ready", for_s=1.0)
                for agent, campaign in self.on_duty.items()
                if of_client(campaign)
            ],
            calls=[
                CallRow(
                    attempt_id=one, campaign=campaign, trunk="sim", number="+1202...", contact="", state="talking",
                    for_s=1.0,
                )
                for one, campaign in self.calls.items()
                if of_client(campaign)
            ],
        )  # fmt: skip

    def post(self, event: Event) -> None:
        self.posted.append(event)
        if isinstance(event, AgentLoggedIn):
            self.on_duty[event.agent_id] = event.campaign
            self.tell(NotifyAgent(event.agent_id, AgentState.PAUSED.value, event.campaign))
        elif isinstance(event, AgentLoggedOut):
            campaign = self.on_duty.pop(event.agent_id)
            self.tell(NotifyAgent(event.agent_id, AgentState.LOGGED_OUT.value, campaign))

    def tell(self, change: NotifyAgent) -> None:
        for listener in tuple(self.listeners):
            listener(change)

    def open_line(self, agent_id: str, phone: tuple[str, int]) -> tuple[str, int]:
        if agent_id in self.lines:
            raise LegExists(f"line of agent {agent_id}")
        self.lines[agent_id] = phone
        return "127.0.0.1", 20_000

    def has_phone(self, agent_id: str) -> bool:
        return agent_id in self.phones

    def call_phone(self, agent_id: str) -> None:
        self.called.append(agent_id)

    def close_line(self, agent_id: str) -> None:
        self.lines.pop(agent_id, None)

    def listen(self, listener: Callable[[NotifyAgent], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def hang_up(self, attempt_id: int) -> bool:
        return self.calls.pop(attempt_id, None) is not None

    def present(self, agent_id: str) -> NotifyAgent | None:
        return self.present_as.get(agent_id)

    def campaign_of(self, agent_id: str) -> str | None:
        return self.on_duty.get(agent_id)

    def client_of_call(self, attempt_id: int) -> str | None:
        campaign = self.calls.get(attempt_id)
        return None if campaign is None else client_of(campaign)

    def recording_of(self, attempt_id: int) -> str:
        return self.recordings.get(attempt_id, "")

    async def reload(self, by: Actor) -> Reloaded:
        if self.fail_with is not None:
            raise self.fail_with
        return Reloaded(changed=["trunk"], needs_restart=[])

    def trunk_rows(self) -> list[TrunkDetail]:
        return [TrunkDetail(name="main", address="192.0.2.1:5060", state="open", channels=30, in_use=0, cps=5.0)]

    async def release_trunk(self, name: str, by: Actor) -> None:
        if name != "main":
            raise UnknownName("trunk", name, ["main"], "describe it under [[trunk]]")
        self.released.append((name, by.name))

    async def test_trunk(self, name: str, by: Actor, number: str | None, caller_id: str) -> TrunkTested:
        if number == "+12025550199":
            raise InputError(f"{number} is not called: destination (US is not among the destinations)")
        return TrunkTested(trunk=name, ok=True, verdict=f"called {number} showing {caller_id or 'ours'}")

    def stop_soon(self) -> None:
        self.stopped = True

    def add_campaign(self, name: str, number: str = "+12025550123") -> None:
        """A campaign on a list of its own with one lead, ready to start."""
        client, _, own = name.rpartition("/")
        list_name = f"{client}/people-{own}" if client else f"people-{own}"
        self.store.write(SaveLeads(list_name, (lead(number),), "", "", self.clock.now()))
        body = campaign_text(own, client, [list_name])
        self.store.write(SaveCampaign(name, body, (list_name,), "oldest", self.clock.now()))
        self.store.write(SetCampaignState(name, CampaignState.READY, self.clock.now()))


@dataclass
class World:
    service: FakeService
    serving: Serving
    home: Path

    def client(self, token: str = "") -> AsyncControlClient:
        """One on the home's socket; `token` narrows it."""
        return AsyncControlClient(Endpoint.of_home(self.home, token=token))

    def http(self, token: str = "") -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx.AsyncHTTPTransport(uds=str(self.home / "control.sock"), verify=False)
        return httpx.AsyncClient(transport=transport, base_url="http://dialer", headers=headers, timeout=10.0)

    async def token(
        self,
        role: Role,
        client: str = "",
        scopes: Sequence[Permission] = (),
        name: str = "tool",
        expires_in_s: float | None = None,
    ) -> Bearer:
        """A token that the home's owner makes."""
        new = NewToken(name=name, role=role, client=client, scopes=list(scopes), expires_in_s=expires_in_s)
        async with self.client() as owner:
            return await owner.call(make_token(new))


@asynccontextmanager
async def api_world(
    home: Path, service: FakeService | None = None, api: ApiSettings | None = None
) -> AsyncIterator[World]:
    fake = service or FakeService()
    settings = Settings(agents=SETTINGS.agents, clients=SETTINGS.clients, api=api or ApiSettings())
    async with serve_api(fake, home, settings, passwords=CHEAP) as serving:
        yield World(fake, serving, home)
