"""`dialer list mapping …`: how the lists of a source are read, as imports keep it."""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_facts, print_json, print_table, say, warn

group = typer.Typer(help="Saved mappings.", no_args_is_help=True, rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the mapping.")]


@group.command()
def ls(context: typer.Context, as_json: JsonOption = False) -> None:
    """All mappings."""
    from campaigns.errors import CampaignFileError
    from dialer.app.home import load_home
    from dialer.operations.list_mapping import find_mapping, mapping_names, read_mapping

    home = home_of(context)
    load_home(home)
    rows: list[dict[str, object]] = []
    for name in mapping_names(home):
        try:
            saved = read_mapping(find_mapping(home, name))
            rows.append({"name": name, "columns": len(saved.columns), "source": saved.source, "problem": ""})
        except CampaignFileError as error:
            rows.append({"name": name, "columns": 0, "source": "", "problem": str(error)})
    if as_json:
        print_json(rows)
        return
    empty = "No mapping yet: `dialer list import FILE --save-mapping NAME` keeps one."
    print_table(("mapping", "columns#", "source"), ([*row.values()][:3] for row in rows), empty=empty)
    for row in rows:
        if row["problem"]:
            warn(str(row["problem"]))


@group.command()
def show(context: typer.Context, name: NameArgument, as_json: JsonOption = False) -> None:
    """One mapping: which column is what, and how the file is written."""
    from dialer.app.home import load_home
    from dialer.operations.list_mapping import find_mapping, read_mapping

    home = home_of(context)
    load_home(home)
    path = find_mapping(home, name)
    saved = read_mapping(path)
    if as_json:
        print_json(saved.as_dict())
        return
    said = {key: value for key, value in saved.as_dict().items() if value and key not in {"name", "columns"}}
    print_facts(
        (("mapping", saved.name), ("file", str(path)), *((key, str(value)) for key, value in said.items()))
    )
    say("")
    print_table(("column", "field"), saved.columns.items(), empty="No column is said: each by its own name.")


@group.command()
def rm(context: typer.Context, name: NameArgument) -> None:
    """Forget a mapping. Lists that were read by it stay as they are."""
    from dialer.api.requests import remove_mapping as asked_of
    from dialer.app.reach import reach_home
    from dialer.clock import SystemClock
    from dialer.operations.list_mapping import find_mapping, remove_mapping
    from dialer.ports.store import SaveChange
    from lists.client import HOUSE

    home = home_of(context)
    with reach_home(home, "dialer list mapping rm", warn) as reached:
        find_mapping(home, name)
        if reached.service is not None:
            reached.service.call(asked_of(name))
        else:
            remove_mapping(home, name)
            change = reached.actor.change(SystemClock().now(), "mapping.remove", name, HOUSE)
            reached.write(SaveChange(change))
    say(f"{name} is forgotten")
