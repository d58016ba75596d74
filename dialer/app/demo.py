"""The main job on this machine: a list, a campaign, a carrier over real SIP and RTP, agents, and the result."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from pathlib import Path
from secrets import token_urlsafe

import uvloop

from campaigns.life import CampaignState
from campaigns.walls import TrunkWall, Walls
from dialer.app.demo_floor import at_bare_phones, at_sip_phones
from dialer.app.demo_processes import HOST, Console, carrier
from dialer.app.home import load_home
from dialer.app.installation import Installation, open_home
from dialer.app.serve import check_socket_path, running
from dialer.clock import SystemClock, monotonic
from dialer.errors import EnvironmentFault
from dialer.live.service import LiveService
from dialer.operations.add_campaign import add_campaign
from dialer.operations.collection import rare_collections
from dialer.operations.import_list import ImportOptions, import_list
from dialer.operations.open_campaign import read_campaign
from dialer.operations.run_report import Report, run_report
from dialer.ports.access import Actor
from dialer.settings import Address, AgentSettings, Settings, TrunkSettings
from dialer.storage.database import Database
from lists.sample import csv_text, generate
from sim_trunk.agent_phones import AgentPhones
from sim_trunk.population import load_population
from sim_trunk.sim_agents import SimAgents

CAMPAIGN = "demo"
DRAIN_S = 30.0
LOOK_EVERY_S = 0.25

SHOWMAN = Actor("demo", "admin", "", "command")
"""Who starts and stops the demo's campaign."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """`home`: None for a temporary one, which is kept. `seconds`: of dialing, before draining. `seed`: of list,
    population and agents. `sip_phones`: agents at phones that register and are called, as people's are. `srtp`:
    the audio of calls is protected, and of such phones too."""

    home: Path | None = None
    seconds: float = 60.0
    agents: int = 10
    leads: int = 2_000
    seed: int = 1
    sip_phones: bool = False
    srtp: bool = False


@dataclass(frozen=True, slots=True)
class DemoResult:
    """`notices`: what went wrong. `complete`: every record was committed. `interrupted`: by Ctrl-C."""

    home: Path
    report: Report
    notices: tuple[str, ...]
    complete: bool
    interrupted: bool
    carrier_log: Path


def run_demo(options: DemoOptions, *, console: bool = False) -> DemoResult:
    """Play the demo; `console`: with `dialer console` on the terminal meanwhile. Raises `DialerError`s: the home
    has another owner, a port is taken, a file is not ours."""
    home = options.home or Path(tempfile.mkdtemp(prefix="rightparty-demo-"))
    check_socket_path(home)
    _write_files(home, options)
    with open_home(home, "dialer demo") as installation:
        clock = SystemClock()
        installation.database.recover(clock.now())
        _fill(home, installation.database, clock, options)
        return _run(_play(installation, clock, options, console=console))


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
    installation: Installation, clock: SystemClock, options: DemoOptions, *, console: bool
) -> DemoResult:
    home, database = installation.home, installation.database
    population = load_population(home / "population.toml", options.seed)
    habits = SimAgents(population.spec, read_campaign(database.reader, CAMPAIGN), options.seed)
    carrier_log = home / "carrier.jsonl"
    passwords = {f"agent-{n:02d}": token_urlsafe(12) for n in range(1, options.agents + 1)}
    async with carrier(home / "population.toml", options.seed, carrier_log) as (host, port):

        def load() -> Settings:
            return _on_stage(load_home(home), options, host, port, passwords if options.sip_phones else {})

        started_at = clock.now()
        service = LiveService(home, load(), database, clock, load=load, seed=options.seed)
        async with Console() as shown, running(service, installation):
            at_phones = at_sip_phones if options.sip_phones else at_bare_phones
            with (
                at_phones(service, CAMPAIGN, passwords, habits, clock) as phones,
                _interruptible(service) as interrupts,
            ):
                if service.campaign_state(CAMPAIGN) is not CampaignState.RUNNING:
                    await service.start_campaign(CAMPAIGN, SHOWMAN)
                phones.start()
                if console:
                    await shown.open(home, clock.now() + options.seconds, service.stop_soon)
                await _dial(service, options.seconds)
                complete = await _drain(service, phones)
            notices = tuple(
                a.text for a in service.overview().alarms if a.level == "alarm" and a.code != "abandon_cap"
            )
        ended_at = clock.now()
    return DemoResult(
        home=home,
        report=run_report(database.reader, CAMPAIGN, started_at, ended_at),
        notices=notices,
        complete=complete,
        interrupted=bool(interrupts),
        carrier_log=carrier_log,
    )


def _on_stage(
    settings: Settings, options: DemoOptions, host: str, port: int, passwords: Mapping[str, str]
) -> Settings:
    """The home's settings with the simulated carrier as the only way out, so that nobody real is called."""
    cps = max(5.0, 2.0 * options.agents)
    srtp = "required" if options.srtp else "off"
    trunk = TrunkSettings("sim", host, port, channels=10 * options.agents, cps=cps, simulated=True, srtp=srtp)
    protected = partial(AgentSettings, srtp=srtp, srtp_without_tls=options.srtp)
    agents = (f"agent-{n:02d}" for n in range(1, options.agents + 1))
    found = (protected(one, f"Agent {one[6:]}", password=passwords.get(one, "")) for one in agents)
    return replace(
        settings,
        sip_listen=Address(HOST, 0),
        trunks=(trunk,),
        walls=Walls(trunks=(TrunkWall(trunk.name, None, simulated=True),)),
        agents=tuple(found),
    )


async def _dial(service: LiveService, seconds: float) -> None:
    """Wait for the end of the campaign, of its time or of the user's patience."""
    asked = asyncio.create_task(service.stop_asked())
    try:
        async with asyncio.timeout(seconds):
            while service.campaign_state(CAMPAIGN) is CampaignState.RUNNING and not asked.done():
                await asyncio.wait([asked], timeout=LOOK_EVERY_S)
    except TimeoutError:
        pass
    finally:
        asked.cancel()


async def _drain(service: LiveService, phones: AgentPhones) -> bool:
    """Let calls in progress finish, cut them where that takes too long. True when everything is on record."""
    if service.campaign_state(CAMPAIGN) is CampaignState.RUNNING:
        await service.stop_campaign(CAMPAIGN, SHOWMAN)
    finishing = asyncio.create_task(service.finish(DRAIN_S))
    home = False
    while not finishing.done():
        run = service.run_of(CAMPAIGN)
        if not home and (run is None or not (run.ringing or run.held or run.waiting)):
            # Nobody can be given to them any more: whoever is idle goes, the others after their wrap-up.
            phones.log_out()
            home = True
        await asyncio.wait([finishing], timeout=LOOK_EVERY_S)
    return finishing.result()


@contextlib.contextmanager
def _interruptible(service: LiveService) -> Iterator[list[int]]:
    """First Ctrl-C (or SIGTERM): drain. Second: cut. Yields the signals that came."""
    loop = asyncio.get_running_loop()
    came: list[int] = []

    def interrupt(number: int) -> None:
        came.append(number)
        if len(came) == 1:
            service.stop_soon()
        else:
            service.cut()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt, number)
    try:
        yield came
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
