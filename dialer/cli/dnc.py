"""`dialer dnc …`: do-not-call registers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, say, warn
from dialer.cli.progress import bar
from dialer.errors import ANSWER_IS_NO

group = typer.Typer(
    help="Do-not-call registers: the house's, which holds for everybody, and each client's own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

NumbersArgument = Annotated[list[str], typer.Argument(metavar="NUMBER…", help="As +12025550123.")]
RegionOption = Annotated[str | None, typer.Option(metavar="CC", help="Country of numbers written without one.")]
RegisterOption = Annotated[
    str, typer.Option("--client", metavar="ID", help="This client's register; the house's if not given.")
]
PurposeOption = Annotated[
    str, typer.Option(metavar="P", help="Calls for sales, debt, research or service; all calls if not given.")
]


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="dnc")


@group.command()
def add(
    context: typer.Context,
    numbers: NumbersArgument,
    source: Annotated[str, typer.Option(metavar="S", help="Who asked for it; kept with it.")] = "by hand",
    region: RegionOption = None,
    client: RegisterOption = "",
    purpose: PurposeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put numbers on a register: from now on no campaign that it holds for dials them."""
    from dialer.app.reach import reach_home
    from dialer.clock import SystemClock
    from dialer.operations.block_numbers import block_numbers, parse_numbers
    from dialer.operations.known_client import known_client
    from dialer.operations.known_purpose import known_purpose

    parsed = parse_numbers(numbers, region)
    with reach_home(home_of(context), "dialer dnc add", warn) as reached:
        blocked = block_numbers(
            parsed,
            source=source,
            write=reached.write,
            reader=reached.reader,
            now=SystemClock().now(),
            client=known_client(reached.settings, client),
            purpose=known_purpose(purpose),
        )
    if as_json:
        print_json({"numbers": list(parsed), "added": blocked.added, "already": blocked.already})
    else:
        say(f"{blocked.added:,} added, {blocked.already:,} already on the register")


@group.command()
def remove(
    context: typer.Context,
    numbers: NumbersArgument,
    region: RegionOption = None,
    client: RegisterOption = "",
    purpose: PurposeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take numbers off a register. That they were on it stays known, and so does who took them off. Without a
    purpose they are off for whatever they were on it."""
    from dialer.app.reach import reach_home
    from dialer.clock import SystemClock
    from dialer.operations.block_numbers import parse_numbers, unblock_numbers
    from dialer.operations.known_client import known_client
    from dialer.operations.known_purpose import known_purpose

    parsed = parse_numbers(numbers, region)
    with reach_home(home_of(context), "dialer dnc remove", warn) as reached:
        unblocked = unblock_numbers(
            parsed,
            write=reached.write,
            reader=reached.reader,
            now=SystemClock().now(),
            client=known_client(reached.settings, client),
            purpose=known_purpose(purpose),
        )
    if as_json:
        counts = {"removed": unblocked.removed, "absent": unblocked.absent}
        print_json({"numbers": list(parsed), **counts, "held": list(unblocked.held)})
    else:
        say(f"{unblocked.removed:,} removed, {unblocked.absent:,} were not on the register")
    if unblocked.held:
        warn(
            f"{len(unblocked.held):,} are on the house's register, which holds for every client: they are not"
            " dialed either way (`dialer dnc remove` without --client takes them off)"
        )


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
    client: RegisterOption = "",
    purpose: PurposeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put every number of a file on a register."""
    from dialer.app.reach import make_way, reach_home
    from dialer.clock import SystemClock
    from dialer.operations.block_numbers import block_numbers, read_register, refuse_bad_lines
    from dialer.operations.known_client import known_client
    from dialer.operations.known_purpose import known_purpose

    home = home_of(context)
    make_way(home)
    found = read_register(file, region)
    if not skip_bad:
        refuse_bad_lines(file, found)
    with bar("numbers") as progress, reach_home(home, "dialer dnc import", warn) as reached:
        blocked = block_numbers(
            found.numbers,
            source=source if source is not None else file.name,
            write=reached.write,
            reader=reached.reader,
            now=SystemClock().now(),
            client=known_client(reached.settings, client),
            purpose=known_purpose(purpose),
            progress=progress,
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
    context: typer.Context,
    numbers: NumbersArgument,
    region: RegionOption = None,
    client: RegisterOption = "",
    purpose: PurposeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Are these numbers free to call, for the house or for a client? Exit status 1 when any of them is not.
    Without a purpose: for whatever."""
    from dialer.app.installation import read_home
    from dialer.operations.block_numbers import look_up, parse_numbers
    from dialer.operations.known_client import known_client
    from dialer.operations.known_purpose import known_purpose
    from dialer.operations.moments import iso

    parsed = parse_numbers(numbers, region)
    with read_home(home_of(context)) as view:
        found = look_up(view.reader, parsed, known_client(view.settings, client), known_purpose(purpose))
    if as_json:
        print_json(
            [
                {
                    "number": number,
                    "blocked": bool(entries),
                    "since": iso(min((one.since for one in entries), default=None)),
                    "purposes": sorted({one.purpose for one in entries}),
                }
                for number, entries in found
            ]
        )
    else:
        for number, entries in found:
            if not entries:
                say(f"{number}  not on the register")
            for of in sorted({one.purpose for one in entries}):
                since = min(one.since for one in entries if one.purpose == of)
                say(f"{number}  on the register{f' for {of}' if of else ''} since {iso(since)}")
    if any(entries for _, entries in found):
        raise typer.Exit(ANSWER_IS_NO)
