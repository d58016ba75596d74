"""Which home a command is about: `--home` before or after the subcommand, else `DIALER_HOME`, else
`./dialer-home`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import typer

OPTION = "--home"
VARIABLE = "DIALER_HOME"
DEFAULT = "dialer-home"


def hoist(arguments: Sequence[str]) -> list[str]:
    """The arguments with every `--home DIR` moved to the front, where the program itself takes it: so it may
    stand anywhere before a `--`. The last one counts."""
    found: list[str] = []
    rest: list[str] = []
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        if argument == "--":
            return [*found, *rest, *arguments[position:]]
        if argument == OPTION and position + 1 < len(arguments):
            found += [argument, arguments[position + 1]]
            position += 1
        elif argument.startswith(f"{OPTION}="):
            found.append(argument)
        else:
            rest.append(argument)
        position += 1
    return [*found, *rest]


def given_home(context: typer.Context) -> Path | None:
    """The home as named by option or variable, None when it was not."""
    option: Path | None = context.find_root().params.get("home")
    if option is not None:
        return option
    variable = os.environ.get(VARIABLE)
    return Path(variable) if variable else None


def home_of(context: typer.Context) -> Path:
    """The home that the command is about. It need not exist."""
    return given_home(context) or Path(DEFAULT)
