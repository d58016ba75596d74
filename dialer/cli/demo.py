"""`dialer demo`: the main job on this machine, over real SIP, with nobody real called."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.home import given_home
from dialer.cli.output import JsonOption, print_json, say, warn
from dialer.errors import DONE, INTERRUPTED

if TYPE_CHECKING:
    from dialer.app.demo import DemoOptions, DemoResult

LARGEST_FLOOR = 200
MOST_LEADS = 40_000


def register(program: typer.Typer) -> None:
    program.command("demo")(demo)


def demo(
    context: typer.Context,
    headless: Annotated[bool, typer.Option("--headless", help="No live view, also on a terminal.")] = False,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to dial.")] = 60.0,
    agents: Annotated[int, typer.Option(min=1, max=LARGEST_FLOOR, help="Simulated agents.")] = 10,
    leads: Annotated[int, typer.Option(min=1, max=MOST_LEADS, help="Invented people on the list.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Of list, people and agents.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """A list is imported and dialed over real SIP and RTP on this machine: simulated carrier, people, agents.

    Ends with a summary. The home is kept (a temporary one unless --home or the environment names one), so that
    report, audit, why and simulate can be tried on it.
    """
    from dialer.app.demo import DemoOptions
    from dialer.cli.summary import print_summary, warn_of_figures

    options = DemoOptions(given_home(context), seconds, agents, leads, seed)
    live = not headless and not as_json and sys.stdout.isatty()
    result = _play_live(options) if live else _play(options)
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


def _play(options: DemoOptions) -> DemoResult:
    from dialer import log
    from dialer.app.demo import run_demo

    log.configure("warning")
    warn(f"dialing for {options.seconds:.0f} s with {options.agents} simulated agents …")
    return run_demo(options)


def _play_live(options: DemoOptions) -> DemoResult:
    from rich.console import Console
    from rich.live import Live

    from dialer import log
    from dialer.app.demo import run_demo
    from dialer.cli.demo_view import screen
    from dialer.live.floor_view import FloorView

    console = Console()
    noted = io.StringIO()
    log.configure("warning", stream=noted)  # a line in the middle of the picture would tear it
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            live.update(f"Importing {options.leads:,} invented people, starting the carrier …", refresh=True)

            def look(view: FloorView, elapsed_s: float, remaining_s: float) -> None:
                height = console.size.height
                picture = screen(view, elapsed_s=elapsed_s, remaining_s=remaining_s, height=height)
                live.update(picture, refresh=True)

            return run_demo(options, look)
    finally:
        sys.stderr.write(noted.getvalue())
