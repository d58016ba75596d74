"""A campaign in virtual time: the real engine on the real list, with simulated people. The home is only read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from itertools import islice
from operator import attrgetter
from pathlib import Path

from campaigns.campaign import Campaign
from campaigns.grouping import grouping_of
from campaigns.loader import parse_campaign
from campaigns.prompt import FOLDER
from campaigns.rule_library import RuleLibrary
from campaigns.toml_file import read_toml
from campaigns.walls import TrunkWall, Walls
from dialer.app.installation import HomeView
from dialer.engine.commands import Command
from dialer.engine.engine import Engine
from dialer.engine.events import AnswersRecalled, CampaignOpened, Event
from dialer.engine.promises import TOLD_OF_PROMISES
from dialer.errors import InputError, UnknownName
from dialer.operations.collection import rare_collections
from dialer.operations.keep_rule_sets import rule_sets_to_keep
from dialer.operations.open_campaign import open_campaign, read_version
from dialer.operations.place_leads import place_leads
from dialer.operations.recall_answers import answers_before
from dialer.operations.run_report import Report, run_report
from dialer.operations.simulated_day import SimulatedDay, simulated_day
from dialer.ports.store import ExpireList, NewLead, Reader, SaveCampaign, SaveLeads, SaveWalls
from dialer.sip.identity import Identity
from dialer.storage.memory import MemoryStore
from dialer.storage.source import Source
from dialer.telephony.prompt_desk import prompt_length
from dialer.trunks.trunk import Trunk, trunk_of
from lists.client import client_of
from sim_trunk.population import Population, load_population
from sim_trunk.sim_agents import SimAgents
from sim_trunk.twin import Crew, Twin, TwinResult

HOUR_S, DAY_S, DAY_H = 3_600.0, 86_400.0, 24.0
LONGEST_H = 8_784.0
"""A leap year: what nobody waits for is a slip of the keyboard."""
CHUNK = 500
_new_lead_values = attrgetter(*(field.name for field in fields(NewLead)))
SIMULATED_KEY = b"virtual time: no call leaves"
"""Call-IDs of simulated attempts derive from this, so that the same seed gives the same records."""


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """`campaign`: name of a stored one, or a campaign file. `start`: seconds UTC. `hours`: of dialing; calls in
    progress then finish. `population`: None for the home's own. `seed`: of people and agents. `days`: so many, one
    after the other, each from the same time on."""

    campaign: str
    agents: int
    hours: float
    start: float
    population: Path | None = None
    seed: int = 0
    days: int = 1


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """`store` holds the records; `runs` say how each day went, `days` what it came to."""

    report: Report
    runs: tuple[TwinResult, ...]
    days: tuple[SimulatedDay, ...]
    store: MemoryStore

    @property
    def notices(self) -> tuple[str, ...]:
        """What the engine had to say, each once; but for what it says of single promises, while their agents have
        the person on the line: there is nobody here to be told."""
        said = (notice for run in self.runs for notice in run.notices if notice.code not in TOLD_OF_PROMISES)
        return tuple(dict.fromkeys(notice.text for notice in said))


def run_simulation(
    home: HomeView,
    options: SimulationOptions,
    *,
    log_event: Callable[[Event, float, list[Command]], None] | None = None,
) -> SimulationResult:
    """Simulate. Raises `InputError`s: an unknown campaign or list, a faulty campaign or population file."""
    check_options(options)
    with rare_collections():
        return _simulate(home, options, log_event)


def _simulate(
    home: HomeView, options: SimulationOptions, log_event: Callable[[Event, float, list[Command]], None] | None
) -> SimulationResult:
    store, name = _copy(home.reader, options, home.settings.rules)
    opened = open_campaign(store, name, home.settings.rules)
    if options.agents < 1 and opened.campaign.needs_agents:
        raise InputError("--agents: at least 1 agent is needed to simulate this campaign")
    population = _population(home, options)
    trunks = _trunks(home, opened.campaign, options.agents)
    walls = _walls(home, trunks)
    store.write(SaveWalls(walls.hash, walls.body, options.start))
    for rule_set in rule_sets_to_keep(store, home.settings.rules, options.start):
        store.write(rule_set)
    opening = CampaignOpened(opened.campaign, opened.rules, opened.zone_groups)
    agent_ids = tuple(f"agent-{n:03d}" for n in range(1, options.agents + 1))
    lasts_s = prompt_length(home.home / FOLDER)
    runs: list[TwinResult] = []
    days: list[SimulatedDay] = []
    for day in range(options.days):
        start = options.start + day * DAY_S
        end = start + options.hours * HOUR_S
        engine = Engine(
            trunks,
            walls=walls,
            next_attempt_id=store.next_attempt_id(),
            call_id_of=Identity(SIMULATED_KEY).call_id,
        )
        habits = SimAgents(population.spec, opened.campaign, options.seed + day)
        crew = Crew(opening, agent_ids, habits, _recalled((home.reader, store), name, start))
        run = Twin(engine, store, population, [crew], start, log_event=log_event, lasts_s=lasts_s).run(end)
        store.recover()
        runs.append(run)
        days.append(simulated_day(store, name, start, max(run.finished_at, end)))
        if days[-1].leads.final == days[-1].leads.total:
            break
    report = run_report(store, name, options.start, days[-1].until, library=home.settings.rules)
    return SimulationResult(report, tuple(runs), tuple(days), store)


def check_options(options: SimulationOptions) -> None:
    """Raises `InputError` for what nobody can mean."""
    if not 0 < options.hours <= LONGEST_H:
        raise InputError(f"--hours: must be more than 0, and at most {LONGEST_H:.0f} (a year)")
    if options.days > 1 and options.hours > DAY_H:
        raise InputError(f"--hours: of each day, so at most {DAY_H:.0f} with --days")


def _recalled(readers: Iterable[Reader], name: str, at: float) -> AnswersRecalled | None:
    """From the home, and from the days that were simulated before."""
    found = [recalled for reader in readers if (recalled := answers_before(reader, name, at)) is not None]
    spans = sorted(span for recalled in found for span in recalled.spans)
    return AnswersRecalled(name, tuple(spans)) if spans else None


def _copy(source: Source, options: SimulationOptions, library: RuleLibrary) -> tuple[MemoryStore, str]:
    """The campaign in a store of its own. A file that is not stored yet starts with untouched leads; one that
    is stored is tried with its leads' places and history, and with the file's text."""
    path = Path(options.campaign)
    if path.suffix != ".toml" and not path.is_file():
        name = options.campaign
        version = read_version(source, name, library)  # also for its message, if there is none of this name
        store = MemoryStore.copy_of(source, name, options.start)
        place_leads(name, write=store.write, grouping=grouping_of(*version))
        return store, name
    body = read_toml(path)  # as `campaign add` stores it, line ends and all
    campaign = parse_campaign(body, str(path), library)
    _check_lists(source, campaign, path)
    if source.campaign(campaign.name) is not None:
        store = MemoryStore.copy_of(source, campaign.name, options.start)
    else:
        store = MemoryStore()
    for name in campaign.lists:
        if name not in {summary.name for summary in store.lists()}:
            _copy_list(source, store, name, options.start)
    store.write(
        SaveCampaign(campaign.name, body, campaign.lists, campaign.order.value, options.start, options.seed)
    )
    place_leads(campaign.name, write=store.write, grouping=grouping_of(campaign, library.rules_of(campaign)))
    return store, campaign.name


def _check_lists(source: Source, campaign: Campaign, path: Path) -> None:
    known = [summary.name for summary in source.lists()]
    for name in campaign.lists:
        if name not in known:
            raise UnknownName("list", name, known, f"`dialer list import FILE --list {name}`, or correct {path}")


def _copy_list(source: Source, store: MemoryStore, name: str, now: float) -> None:
    leads = source.leads(name)
    while chunk := list(islice(leads, CHUNK)):
        copies = tuple(NewLead(*_new_lead_values(lead)) for lead in chunk)
        store.write(SaveLeads(name, copies, source="", as_of="", now=now))
        store.copy_registers(source, [phone.e164 for lead in chunk for phone in lead.phones], client_of(name))
    last_day = next((summary.expires_on for summary in source.lists() if summary.name == name), "")
    if last_day:
        store.write(ExpireList(name, last_day, now))


def _population(home: HomeView, options: SimulationOptions) -> Population:
    own = home.home / "population.toml"
    path = options.population if options.population is not None else own if own.is_file() else None
    return load_population(path, options.seed)


def _trunks(home: HomeView, campaign: Campaign, agents: int) -> tuple[Trunk, ...]:
    """The campaign's trunks as configured; one that the home does not know has room for any pace."""
    known = {trunk.name: trunk for trunk in home.settings.trunks}
    made = []
    for name in campaign.trunks:
        if name in known:
            made.append(trunk_of(known[name]))
        else:
            lines, cps = max(20 * agents, campaign.pacing.lines), float(max(20, 2 * agents))
            made.append(Trunk(name, "simulated", 5060, channels=lines, cps=cps, simulated=True))
    return tuple(made)


def _walls(home: HomeView, trunks: tuple[Trunk, ...]) -> Walls:
    """The home's own, with the trunks that it does not know."""
    walls = home.settings.walls
    known = {wall.name for wall in walls.trunks}
    further = (TrunkWall(trunk.name, None, trunk.simulated) for trunk in trunks if trunk.name not in known)
    return replace(walls, trunks=(*walls.trunks, *further))
