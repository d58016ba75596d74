"""Simulated agents as a process of their own: at desks of their own, over the control API, with real audio.

They are what `sim_trunk` makes of people at phones; here they log in, hear of their contacts and answer by the
same requests as a desk does. When the service goes they wait for it, and log in again when it is back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes
from typing import TypeVar

import structlog

from dialer.agents.agent import AgentState
from dialer.api import requests as ask
from dialer.api.client import AsyncControlClient
from dialer.api.desks import AgentChange, AgentDisposition, AgentLogin, CallbackAsked
from dialer.api.endpoint import Endpoint
from dialer.api.errors import Conflict, ServiceLost, Unavailable
from dialer.app.free_agents import FreeAgents, check_count, choose_free
from dialer.app.installation import read_home
from dialer.clock import SystemClock
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import (
    AgentHungUp,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentReady,
    Dispositioned,
    Event,
)
from dialer.errors import InputError, ServiceNotRunning
from dialer.operations.open_campaign import read_campaign
from sim_trunk.agent_phones import AgentPhones
from sim_trunk.population import load_population
from sim_trunk.sim_agents import SimAgents
from sim_trunk.sip_phones import SipPhones

RETRY_S = 0.2
"""A service that is away, or an agent it has still on duty from before, is asked again after this long."""
GOING_HOME_S = 15.0
"""How long agents who go home may take to finish their contact."""

T = TypeVar("T")
Said = AgentLoggedIn | AgentReady | AgentHungUp | AgentLoggedOut | Dispositioned

_log = structlog.get_logger("dialer.app.agents")


@dataclass(frozen=True, slots=True)
class SimulatedAgents:
    """`campaign`: full name. `count`: how many of those in `dialer.toml`, the first who are free; None for all.
    `seconds`: how long they work, None until they are told to go home. `wait`: for a service that is not there
    yet. `sip_phones`: at phones that register with the passwords in `dialer.toml`, and are called."""

    campaign: str
    count: int | None = None
    seed: int = 0
    seconds: float | None = None
    wait: bool = False
    host: str = "127.0.0.1"
    sip_phones: bool = False


@dataclass(frozen=True, slots=True)
class Worked:
    """`sessions`: how often they logged in with a service, once more for each time it came back."""

    agents: tuple[str, ...]
    contacts: int
    sessions: int


async def simulate_agents(
    home: Path, options: SimulatedAgents, go_home: asyncio.Event, at_work: Callable[[FreeAgents], None]
) -> Worked:
    """Let them work until `go_home` is set or their time is over. `at_work` is told who they are, once they
    begin to log in.

    Raises `UnknownName` (no such campaign), `InputError` (`dialer.toml` has fewer agents, or all are on duty
    elsewhere), `PopulationFileError`, `ServiceNotRunning` when there is none to begin with, and what else the
    service refuses.
    """
    with read_home(home) as view:
        campaign = read_campaign(view.reader, options.campaign)
        known = [agent.agent_id for agent in view.settings.agents]
        passwords = {agent.agent_id: agent.password for agent in view.settings.agents}
    check_count(known, options.count)
    if options.sip_phones and not all(passwords.values()):
        without = next(one for one in known if not passwords[one])
        text = f"--sip-phones: agent {without} has no password in dialer.toml to register with"
        raise InputError(f"{text}; give each a password under [[agent]], and `dialer reload`")
    own = home / "population.toml"
    spec = load_population(own if own.is_file() else None, options.seed).spec
    habits = SimAgents(spec, campaign, options.seed)
    async with AsyncControlClient(Endpoint.of_home(home, via="api")) as client:
        free = await _unless(go_home, _find_free(client, known, options))
        if free is None:
            return Worked((), 0, 0)
        floor = _Floor(client, free, options, habits, passwords)
        try:
            return await floor.work(go_home, at_work)
        finally:
            floor.close()


async def _find_free(client: AsyncControlClient, known: Sequence[str], options: SimulatedAgents) -> FreeAgents:
    while True:
        try:
            return choose_free(known, (await client.call(ask.agents())).agents, options.count)
        except (ServiceNotRunning, ServiceLost, Unavailable) as error:
            if not options.wait:
                raise
            _log.info("waiting for the service", cause=str(error))
        await asyncio.sleep(RETRY_S)


async def _unless(told: asyncio.Event, work: Coroutine[None, None, T]) -> T | None:
    """What the work comes to; None when `told` is set before."""
    tasks = asyncio.create_task(work), asyncio.create_task(told.wait())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return tasks[0].result() if tasks[0].done() else None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Floor:
    """The agents, and the line to the service."""

    def __init__(
        self,
        client: AsyncControlClient,
        free: FreeAgents,
        options: SimulatedAgents,
        habits: SimAgents,
        passwords: Mapping[str, str],
    ) -> None:
        self._client = client
        self._free = free
        self._ids = ids = free.agent_ids
        self._ours = set(free.deserted)  # whom the service may have on duty still, from a stream that broke
        self._left_alone: set[str] = set()
        self._options = options
        self._addresses: dict[str, tuple[str, int]] = {}
        self._said: dict[str, asyncio.Queue[Said]] = {agent_id: asyncio.Queue() for agent_id in ids}
        self._passwords = passwords
        self._wires: SipPhones | None = None
        self._phones = AgentPhones(
            ids,
            options.campaign,
            habits,
            self._address,
            self._say,
            SystemClock(),
            options.host,
            never_silent=options.sip_phones,
        )
        self._on_duty: set[str] = set()
        self._empty = asyncio.Event()
        self._sessions = 0

    def close(self) -> None:
        if self._wires is not None:
            self._wires.close()
        self._phones.close()

    async def work(self, go_home: asyncio.Event, at_work: Callable[[FreeAgents], None]) -> Worked:
        floor = asyncio.create_task(self._sessions_until_home(at_work))
        told = asyncio.create_task(go_home.wait())
        try:
            done, _ = await asyncio.wait(
                {floor, told}, timeout=self._options.seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if floor in done:
                await floor
            self._phones.log_out()
            self._empty.clear()
            if self._on_duty:
                try:
                    async with asyncio.timeout(GOING_HOME_S):
                        await self._empty.wait()
                except TimeoutError:
                    await self._hang_up()
        finally:
            floor.cancel()
            told.cancel()
            await asyncio.gather(floor, told, return_exceptions=True)
        worked = tuple(agent_id for agent_id in self._ids if agent_id not in self._left_alone)
        return Worked(worked, self._phones.contacts, self._sessions)

    async def _hang_up(self) -> None:
        """Their time is over: nobody is left on a line that no agent listens to. They go after their wrap-up."""
        for agent_id in sorted(self._on_duty):
            with contextlib.suppress(Conflict, ServiceLost, ServiceNotRunning):
                await self._client.call(ask.agent_hangup(agent_id))

    async def _sessions_until_home(self, at_work: Callable[[FreeAgents], None]) -> None:
        """One session after the other, for as long as the service comes back."""
        while True:
            try:
                await self._session(at_work)
                _log.info("the service has closed the desks' stream")
            except (ServiceNotRunning, ServiceLost, Unavailable) as error:
                if not self._sessions and not self._options.wait:
                    raise
                _log.info("waiting for the service", cause=str(error))
            await asyncio.sleep(RETRY_S)

    async def _session(self, at_work: Callable[[FreeAgents], None]) -> None:
        """From the opened stream to its end: the agents log in, and do what their habits say."""

        def opened() -> None:
            self._sessions += 1
            if self._sessions == 1:
                at_work(self._free)
            self._phones.start()

        async def hear() -> None:
            stream = self._client.read(ask.agent_stream(self._ids), opened)
            async with contextlib.aclosing(stream) as changes:
                async for change in changes:
                    self._changed(change)

        if self._options.sip_phones:
            await self._register()
        tasks = [asyncio.create_task(hear()), *(asyncio.create_task(self._desk(one)) for one in self._ids)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._phones.start_over()
            self._on_duty.clear()
            self._empty.set()
            for said in self._said.values():
                while not said.empty():
                    said.get_nowait()

    def _changed(self, change: AgentChange) -> None:
        if change.agent_id in self._left_alone:
            return
        if change.state == AgentState.LOGGED_OUT:
            self._on_duty.discard(change.agent_id)
            if not self._on_duty:
                self._empty.set()
        else:
            self._on_duty.add(change.agent_id)
        self._phones.agent_changed(
            NotifyAgent(change.agent_id, change.state, change.campaign, change.attempt_id, change.number)
        )

    def _address(self, agent_id: str, phone: tuple[str, int]) -> None:
        self._addresses[agent_id] = phone

    async def _register(self) -> None:
        """Other phones for each session: the service may have another address, and knows nothing of old calls."""
        at, _, number = (await self._client.call(ask.overview())).service.sip_address.rpartition(":")
        if self._wires is not None:
            self._wires.close()
        self._wires = SipPhones(self._passwords, key=token_bytes(16), host=self._options.host)
        for agent_id, phone in self._addresses.items():
            self._wires.have_audio(agent_id, phone)
        self._wires.register((at, int(number)), self._phones.line_opened, self._phones.line_closed)

    def _say(self, event: Event) -> None:
        if not isinstance(event, Said):
            raise TypeError(f"a desk does not say {event!r}")
        self._said[event.agent_id].put_nowait(event)

    async def _desk(self, agent_id: str) -> None:
        """What one agent does, in order. When the service goes, the stream's end is the end of this too."""
        while True:
            event = await self._said[agent_id].get()
            if agent_id in self._left_alone:
                continue
            try:
                await self._tell(agent_id, event)
            except Conflict as error:  # the contact is gone already: its other end was faster
                _log.info("not possible any more", agent=agent_id, asked=type(event).__name__, cause=str(error))
            except (ServiceNotRunning, ServiceLost, Unavailable) as error:
                _log.info("not told", agent=agent_id, asked=type(event).__name__, cause=str(error))

    async def _tell(self, agent_id: str, event: Said) -> None:
        match event:
            case AgentLoggedIn():
                await self._log_in(agent_id, event.campaign)
            case AgentReady():
                await self._client.call(ask.agent_ready(agent_id))
            case AgentHungUp():
                await self._client.call(ask.agent_hangup(agent_id))
            case AgentLoggedOut():
                await self._client.call(ask.agent_logout(agent_id))
            case Dispositioned():
                promise, callback = event.promise, None
                if promise is not None:
                    callback = CallbackAsked(at=promise.at, agent_id=promise.agent_id)
                said = AgentDisposition(attempt_id=event.attempt_id, code=event.code, callback=callback)
                await self._client.call(ask.dispose(agent_id, said))

    async def _log_in(self, agent_id: str, campaign: str) -> None:
        """Also where the service has them on duty still, from a stream that broke: first out, then in. Who was
        logged in elsewhere meanwhile is left alone."""
        host, port = self._addresses[agent_id]
        phone = None if self._options.sip_phones else f"{host}:{port}"
        login = AgentLogin(campaign=campaign, phone=phone)
        while True:
            try:
                line = await self._client.call(ask.agent_login(agent_id, login))
                break
            except Conflict as error:
                if agent_id not in self._ours:
                    self._left_alone.add(agent_id)
                    _log.warning("logged in elsewhere meanwhile, and left alone", agent=agent_id, cause=str(error))
                    return
                with contextlib.suppress(Conflict):
                    await self._client.call(ask.agent_logout(agent_id))
            except (ServiceNotRunning, ServiceLost, Unavailable) as error:
                if isinstance(error, ServiceLost):
                    self._ours.add(agent_id)  # it may have been done
                _log.info("not logged in yet", agent=agent_id, cause=str(error))
            await asyncio.sleep(RETRY_S)
        self._ours.add(agent_id)
        if line.line:
            at, _, number = line.line.rpartition(":")
            self._phones.line_opened(agent_id, (at, int(number)))
