"""`dialer dnc …`: the do-not-call register."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, say, warn
from dialer.errors import ANSWER_IS_NO

group = typer.Typer(help="The do-not-call register.", no_args_is_help=True, rich_markup_mode=None)

NumbersArgument = Annotated[list[str], typer.Argument(metavar="NUMBER…", help="As +12025550123.")]
RegionOption = Annotated[str | None, typer.Option(metavar="CC", help="Country of numbers written without one.")]


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="dnc")


@group.command()
def add(
    context: typer.Context,
    numbers: NumbersArgument,
    source: Annotated[str, typer.Option(metavar="S", help="Who asked for it; kept with it.")] = "by hand",
    region: RegionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put numbers on the register: from now on no campaign dials them."""
    from dialer.app.installation import open_home
    from dialer.clock import SystemClock
    from dialer.operations.block_numbers import block_numbers, parse_numbers

    parsed = parse_numbers(numbers, region)
    with open_home(home_of(context), "dialer dnc add") as owned:
        blocked = block_numbers(
            parsed, source=source, write=owned.write, reader=owned.reader, now=SystemClock().now()
        )
    if as_json:
        print_json({"numbers": list(parsed), "added": blocked.added, "already": blocked.already})
    else:
        say(f"{blocked.added:,} added, {blocked.already:,} already on the register")


@group.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One number a line, or CSV.")],
    source: Annotated[
        str | None, typer.Option(metavar="S", help="Which register it is; the file's name if not given.")
    ] = None,
    region: RegionOption = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Import the rest when lines cannot be read; else import nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put every number of a file on the register."""
    from dialer.app.installation import open_home
    from dialer.clock import SystemClock
    from dialer.operations.block_numbers import block_numbers, read_register, refuse_bad_lines

    found = read_register(file, region)
    if not skip_bad:
        refuse_bad_lines(file, found)
    with open_home(home_of(context), "dialer dnc import") as owned:
        blocked = block_numbers(
            found.numbers,
            source=source if source is not None else file.name,
            write=owned.write,
            reader=owned.reader,
            now=SystemClock().now(),
        )
    if as_json:
        counts = {"read": len(found.numbers) + len(found.bad), "added": blocked.added, "already": blocked.already}
        print_json(counts | {"bad": [{"line": bad.line, "text": bad.text} for bad in found.bad]})
        return
    say(f"{blocked.added:,} added, {blocked.already:,} already on the register")
    for bad in found.bad:
        warn(f"{file}, line {bad.line}: skipped: {bad.text}")


@group.command()
def check(
    context: typer.Context, numbers: NumbersArgument, region: RegionOption = None, as_json: JsonOption = False
) -> None:
    """Are these numbers free to call? Exit status 1 when any of them is on the register."""
    from dialer.app.installation import read_home
    from dialer.operations.block_numbers import look_up, parse_numbers
    from dialer.operations.moments import iso

    parsed = parse_numbers(numbers, region)
    with read_home(home_of(context)) as view:
        found = look_up(view.reader, parsed)
    if as_json:
        print_json(
            [{"number": number, "blocked": since is not None, "since": iso(since)} for number, since in found]
        )
    else:
        for number, since in found:
            say(f"{number}  {'not on the register' if since is None else f'on the register since {iso(since)}'}")
    if any(since is not None for _, since in found):
        raise typer.Exit(ANSWER_IS_NO)
