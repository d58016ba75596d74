"""`dialer numbering-plan …`: tables of who has which numbers, and in which regions they are in use."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_facts, print_json, print_table, say, warn
from dialer.errors import ANSWER_IS_NO

group = typer.Typer(
    help="Tables of numbering plans: they tell in which region a mobile number is in use, and so its time zone.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_SHOWN = 10


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="numbering-plan")


@group.command("import")
def import_(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…", help="CSV: code, from, to, operator, region; or prefix, operator, region."
        ),
    ],
    region: Annotated[str, typer.Option(metavar="CC", help="Country whose numbers they are: RU, UA …")],
    name: Annotated[str, typer.Option(metavar="NAME", help="The plan's name; the country if not given.")] = "",
    source: Annotated[str, typer.Option(metavar="S", help="Where the table comes from; kept with it.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="How old it is, as 2026-11-22.")] = "",
    encoding: Annotated[
        str | None, typer.Option(metavar="E", help="Encoding, if it is not UTF-8: cp1251 …")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(metavar="D", help="comma, semicolon, tab or pipe; found out if not given.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a table, of one or several files, in the place of the one of its name. Lists that are imported from now
    on take zones from it."""
    from dialer.app.home import load_home
    from dialer.operations.numbering_plans import import_plan, plans_of

    home = home_of(context)
    load_home(home)
    found = import_plan(
        plans_of(home), files, region=region, name=name, source=source, as_of=as_of, encoding=encoding,
        delimiter=delimiter,
    )  # fmt: skip
    if as_json:
        print_json(asdict(found.title) | {"placed": found.placed, "unknown": found.unknown})
        return
    say(f"Numbering plan {found.title.name}: numbers of +{found.title.code}")
    print_facts([("ranges", found.title.ranges), ("of known regions", found.placed)])
    for text, count in list(found.unknown.items())[:_SHOWN]:
        warn(f"warning: {count:,} ranges are of {text!r}, which is no region: their numbers keep their zones")
    if len(found.unknown) > _SHOWN:
        warn(f"warning: and {len(found.unknown) - _SHOWN} more such regions (--json has all)")


@group.command("ls")
def ls(context: typer.Context, as_json: JsonOption = False) -> None:
    """The tables there are."""
    from dialer.app.home import load_home
    from dialer.operations.numbering_plans import open_plans, plans_of

    home = home_of(context)
    load_home(home)
    titles = [plan.title for plans in open_plans(plans_of(home)).by_code.values() for plan in plans]
    if as_json:
        print_json([asdict(title) for title in titles])
        return
    rows = [(one.name, one.country, one.ranges, one.source, one.as_of) for one in titles]
    print_table(("name", "country", "ranges#", "source", "as of"), rows, empty="No numbering plan.")


@group.command()
def check(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="As +79161234567.")],
    as_json: JsonOption = False,
) -> None:
    """Who has a number, and where it is in use. Exit status 1 if no table has it."""
    from dialer.app.home import load_home
    from dialer.operations.block_numbers import parse_numbers
    from dialer.operations.numbering_plans import open_plans, plans_of

    home = home_of(context)
    load_home(home)
    (e164,) = parse_numbers([number])
    found = open_plans(plans_of(home)).find(e164)
    if found is None:
        if as_json:
            print_json({"number": e164, "plan": None})
        else:
            say(f"no numbering plan has {e164}")
        raise typer.Exit(ANSWER_IS_NO)
    title, holder = found
    if as_json:
        print_json({"number": e164, "plan": title.name, **asdict(holder), "zones": holder.zones})
        return
    facts = [
        ("number", e164),
        ("plan", title.name),
        ("operator", holder.operator),
        ("regions", ", ".join(holder.regions) or "all, or unknown"),
        ("zones", ", ".join(holder.zones) or "those of the number alone"),
    ]
    print_facts(facts)


@group.command()
def remove(
    context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME")], as_json: JsonOption = False
) -> None:
    """Forget a table. Numbers that were imported with it keep their zones."""
    from dialer.app.home import load_home
    from dialer.operations.numbering_plans import plans_of, remove_plan

    home = home_of(context)
    load_home(home)
    remove_plan(plans_of(home), name)
    if as_json:
        print_json({"removed": name})
    else:
        say(f"Numbering plan {name} removed")
