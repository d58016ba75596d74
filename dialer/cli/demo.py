"""`dialer demo`: the main job on this machine, over real SIP, with nobody real called."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dialer.cli.home import given_home
from dialer.cli.output import JsonOption, print_json, say, warn
from dialer.errors import DONE, INTERRUPTED

LARGEST_FLOOR = 200
MOST_LEADS = 40_000


def register(program: typer.Typer) -> None:
    program.command("demo")(demo)


def demo(
    context: typer.Context,
    headless: Annotated[bool, typer.Option("--headless", help="No console, also on a terminal.")] = False,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to dial.")] = 60.0,
    agents: Annotated[int, typer.Option(min=1, max=LARGEST_FLOOR, help="Simulated agents.")] = 10,
    leads: Annotated[int, typer.Option(min=1, max=MOST_LEADS, help="Invented people on the list.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Of list, people and agents.")] = 1,
    sip_phones: Annotated[
        bool, typer.Option("--sip-phones", help="The agents' phones register, are called and kept up.")
    ] = False,
    srtp: Annotated[
        bool, typer.Option("--srtp", help="The audio of calls and --sip-phones is protected (SRTP, keys by SDES).")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """A list is imported and dialed over real SIP and RTP on this machine: simulated carrier, people, agents.

    Ends with a summary. The home is kept (a temporary one unless --home or the environment names one), so that
    report, audit, why and simulate can be tried on it.
    """
    from dialer import log
    from dialer.app.demo import DemoOptions, run_demo
    from dialer.cli.summary import print_summary, warn_of_figures

    options = DemoOptions(given_home(context), seconds, agents, leads, seed, sip_phones, srtp)
    log.configure("warning")
    on_terminal = (
        not headless and not as_json and sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()
    )
    if on_terminal:
        warn(f"importing {options.leads:,} leads and starting everything; the console opens in a moment …")
    else:
        warn(f"dialing for {options.seconds:.0f} s with {options.agents} simulated agents …")
    result = run_demo(options, console=on_terminal)
    if as_json:
        print_json(result.report.as_dict())
    else:
        print_summary(result.report.as_dict())
        say("")
    warn_of_figures(result.report)
    for notice in result.notices:
        warn(notice)
    if not result.complete:
        warn("some records are not on disk; the next start reconciles their attempts to unknown")
    home = result.home
    warn(f"kept in {home}; try `dialer report demo --home {home}`, `dialer audit demo --home {home}`")
    raise typer.Exit(INTERRUPTED if result.interrupted else DONE)
