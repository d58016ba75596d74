"""The main job on this machine: a list, a campaign, a carrier over real SIP and RTP, agents, and the result."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import uvloop

from dialer.app.collection import rare_collections
from dialer.app.installation import Installation, open_home
from dialer.clock import SystemClock, monotonic
from dialer.engine.events import CampaignOpened
from dialer.errors import EnvironmentFault
from dialer.live.floor_view import FloorView
from dialer.live.session import LiveSession, open_session
from dialer.operations.add_campaign import add_campaign
from dialer.operations.import_list import ImportOptions, import_list
from dialer.operations.open_campaign import open_campaign
from dialer.operations.run_report import Report, run_report
from dialer.ports.store import SaveAgentTime
from dialer.storage.database import Database
from dialer.trunks.trunk import Trunk
from lists.sample import csv_text, generate
from sim_trunk.agent_phones import AgentPhones
from sim_trunk.population import load_population
from sim_trunk.sim_agents import SimAgents

CAMPAIGN = "demo"
HOST = "127.0.0.1"
DRAIN_S = 30.0
LOOK_EVERY_S = 0.5
CARRIER_READY_WITHIN_S = 30.0
CARRIER_ENDS_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """`home`: None for a temporary one, which is kept. `seconds`: of dialing, before draining. `seed`: of list,
    population and agents."""

    home: Path | None = None
    seconds: float = 60.0
    agents: int = 10
    leads: int = 2_000
    seed: int = 1


@dataclass(frozen=True, slots=True)
class DemoResult:
    """`reason`: why the campaign ended. `complete`: every record was committed. `interrupted`: by Ctrl-C."""

    home: Path
    report: Report
    reason: str
    notices: tuple[str, ...]
    complete: bool
    interrupted: bool
    carrier_log: Path


Look = Callable[[FloorView, float, float], None]
"""Shown twice a second: the floor, seconds since the start, seconds left."""


def run_demo(options: DemoOptions, look: Look | None = None) -> DemoResult:
    """Play the demo. Raises `DialerError`s: the home has another owner, a port is taken, a file is not ours."""
    home = options.home or Path(tempfile.mkdtemp(prefix="rightparty-demo-"))
    _write_files(home, options)
    with open_home(home, "dialer demo") as installation:
        clock = SystemClock()
        installation.database.recover(clock.now())
        _fill(home, installation.database, clock, options)
        return _run(_play(installation, clock, options, look))


def _run(playing: Coroutine[None, None, DemoResult]) -> DemoResult:
    with rare_collections(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(playing)


def _write_files(home: Path, options: DemoOptions) -> None:
    """The demo's files, in the form a user's own would have. Those of a home in use are left as they are."""
    templates = resources.files("dialer.app") / "templates"
    population = resources.files("sim_trunk") / "populations" / "demo.toml"
    contents = {
        home / "dialer.toml": (templates / "dialer.toml").read_text("utf-8"),
        home / "lists" / "demo.csv": csv_text(generate(options.leads, options.seed)),
        home / "campaigns" / "demo.toml": (templates / "demo.toml").read_text("utf-8"),
        home / "population.toml": population.read_text("utf-8"),
    }
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_text(content, "utf-8")
    except OSError as error:
        raise EnvironmentFault(f"{error.filename or home}: cannot be written: {error.strerror}") from error


def _fill(home: Path, database: Database, clock: SystemClock, options: DemoOptions) -> None:
    import_list(
        home / "lists" / "demo.csv",
        ImportOptions(list_name=CAMPAIGN, source="invented"),
        write=database.writer.write,
        reader=database.reader,
        now=clock.now(),
        clock=monotonic,
    )
    add_campaign(
        home / "campaigns" / "demo.toml",
        write=database.writer.write,
        reader=database.reader,
        now=clock.now(),
        trunks=("sim",),
        order_seed=options.seed,
    )


async def _play(
    installation: Installation, clock: SystemClock, options: DemoOptions, look: Look | None
) -> DemoResult:
    loop = asyncio.get_running_loop()
    home, database = installation.home, installation.database
    database.writer.deliver_through(loop.call_soon_threadsafe)
    population_file = home / "population.toml"
    habits_of = load_population(population_file, options.seed).spec
    opened = open_campaign(database.reader, CAMPAIGN)
    carrier_log = home / "carrier.jsonl"
    async with _carrier(population_file, options.seed, carrier_log) as (host, port):
        started_at = clock.now()
        session = await open_session(
            CampaignOpened(opened.campaign, opened.rule_set, opened.zone_groups),
            trunks=[Trunk("sim", host, port, channels=10 * options.agents, cps=max(5.0, 2.0 * options.agents))],
            journal=database.writer,
            next_attempt_id=database.reader.next_attempt_id(),
            key=database.key,
            clock=clock,
            listen=(HOST, 0),
            media_ports=installation.settings.media_ports,
            seed=options.seed,
        )
        phones = AgentPhones(
            tuple(f"agent-{n:02d}" for n in range(1, options.agents + 1)),
            CAMPAIGN,
            SimAgents(habits_of, opened.campaign, options.seed),
            session.carrier.relay.open_line,
            session.post,
            clock,
        )
        session.listen(phones.agent_changed)
        try:
            with _interruptible(session) as interrupts:
                session.start()
                phones.start()
                await _dial(session, options.seconds, interrupts, look)
                complete = await _drain(session, phones, look)
            phones.log_out()
        finally:
            await session.close()
            phones.close()
            # What was queued before is committed once this is; nothing is delivered to the loop after it.
            await asyncio.to_thread(database.writer.write, SaveAgentTime(()))
            database.writer.deliver_through(None)
        ended_at = clock.now()
    return DemoResult(
        home=home,
        report=run_report(database.reader, CAMPAIGN, started_at, ended_at),
        reason=session.reason,
        notices=tuple(notice.text for notice in session.notices),
        complete=complete,
        interrupted=bool(interrupts),
        carrier_log=carrier_log,
    )


async def _dial(session: LiveSession, seconds: float, interrupts: Sequence[int], look: Look | None) -> None:
    """Wait for the end of the campaign, of its time or of the user's patience, and show it meanwhile."""
    start = monotonic()
    while (elapsed := monotonic() - start) < seconds and not interrupts:
        if look is not None:
            look(session.look(), elapsed, seconds - elapsed)
        if await session.ended(min(LOOK_EVERY_S, seconds - elapsed)):
            return


