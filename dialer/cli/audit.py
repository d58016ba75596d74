"""`dialer audit`: was every attempt permitted?"""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, print_table, say
from dialer.cli.progress import counter
from dialer.errors import ANSWER_IS_NO


def register(program: typer.Typer) -> None:
    program.command("audit")(audit)


def audit(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Name of the campaign.")],
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Derive every attempt's permit again from what is stored. Exit status 1 on any violation."""
    from dialer.app.installation import read_home
    from dialer.app.reach import make_way
    from dialer.operations.known_client import name_of
    from dialer.operations.moments import iso
    from dialer.operations.run_audit import run_audit

    campaign = name_of(client, campaign)
    make_way(home_of(context))
    with read_home(home_of(context)) as view, counter("attempts") as progress:
        result = run_audit(view.reader, campaign, progress)
    if as_json:
        print_json(result.as_dict())
    else:
        say(f"{campaign}: {result.audited:,} attempts audited, {result.violating():,} of them not permitted")
        if result.findings:
            print_table(
                ("attempt", "dialed", "number", "violation", "what"),
                (
                    (str(found.violation.attempt_id), iso(found.at), found.number, found.violation.code,
                     found.violation.text)
                    for found in result.findings
                ),
                empty="",
            )  # fmt: skip
    if result.findings:
        raise typer.Exit(ANSWER_IS_NO)
