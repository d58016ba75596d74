"""`dialer report`: what a campaign came to."""

from __future__ import annotations

from contextlib import redirect_stdout
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, warn
from dialer.cli.progress import counter


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def register(program: typer.Typer) -> None:
    program.command("report")(report)


def report(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Name of the campaign.")],
    since: Annotated[
        str | None, typer.Option("--from", metavar="ISO8601", help="Attempts from this moment on; else all.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="ISO8601", help="Attempts before this moment; else all.")
    ] = None,
    as_format: Annotated[
        Format, typer.Option("--format", help="text and json: the summary; csv: one line an attempt.")
    ] = Format.TEXT,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Standard output if not given.")] = None,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a campaign came to: right-party contacts, agents' time, abandoned calls, outcomes, violations."""
    from dialer.app.installation import read_home
    from dialer.app.reach import make_way
    from dialer.cli.files import output_to
    from dialer.cli.summary import print_summary, warn_of_figures
    from dialer.operations.known_client import name_of
    from dialer.operations.moments import parse_moment
    from dialer.operations.run_report import run_report, write_records

    chosen = Format.JSON if as_json else as_format
    low = parse_moment(since, "--from") if since is not None else None
    high = parse_moment(until, "--to") if until is not None else None
    campaign = name_of(client, campaign)
    make_way(home_of(context))
    with read_home(home_of(context)) as view, output_to(output) as out, redirect_stdout(out):
        if chosen is Format.CSV:
            write_records(view.reader, campaign, out, low, high)
        else:
            with counter("attempts") as progress:
                result = run_report(view.reader, campaign, low, high, progress, library=view.settings.rules)
            (print_json if chosen is Format.JSON else print_summary)(result.as_dict())
            warn_of_figures(result)
    if output is not None:
        warn(f"written to {output}")
