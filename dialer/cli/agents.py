"""`dialer agent …`: who takes the calls, and simulated ones."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, print_table, say, warn

if TYPE_CHECKING:
    from dialer.app.agents import SimulatedAgents, Worked
    from dialer.app.free_agents import FreeAgents

NAMED = 5
"""So many agents are named in a message; the others are counted."""

group = typer.Typer(help="Agents.", no_args_is_help=True, rich_markup_mode=None)


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="agent")


@group.command()
def ls(context: typer.Context, as_json: JsonOption = False) -> None:
    """The agents of dialer.toml; while the service runs, with the state they are in."""
    from dialer.app.floor import agents_of

    rows = agents_of(home_of(context))
    if as_json:
        print_json(rows)
        return
    keys = ("agent_id", "name", "campaign", "state", "for_s", "phone", "contact")
    print_table(
        ("agent", "name", "campaign", "state", "for s#", "phone", "contact"),
        [
            [row[key] if key != "for_s" or row[key] is None else round(float(str(row[key]))) for key in keys]
            for row in rows
        ],
        empty="No agent yet: describe some in dialer.toml under [[agent]].",
    )


@group.command()
def simulate(
    context: typer.Context,
    campaign: Annotated[str, typer.Option(metavar="NAME", help="For which campaign they are on duty.")],
    count: Annotated[
        int | None,
        typer.Option(min=1, help="How many of dialer.toml's agents, the first who are free; all if not given."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of what they do about whom they hear.")] = 0,
    seconds: Annotated[
        float | None, typer.Option(min=0.0, help="How long they work; until Ctrl-C or SIGTERM if not given.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the service if it is not running yet.")] = False,
    sip_phones: Annotated[
        bool,
        typer.Option("--sip-phones", help="At phones that register with dialer.toml's passwords, and are called."),
    ] = False,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Simulated agents at work: they log in over the control API with phones of their own, hear real audio and
    say what came of it. When the service is restarted they log in again. At the end they finish their contact."""
    from dialer.app.agents import SimulatedAgents
    from dialer.operations.known_client import name_of

    options = SimulatedAgents(name_of(client, campaign), count, seed, seconds, wait, sip_phones=sip_phones)
    worked = asyncio.run(_work(home_of(context), options))
    if as_json:
        print_json(
            {"campaign": options.campaign, "agents": list(worked.agents), "contacts": worked.contacts,
             "sessions": worked.sessions}
        )  # fmt: skip
    else:
        say(f"{len(worked.agents):,} agents have had {worked.contacts:,} contacts for {options.campaign}")


async def _work(home: Path, options: SimulatedAgents) -> Worked:
    from dialer import log
    from dialer.app.agents import simulate_agents

    log.configure("warning")
    loop = asyncio.get_running_loop()
    go_home = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, go_home.set)

    def at_work(free: FreeAgents) -> None:
        warn(f"{len(free.agent_ids):,} simulated agents are logging in for {options.campaign}{_elsewhere(free)}")
        sys.stderr.flush()  # whoever started us may wait for this line

    return await simulate_agents(home, options, go_home, at_work)


def _elsewhere(free: FreeAgents) -> str:
    """Who is not simulated."""
    if not free.elsewhere:
        return ""
    first, more = free.elsewhere[:NAMED], len(free.elsewhere) - NAMED
    names = ", ".join(first) + (f" and {more:,} more" if more > 0 else "")
    return f"; on duty elsewhere, and left there: {names}"
