"""`dialer callbacks`: what was promised, and what has become of it."""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, minute, print_json, print_table, say


def register(program: typer.Typer) -> None:
    program.command("callbacks")(callbacks)


def callbacks(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Name of the campaign.")],
    only_open: Annotated[bool, typer.Option("--open", help="Only those that are still to be made.")] = False,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """The callbacks of a campaign, by the moment promised: kept, dropped, or why not made yet."""
    from dialer.app.installation import read_home
    from dialer.operations.callbacks import list_callbacks
    from dialer.operations.known_client import name_of

    with read_home(home_of(context)) as view:
        found = list_callbacks(view.reader, name_of(client, campaign), only_open=only_open)
    if as_json:
        print_json(found.as_dict())
        return
    line = f"{found.campaign}: {found.open:,} open, {found.kept:,} kept, {found.dropped:,} dropped"
    if found.on_time is not None and found.median_late_s is not None:
        line += (
            f"; {found.on_time:.0%} within 15 min of the promise, median {found.median_late_s / 60:.1f} min late"
        )
    say(line)
    print_table(
        ("promised", "zone", "number", "by", "state", "reason", "due", "dialed", "consent"),
        [
            (
                row.local,
                row.zone,
                row.number,
                row.agent_id or "anyone",
                row.state,
                row.reason,
                minute(row.due_at),
                minute(row.dialed_at),
                row.consent,
            )
            for row in found.callbacks
        ],
        empty="No callback has been promised.",
    )
