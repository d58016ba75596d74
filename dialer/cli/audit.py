"""`dialer audit`: was every attempt permitted, and is every permit the one that was committed?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, print_table, say
from dialer.cli.progress import counter
from dialer.errors import ANSWER_IS_NO, InputError

if TYPE_CHECKING:
    from dialer.operations.run_audit import AuditReport


def register(program: typer.Typer) -> None:
    program.command("audit")(audit)


def audit(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Name of the campaign.")] = "",
    head: Annotated[
        bool, typer.Option("--head", help="Print the last link of the chain of permits, and judge nothing.")
    ] = False,
    against: Annotated[
        str, typer.Option("--against", metavar="LINK", help="A link printed earlier: is it still in the chain?")
    ] = "",
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Derive every attempt's permit again from what is stored, and verify the chain of permits. Exit status 1 on
    any violation."""
    from dialer.app.installation import read_home
    from dialer.app.judge_apart import judge_apart
    from dialer.app.reach import make_way
    from dialer.operations.known_client import name_of
    from dialer.operations.run_audit import chain_head, link_of, run_audit

    if bool(campaign) == head:
        raise InputError("name a campaign to audit, or ask for --head alone")
    link = link_of(against)
    make_way(home_of(context))
    with read_home(home_of(context)) as view, counter("attempts") as progress:
        if head:
            last = chain_head(view.reader)
            if as_json:
                print_json(last.as_dict())
            else:
                say(last.link or "no permit is sealed yet")
            return
        result = run_audit(view.reader, name_of(client, campaign), progress, judge=judge_apart, against=link)
    if as_json:
        print_json(result.as_dict())
    else:
        _tell(result)
    if not result.clean:
        raise typer.Exit(ANSWER_IS_NO)


def _tell(result: AuditReport) -> None:
    from dialer.operations.moments import iso

    say(f"{result.campaign}: {result.audited:,} attempts audited, {result.violating():,} of them not permitted")
    chain = result.chain
    say(f"chain of permits: {chain.links:,} links, {chain.outside:,} attempts before it, {chain.erased:,} erased")
    if chain.found is not None:
        say(f"{chain.against} is {'in' if chain.found else 'NOT in'} the chain")
    if result.findings:
        print_table(
            ("attempt", "dialed", "number", "violation", "what"),
            (
                (str(found.violation.attempt_id), iso(found.at) or "", found.number, found.violation.code,
                 found.violation.text)
                for found in result.findings
            ),
            empty="",
        )  # fmt: skip
