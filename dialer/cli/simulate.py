"""`dialer simulate`: tomorrow, before it is dialed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, say, warn


def register(program: typer.Typer) -> None:
    program.command("simulate")(simulate)


def simulate(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN_OR_FILE", help="A stored campaign, or a file.")],
    agents: Annotated[int, typer.Option(min=0, help="Agents on duty all the time; 0 where a recording speaks.")],
    hours: Annotated[float, typer.Option(help="How long to dial.")],
    start: Annotated[
        str | None, typer.Option(metavar="ISO8601", help="When; now if not given. UTC unless it says otherwise.")
    ] = None,
    population: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Who answers when; the home's population.toml if not given."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same records.")] = 0,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """The campaign in virtual time: the same engine, the real list, simulated people. Changes nothing."""
    from dialer.app.installation import read_home
    from dialer.app.simulate import SimulationOptions, run_simulation
    from dialer.cli.summary import print_summary, warn_of_figures
    from dialer.clock import SystemClock
    from dialer.operations.known_client import name_of
    from dialer.operations.moments import parse_moment

    at = parse_moment(start, "--start") if start else SystemClock().now()
    is_file = campaign.endswith(".toml") or Path(campaign).is_file()
    options = SimulationOptions(
        campaign if is_file else name_of(client, campaign), agents, hours, at, population, seed
    )
    with read_home(home_of(context)) as view:
        result = run_simulation(view, options)
    if as_json:
        print_json(result.report.as_dict())
    else:
        print_summary(result.report.as_dict())
        say("")
    warn_of_figures(result.report)
    for notice in dict.fromkeys(notice.text for notice in result.run.notices):
        warn(notice)
