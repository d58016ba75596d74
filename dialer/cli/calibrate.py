"""`dialer calibrate`: people for simulations, as a campaign's records show them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import warn
from dialer.cli.progress import counter


def register(program: typer.Typer) -> None:
    program.command("calibrate")(calibrate)


def calibrate(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Name of the campaign.")],
    since: Annotated[
        str | None, typer.Option("--from", metavar="ISO8601", help="Its calls from then on; all if not given.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="ISO8601", help="And before then.")] = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Standard output if not given.")] = None,
    client: ClientOption = None,
) -> None:
    """A population file by what the campaign's calls met: who answers when, ring times, talks, what agents write
    down. `dialer simulate --population FILE` tries tomorrow with it."""
    from dialer.app.calibrate import calibrate as calibrated_by
    from dialer.app.installation import read_home
    from dialer.cli.files import output_to
    from dialer.operations.known_client import name_of
    from dialer.operations.moments import parse_moment

    low = parse_moment(since, "--from") if since else None
    high = parse_moment(until, "--to") if until else None
    with read_home(home_of(context)) as view, counter("attempts") as progress:
        found = calibrated_by(view, name_of(client, campaign), low, high, progress)
    with output_to(output) as out:
        out.write(found.text)
    warn(f"by {found.attempts:,} calls; too few of them for: {', '.join(found.kept) or 'nothing'}")
    if output is not None:
        warn(f"written to {output}; try it: dialer simulate {campaign} --population {output} --agents N --hours H")
