"""`dialer list …`: contact lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli import list_mapping, list_work
from dialer.cli.client import ClientOption, OnlyOption
from dialer.cli.home import home_of
from dialer.cli.list_freshness import freshness
from dialer.cli.list_import import import_
from dialer.cli.output import JsonOption, minute, print_facts, print_json, print_table, say, warn
from dialer.cli.progress import bar
from dialer.cli.zones import print_zones

if TYPE_CHECKING:
    from lists.lead import Lead

group = typer.Typer(help="Contact lists.", no_args_is_help=True, rich_markup_mode=None)
group.add_typer(list_mapping.group, name="mapping")
group.command("import")(import_)
group.command()(freshness)
for command in (list_work.segment, list_work.split, list_work.merge, list_work.expire):
    group.command()(command)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the list.")]


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="list")


@group.command()
def ls(context: typer.Context, client: OnlyOption = None, as_json: JsonOption = False) -> None:
    """All lists."""
    from dialer.app.installation import read_home
    from dialer.operations.show_list import summary_dict

    with read_home(home_of(context)) as view:
        lists = [summary_dict(summary) for summary in view.reader.lists()]
    lists = [entry for entry in lists if client is None or entry["client"] == client]
    if as_json:
        print_json(lists)
        return
    keys = ("name", "client", "leads", "numbers", "source", "as_of", "expires_on")
    columns = ("list", "client", "leads#", "numbers#", "source", "as of", "last day", "made")
    empty = "No list yet: `dialer list import FILE --list NAME` makes one."
    rows = [[*(entry[key] for key in keys), minute(str(entry["created_at"]))] for entry in lists]
    print_table(columns, rows, empty=empty)


@group.command()
def show(
    context: typer.Context,
    name: NameArgument,
    leads: Annotated[int, typer.Option(min=0, max=1_000, help="How many leads to show.")] = 10,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """One list: its size, its countries and time zones, its first leads."""
    from dialer.app.installation import read_home
    from dialer.operations.known_client import name_of
    from dialer.operations.show_list import show_list

    with read_home(home_of(context)) as view:
        overview = show_list(view.reader, name_of(client, name), leads)
    if as_json:
        print_json(overview.as_dict())
        return
    summary = overview.summary
    facts = (("list", summary.name), ("leads", summary.leads), ("numbers", summary.numbers))
    print_facts(
        (
            *facts,
            ("source", summary.source or "-"),
            ("as of", summary.as_of or "-"),
            ("last day", summary.expires_on or "-"),
        )
    )
    say("")
    print_table(("country", "leads#"), overview.regions.items(), empty="No lead.")
    say("")
    print_zones(overview.zones)
    if overview.registers:
        say("")
        print_table(("not called: on the register of", "leads#"), overview.registers.items(), empty="")
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
    where: list_work.WhereOption = None,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """One list as CSV, in the form that `dialer list import` reads; with --json as a list of objects."""
    from dialer.app.installation import read_home
    from dialer.cli.files import output_to
    from dialer.clock import SystemClock
    from dialer.operations.export_list import export_list, find_list
    from dialer.operations.known_client import name_of
    from dialer.operations.move_leads import find_segment, segment_of
    from dialer.operations.show_list import lead_dict

    name, now = name_of(client, name), SystemClock().now()
    with read_home(home_of(context)) as view:
        find_list(view.reader, name)
        if where:  # what is no condition leaves no file
            find_segment(view.reader, name, where, now)

        def chosen() -> Iterator[Lead]:
            return (lead for lead, _ in segment_of(view.reader, name, where or [], now))

        with output_to(output) as out:
            if as_json:
                print_json([lead_dict(lead) for lead in chosen()], out)
            else:
                export_list(view.reader, name, out, chosen if where else None)
    if output is not None:
        warn(f"written to {output}")


@group.command()
def rezone(
    context: typer.Context,
    name: NameArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would change; store nothing.")] = False,
    client: ClientOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the time zones of a list's leads anew: after a numbering plan was imported, say. Attempts made until
    now keep the zones that they were permitted by."""
    from dialer.app.rezoning import run_rezone
    from dialer.operations.known_client import name_of

    with bar("leads") as progress:
        found = run_rezone(home_of(context), name_of(client, name), warn, progress, dry_run=dry_run)
    if as_json:
        print_json(asdict(found))
        return
    says = "would have" if dry_run else "have"
    say(f"{found.changed:,} of {found.leads:,} leads {says} other zones, or other evidence of them")
    print_table(("zones from", "numbers#"), found.zone_sources.items(), empty="")
    if found.at_hand:
        warn(f"{found.at_hand:,} are in calls, or about to be: run it again for those")
