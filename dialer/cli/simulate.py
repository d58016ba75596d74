"""`dialer simulate`: tomorrow, before it is dialed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, say, warn
from dialer.cli.progress import bar
from dialer.errors import ANSWER_IS_NO, InputError

if TYPE_CHECKING:
    from dialer.app.many_simulations import SimulatedRun
    from dialer.app.simulate import SimulationOptions

StartOption = Annotated[
    str | None, typer.Option(metavar="ISO8601", help="When; now if not given. UTC unless it says otherwise.")
]
PopulationOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Who answers when; the home's population.toml if not given.")
]


def register(program: typer.Typer) -> None:
    program.command("simulate")(simulate)


def simulate(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN_OR_FILE", help="A stored campaign, or a file.")],
    hours: Annotated[float, typer.Option(help="How long to dial, on each day.")],
    agents: Annotated[
        int | None, typer.Option(min=0, help="Agents on duty all the time; 0 where a recording speaks.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="So many days, one after the other.")] = 1,
    runs: Annotated[int, typer.Option(min=1, help="So many times, with other people: means and intervals.")] = 1,
    start: StartOption = None,
    population: PopulationOption = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same records.")] = 0,
    against: Annotated[
        str | None, typer.Option(metavar="CAMPAIGN_OR_FILE", help="Beside it, with the same people: another text.")
    ] = None,
    against_agents: Annotated[int | None, typer.Option(min=0, help="Beside it: so many agents.")] = None,
    against_start: Annotated[str | None, typer.Option(metavar="ISO8601", help="Beside it: from then on.")] = None,
    against_population: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Beside it: with these people.")
    ] = None,
    find: Annotated[
        str | None,
        typer.Option(metavar="agents", help="How many agents the --goal needs. --agents: where to begin."),
    ] = None,
    goal: Annotated[
        str | None, typer.Option(metavar="FIGURE=VALUE", help="At least so much: rpc_per_hour=12, busy_share=0.8.")
    ] = None,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """The campaign in virtual time: the same engine, the real list, simulated people. Changes nothing."""
    from dialer.app.simulate import SimulationOptions
    from dialer.clock import SystemClock
    from dialer.operations.moments import parse_moment

    at = parse_moment(start, "--start") if start else SystemClock().now()
    options = SimulationOptions(_named(campaign, client), agents or 0, hours, at, population, seed, days)
    home = home_of(context)
    if (find is None) != (goal is None):
        raise InputError("--find agents and --goal FIGURE=VALUE go together")
    other = replace(
        options,
        campaign=options.campaign if against is None else _named(against, client),
        agents=options.agents if against_agents is None else against_agents,
        start=at if against_start is None else parse_moment(against_start, "--against-start"),
        population=population if against_population is None else against_population,
    )
    if find is not None and goal is not None:
        if find != "agents" or other != options:
            raise InputError("--find: what can be found is `agents`, of one campaign")
        _find(home, options, runs, goal, as_json=as_json)
        return
    if agents is None:
        raise InputError("--agents: say how many work, 0 where a recording speaks")
    if other != options:
        _compare(home, options, other, runs, as_json=as_json)
    elif runs > 1 or days > 1:
        _many(home, options, runs, as_json=as_json)
    else:
        _once(home, options, as_json=as_json)


def _named(campaign: str, client: str | None) -> str:
    from dialer.operations.known_client import name_of

    is_file = campaign.endswith(".toml") or Path(campaign).is_file()
    return campaign if is_file else name_of(client, campaign)


def _once(home: Path, options: SimulationOptions, *, as_json: bool) -> None:
    from dialer.app.installation import read_home
    from dialer.app.simulate import run_simulation
    from dialer.cli.summary import print_summary, warn_of_figures

    with read_home(home) as view:
        result = run_simulation(view, options)
    if as_json:
        print_json(result.report.as_dict())
    else:
        print_summary(result.report.as_dict())
        say("")
    warn_of_figures(result.report)
    for notice in result.notices:
        warn(notice)


def _many(home: Path, options: SimulationOptions, runs: int, *, as_json: bool) -> None:
    from dialer.cli.simulations import document_of, print_days, print_figures
    from dialer.operations.simulated_figures import spreads_of

    found = _simulated(home, options, runs)
    if as_json:
        print_json(document_of(options, found))
    else:
        print_figures([(f"{options.agents:,} agents", spreads_of([run.figures for run in found]))], options, runs)
        print_days(found)
    _warn(found)


def _compare(
    home: Path, options: SimulationOptions, other: SimulationOptions, runs: int, *, as_json: bool
) -> None:
    from dialer.cli.simulations import described, document_of, print_figures
    from dialer.operations.simulated_figures import differences_of, spreads_of

    both = (_simulated(home, options, runs), _simulated(home, other, runs))
    ours, theirs = ([run.figures for run in found] for found in both)
    difference = differences_of(ours, theirs)
    if as_json:
        print_json(
            {
                "this": document_of(options, both[0]),
                "against": document_of(other, both[1]),
                "difference": {name: spread.as_dict() for name, spread in difference.items()},
            }
        )
    else:
        columns = [("this", spreads_of(ours)), ("against", spreads_of(theirs)), ("difference", difference)]
        print_figures(columns, options, runs)
        say("")
        say(f"this:     {described(options)}")
        say(f"against:  {described(other)}")
    for found in both:
        _warn(found)


def _find(home: Path, options: SimulationOptions, runs: int, text: str, *, as_json: bool) -> None:
    from dialer.cli.simulations import print_needed
    from dialer.operations.find_agents import find_agents
    from dialer.operations.simulated_figures import Spread, parse_goal, spread_of

    goal = parse_goal(text)

    def come_to(agents: int) -> Spread:
        found = _simulated(home, replace(options, agents=agents), runs, f"runs with {agents:,} agents")
        return spread_of([run.figures[goal.figure] for run in found])

    needed = find_agents(goal, come_to, max(options.agents, 1))
    if as_json:
        print_json(needed.as_dict())
    else:
        print_needed(needed)
    if needed.agents is None:
        raise typer.Exit(ANSWER_IS_NO)


def _simulated(home: Path, options: SimulationOptions, runs: int, what: str = "runs") -> tuple[SimulatedRun, ...]:
    from dialer.app.many_simulations import simulate_many

    with bar(what) as progress:
        return simulate_many(home, options, runs, progress or (lambda done, of: None))


def _warn(found: tuple[SimulatedRun, ...]) -> None:
    above = sum(run.above_abandon_cap for run in found)
    if above:
        warn(f"in {above:,} of {len(found):,} runs more people found no agent than the rules allow")
    violations = sum(int(run.summary["violations"]) for run in found)
    if violations:
        warn(f"{violations:,} attempts would not have been permitted: report this, with the campaign file")
    for notice in dict.fromkeys(notice for run in found for notice in run.notices):
        warn(notice)
