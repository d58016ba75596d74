"""`dialer audit`: was every attempt permitted, and is every permit the one that was committed?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.client import ClientOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, print_table, say, warn
from dialer.cli.progress import counter
from dialer.errors import ANSWER_IS_NO, EnvironmentFault, InputError

if TYPE_CHECKING:
    from dialer.operations.export_permits import Choice
    from dialer.operations.run_audit import AuditReport
    from dialer.ports.store import Reader


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
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write the permits to a ZIP file, with all to read them."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="ISO8601", help="Export attempts from this moment on."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="ISO8601", help="Export attempts before this moment.")
    ] = None,
    number: Annotated[
        str, typer.Option("--number", metavar="E164", help="Export attempts on this number alone.")
    ] = "",
    full_numbers: Annotated[
        bool, typer.Option("--full-numbers", help="Export numbers in full, and permits as they were sealed.")
    ] = False,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Derive every attempt's permit again from what is stored, and verify the chain of permits. Exit status 1 on
    any violation."""
    from dialer.app.installation import read_home
    from dialer.app.judge_apart import judge_apart
    from dialer.app.reach import make_way
    from dialer.operations.export_permits import Choice, campaigns_that_called
    from dialer.operations.known_client import name_of
    from dialer.operations.run_audit import chain_head, link_of, run_audit

    _check(campaign, head, export, number)
    link, period = link_of(against), _period(since, until)
    make_way(home_of(context))
    with read_home(home_of(context)) as view, counter("attempts") as progress:
        if head:
            last = chain_head(view.reader)
            if as_json:
                print_json(last.as_dict())
            else:
                say(last.link or "no permit is sealed yet")
            return
        names = (name_of(client, campaign),) if campaign else campaigns_that_called(view.reader, number)
        results = [run_audit(view.reader, name, progress, judge=judge_apart, against=link) for name in names]
        if export is not None:
            choice = Choice(names, *period, number, full=full_numbers)
            warn(f"{_export(view.reader, choice, results, export):,} attempts written to {export}")
    if as_json:
        print_json(results[0].as_dict() if campaign else [result.as_dict() for result in results])
    else:
        for result in results:
            _tell(result)
    if not all(result.clean for result in results):
        raise typer.Exit(ANSWER_IS_NO)


def _check(campaign: str, head: bool, export: Path | None, number: str) -> None:
    if head and campaign:
        raise InputError("--head is of the whole chain: leave the campaign out")
    if not (head or campaign or (export is not None and number)):
        raise InputError("name a campaign to audit; or ask for --head, or for --export with --number")
    if number and not number.startswith("+"):
        raise InputError(f"--number: {number} is no international number; write it like +12025550123")


def _period(since: str | None, until: str | None) -> tuple[float, float]:
    from dialer.operations.moments import parse_moment
    from dialer.operations.run_report import check_period

    low = None if since is None else parse_moment(since, "--from")
    high = None if until is None else parse_moment(until, "--to")
    check_period(low, high)
    return 0.0 if low is None else low, float("inf") if high is None else high


def _export(reader: Reader, choice: Choice, results: list[AuditReport], path: Path) -> int:
    from dialer.operations.export_permits import export_permits

    try:
        return export_permits(reader, choice, results, path)
    except OSError as error:
        raise EnvironmentFault(f"--export: {path} cannot be written: {error.strerror}") from error


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