async def _drain(session: LiveSession, phones: AgentPhones, look: Look | None) -> bool:
    """Let calls in progress finish, cut them where that takes too long. True when everything is on record."""
    session.drain()
    start, home = monotonic(), False
    while (elapsed := monotonic() - start) < DRAIN_S:
        view = session.look()
        if look is not None:
            look(view, elapsed, DRAIN_S - elapsed)
        if not (home or view.ringing or view.waiting):
            # Nobody can be given to them any more: whoever is idle goes, the others after their wrap-up.
            phones.log_out()
            home = True
        if await session.ended(LOOK_EVERY_S):
            break
    return await session.finish(0.0)


@contextlib.contextmanager
def _interruptible(session: LiveSession) -> Iterator[list[int]]:
    """First Ctrl-C (or SIGTERM): drain. Second: cut. Yields the signals that came."""
    loop = asyncio.get_running_loop()
    came: list[int] = []

    def interrupt(number: int) -> None:
        came.append(number)
        if len(came) == 1:
            session.drain()
        else:
            session.cut()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt, number)
    try:
        yield came
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@contextlib.asynccontextmanager
async def _carrier(population: Path, seed: int, log: Path) -> AsyncIterator[tuple[str, int]]:
    """The simulated carrier as a process of its own, as a carrier would be. Yields its SIP address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sim_trunk", "--listen", f"{HOST}:0", "--json", "--seed", str(seed)),
        *("--population", str(population), "--log", str(log)),
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C on the terminal is for us: the carrier has to stay until our calls have ended.
        start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        yield await _address(process)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(CARRIER_ENDS_WITHIN_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


async def _address(process: asyncio.subprocess.Process) -> tuple[str, int]:
    if process.stdout is None:
        raise EnvironmentFault("the simulated carrier has no output to read")
    try:
        async with asyncio.timeout(CARRIER_READY_WITHIN_S):
            line = await process.stdout.readline()
        ready = json.loads(line)
        return str(ready["host"]), int(ready["port"])
    except (TimeoutError, ValueError, KeyError) as error:
        raise EnvironmentFault("the simulated carrier did not start; its own message is above") from error
