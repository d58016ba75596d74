"""`dialer user …`: who may log in to the control API."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.client import OnlyOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, minute, print_json, print_table, say, warn
from dialer.cli.roles import RoleOption
from dialer.errors import InputError

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1_024

group = typer.Typer(help="Users of the control API.", no_args_is_help=True, rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="user")


@group.command()
def add(
    context: typer.Context,
    name: NameArgument,
    role: RoleOption,
    client: Annotated[
        str, typer.Option(metavar="ID", help="Sees this client alone; everything if not given.")
    ] = "",
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Holds the password (- for standard input); else it is asked."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Add a user, or give one of that name another role, client and password; their sessions end then."""
    from dialer.api.access import NewUser
    from dialer.app.access import save_user
    from dialer.app.reach import reach_home

    new = NewUser(role=role, client=client, password=_password(password_file))
    with reach_home(home_of(context), "dialer user add", warn) as reached:
        replaced = save_user(reached, name, new)
    if as_json:
        print_json({"name": name, "role": role.value, "client": client, "replaced": replaced})
    else:
        say(f"User {name} {'replaced' if replaced else 'added'}: {role.value}{f' of {client}' if client else ''}")


@group.command()
def ls(context: typer.Context, client: OnlyOption = None, as_json: JsonOption = False) -> None:
    """All users."""
    from dialer.app.installation import read_home
    from dialer.operations.moments import iso

    with read_home(home_of(context)) as view:
        users = [user for user in view.reader.users() if client is None or user.client == client]
    rows = [
        {"name": user.name, "role": user.role, "client": user.client, "added_at": iso(user.added_at)}
        for user in users
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("user", "role", "client", "added"),
        [(row["name"], row["role"], row["client"], minute(row["added_at"])) for row in rows],
        empty="No user yet: `dialer user add NAME --role ROLE` adds one.",
    )


@group.command()
def remove(context: typer.Context, name: NameArgument, as_json: JsonOption = False) -> None:
    """Remove a user: from now on neither their password nor a token of theirs opens anything."""
    from dialer.app.access import remove_user
    from dialer.app.reach import reach_home

    with reach_home(home_of(context), "dialer user remove", warn) as reached:
        remove_user(reached, name)
    if as_json:
        print_json({"name": name, "removed": True})
    else:
        say(f"User {name} removed")


def _password(file: Path | None) -> str:
    from dialer.settings.secrets import LARGEST, SecretUnreadable, secret_in

    if file is None:
        if not sys.stdin.isatty():
            raise InputError("there is no terminal to ask for the password on; give --password-file FILE")
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    elif str(file) == "-":
        password = sys.stdin.readline(LARGEST).rstrip("\r\n")
    else:
        try:
            password = secret_in(file)
        except SecretUnreadable as error:
            raise InputError(f"--password-file: {file} cannot be read: {error}") from error
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InputError(
            f"the password has {len(password)} characters; use {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,}"
        )
    return password
