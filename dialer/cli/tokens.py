"""`dialer token …`: what programs show to the control API."""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.cli.client import OnlyOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, minute, print_json, print_table, say, warn
from dialer.cli.roles import RoleOption, ScopeOption
from dialer.errors import InputError

LONGEST_NAME = 64

group = typer.Typer(help="Tokens of the control API.", no_args_is_help=True, rich_markup_mode=None)


def register(program: typer.Typer) -> None:
    program.add_typer(group, name="token")


@group.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for: crm, wallboard …")],
    role: RoleOption,
    scopes: ScopeOption = None,
    client: Annotated[
        str, typer.Option(metavar="ID", help="Sees this client alone; everything if not given.")
    ] = "",
    expires: Annotated[
        str | None,
        typer.Option(metavar="AFTER", help="How long it holds: 12h, 30d …; until revoked if not given."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token. It is shown this once, on standard output; only its hash is kept."""
    from campaigns.duration import parse_duration
    from dialer.api.access import NewToken
    from dialer.app.access import add_token
    from dialer.app.reach import reach_home
    from dialer.operations.moments import iso

    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InputError(f"NAME: use up to {LONGEST_NAME} characters, none of them a line break")
    try:
        expires_in_s = None if expires is None else parse_duration(expires)
    except ValueError as error:
        raise InputError(f"--expires: {error}; write 12h, 30d") from error
    if expires_in_s is not None and expires_in_s <= 0:
        raise InputError(f"--expires: {expires} is over at once; write 12h, 30d")
    new = NewToken(name=name, role=role, client=client, scopes=list(scopes or ()), expires_in_s=expires_in_s)
    with reach_home(home_of(context), "dialer token add", warn) as reached:
        bearer = add_token(reached, new)
    if as_json:
        print_json(bearer.model_dump(mode="json") | {"expires_at": iso(bearer.expires_at)})
        return
    say(bearer.token)
    until = f"until {iso(bearer.expires_at)}" if bearer.expires_at is not None else "until it is revoked"
    warn(f"token {bearer.token_id} ({name}, {role.value}) holds {until}; keep it now, it is not shown again")


@group.command()
def ls(
    context: typer.Context,
    client: OnlyOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Revoked and expired ones, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Tokens that hold, without what is secret in them. Those that are over are kept for 30 days."""
    from dialer.app.installation import read_home
    from dialer.clock import SystemClock
    from dialer.operations.moments import iso

    now = SystemClock().now()
    with read_home(home_of(context)) as view:
        tokens = [token for token in view.reader.tokens() if client is None or token.client == client]
    rows = [
        {
            "token_id": token.token_id,
            "name": token.name,
            "role": token.role,
            "client": token.client,
            "scopes": list(token.scopes),
            "user": token.user,
            "created_at": iso(token.created_at),
            "expires_at": iso(token.expires_at),
            "revoked_at": iso(token.revoked_at),
            "state": token.state(now),
        }
        for token in tokens
        if everything or token.state(now) == "holds"
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("token", "name", "role", "client", "scopes", "user", "made", "expires", "revoked", "state"),
        [
            (
                row["token_id"],
                row["name"],
                row["role"],
                row["client"],
                ", ".join(map(str, row["scopes"] or ())) if isinstance(row["scopes"], list) else "",
                row["user"],
                *(minute(None if row[key] is None else str(row[key])) for key in _MOMENTS),
                row["state"],
            )
            for row in rows
        ],
        empty="No token: `dialer token add NAME --role ROLE` makes one.",
    )


_MOMENTS = ("created_at", "expires_at", "revoked_at")


@group.command()
def revoke(
    context: typer.Context,
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As `dialer token ls` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """Refuse a token from now on."""
    from dialer.app.access import revoke_token
    from dialer.app.reach import reach_home

    with reach_home(home_of(context), "dialer token revoke", warn) as reached:
        revoke_token(reached, token_id)
    if as_json:
        print_json({"token_id": token_id, "revoked": True})
    else:
        say(f"Token {token_id} revoked")
