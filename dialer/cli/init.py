"""`dialer init`: a new home to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.home import DEFAULT, given_home
from dialer.cli.output import JsonOption, print_json, say
from dialer.errors import InputError


def register(program: typer.Typer) -> None:
    program.command("init")(init)


def init(
    context: typer.Context,
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help=f"The new home; ./{DEFAULT} if not given.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a new home with commented examples: settings, a campaign, a list, a population to simulate."""
    from dialer.app.installation import example_files, read_home
    from dialer.operations.make_home import make_home

    option = given_home(context)
    if directory is not None and context.find_root().params.get("home") not in {None, directory}:
        raise InputError(f"--home {option} and DIR {directory} are two homes; give one of them")
    home = directory or option or Path(DEFAULT)
    written = make_home(home, example_files())
    with read_home(home):
        pass  # makes the database, so that whatever comes first finds one
    option_text = "" if home == Path(DEFAULT) else f" --home {shlex.quote(str(home))}"
    folder = shlex.quote(str(home))
    commands = [
        f"dialer list import {folder}/lists/sample.csv --list sample{option_text}",
        f"dialer campaign add {folder}/campaigns/sample.toml{option_text}",
        f"dialer simulate sample --agents 2 --hours 8{option_text}",
    ]
    if as_json:
        print_json({"home": str(home), "files": [str(path) for path in written], "next": commands})
        return
    say(f"Made {home}:")
    for path in written:
        say(f"  {path}")
    say("\nNext:")
    for command in commands:
        say(f"  {command}")
