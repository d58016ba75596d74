"""`dialer list …`: contact lists."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, minute, print_facts, print_json, print_table, say, warn

if TYPE_CHECKING:
    from dialer.operations.import_list import ImportSummary, Progress
    from dialer.ports.store import Write

_ZONES_SHOWN = 15

group = typer.Typer(help="Contact lists.", no_args_is_help=True, rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the list.")]


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="list")


@group.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV file with a line of column names.")],
    list_name: Annotated[str, typer.Option("--list", metavar="NAME", help="List to add to; made if new.")],
    region: Annotated[
        str | None, typer.Option(metavar="CC", help="Country of numbers written without one: US, GB, DE …")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COL=FIELD",
            help="Column to field: phone, phone2 …, first_name, last_name, name, external_id, timezone, ignore.",
        ),
    ] = None,
    source: Annotated[str, typer.Option(metavar="S", help="Where the list comes from; kept with it.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="How old it is, as 2026-11-22.")] = "",
    encoding: Annotated[
        str | None, typer.Option(metavar="E", help="Encoding, if it is not UTF-8: cp1252, cp1251 …")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(metavar="D", help="comma, semicolon, tab or pipe; found out if not given.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every row not taken here, with its reason.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge every row, store nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Import a contact list. Rows wrong, doubled or on the do-not-call register are left out and counted."""
    from dialer.app.installation import open_home, read_home
    from dialer.clock import SystemClock, monotonic
    from dialer.operations.import_list import ImportOptions, import_list

    options = ImportOptions(
        list_name=list_name,
        region=region,
        mapping=tuple(mapping or ()),
        source=source,
        as_of=as_of,
        delimiter=delimiter,
        encoding=encoding,
        dry_run=dry_run,
        rejects=rejects,
    )
    home, now = home_of(context), SystemClock().now()
    with _progress(shown=not as_json and sys.stderr.isatty()) as progress:
        if dry_run:  # looks only, so that it works beside a running service
            with read_home(home) as view:
                summary = import_list(
                    file, options, write=_no_write, reader=view.reader, now=now, clock=monotonic, progress=progress
                )
        else:
            with open_home(home, "dialer list import") as owned:
                summary = import_list(
                    file, options, write=owned.write, reader=owned.reader, now=now, clock=monotonic,
                    progress=progress,
                )  # fmt: skip
    if as_json:
        print_json(summary.to_json())
    else:
        _print_summary(summary, list_name, dry_run=dry_run)
    for reason, count in summary.warnings.items():
        warn(f"warning: {count:,} numbers left out of leads that were taken: {reason}")
    if rejects is None and summary.read > summary.accepted:
        warn("hint: --rejects FILE writes every row that was not taken, with its line and reason")


@group.command()
def ls(context: typer.Context, as_json: JsonOption = False) -> None:
    """All lists."""
    from dialer.app.installation import read_home
    from dialer.operations.show_list import summary_dict

    with read_home(home_of(context)) as view:
        lists = [summary_dict(summary) for summary in view.reader.lists()]
    if as_json:
        print_json(lists)
        return
    keys = ("name", "leads", "numbers", "source", "as_of")
    columns = ("list", "leads#", "numbers#", "source", "as of", "made")
    empty = "No list yet: `dialer list import FILE --list NAME` makes one."
    rows = [[*(entry[key] for key in keys), minute(str(entry["created_at"]))] for entry in lists]
    print_table(columns, rows, empty=empty)


@group.command()
def show(
    context: typer.Context,
    name: NameArgument,
    leads: Annotated[int, typer.Option(min=0, max=1_000, help="How many leads to show.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """One list: its size, its countries and time zones, its first leads."""
    from dialer.app.installation import read_home
    from dialer.operations.show_list import show_list

    with read_home(home_of(context)) as view:
        overview = show_list(view.reader, name, leads)
    if as_json:
        print_json(overview.as_dict())
        return
    summary = overview.summary
    facts = (("list", summary.name), ("leads", summary.leads), ("numbers", summary.numbers))
    print_facts((*facts, ("source", summary.source or "-"), ("as of", summary.as_of or "-")))
    say("")
    print_table(("country", "leads#"), overview.regions.items(), empty="No lead.")
    say("")
    _print_zones(overview.zones)
    say("")
    print_table(
        ("lead", "id", "name", "numbers", "zones"),
        (
            (
                str(lead.lead_id),
                lead.external_id,
                lead.display_name,
                ", ".join(phone.e164 for phone in lead.phones),
                ", ".join(sorted({zone for phone in lead.phones for zone in phone.zones})) or "unknown",
            )
            for lead in overview.first
        ),
        empty="No lead.",
    )


@group.command()
def export(
    context: typer.Context,
    name: NameArgument,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Standard output if not given.")] = None,
    as_json: JsonOption = False,
) -> None:
    """One list as CSV, in the form that `dialer list import` reads; with --json as a list of objects."""
    from dialer.app.installation import read_home
    from dialer.cli.files import output_to
    from dialer.operations.export_list import export_list, find_list
    from dialer.operations.show_list import lead_dict

    with read_home(home_of(context)) as view, output_to(output) as out:
        if as_json:
            find_list(view.reader, name)
            print_json([lead_dict(lead) for lead in view.reader.leads(name)], out)
        else:
            export_list(view.reader, name, out)
    if output is not None:
        warn(f"written to {output}")


def _no_write(write: Write) -> NoReturn:
    raise AssertionError(f"a dry run wrote {write!r}")


@contextmanager
def _progress(*, shown: bool) -> Iterator[Progress | None]:
    """A bar on the terminal, on standard error, gone when done."""
    if not shown:
        yield None
        return
    from rich import progress
    from rich.console import Console

    columns = ("rows", progress.BarColumn(), progress.MofNCompleteColumn(), progress.TimeRemainingColumn())
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rows", total=None)

        def update(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield update


def _print_summary(summary: ImportSummary, list_name: str, *, dry_run: bool) -> None:
    heading = "Would be imported into" if dry_run else "Imported into"
    say(f"{heading} {list_name}: {summary.accepted:,} of {summary.read:,} rows")
    facts = [
        ("read", summary.read),
        ("accepted", summary.accepted),
        ("rejected", summary.rejected),
        ("duplicates", summary.duplicates),
        ("suppressed (do not call)", summary.suppressed),
        ("rows per second", round(summary.rows_per_s)),
    ]
    print_facts(facts)
    if summary.reasons:
        say("")
        print_table(("not taken because", "rows#"), summary.reasons.items(), empty="")
    if summary.zones:
        say("")
        _print_zones(summary.zones)


def _print_zones(zones: dict[str, int]) -> None:
    largest = sorted(zones.items(), key=lambda item: (-item[1], item[0]))
    rows = [(name.replace("|", ", "), count) for name, count in largest[:_ZONES_SHOWN]]
    print_table(("may be in", "leads#"), rows, empty="No lead.")
    if len(largest) > _ZONES_SHOWN:
        say(f"… and {len(largest) - _ZONES_SHOWN} more sets of zones (--json has all)")
