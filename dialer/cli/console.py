"""`dialer console`: the manager's terminal on a running service."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.home import OPTION, home_of
from dialer.errors import HomeError, InputError

if TYPE_CHECKING:
    from dialer.api.endpoint import Endpoint
    from dialer.tui.source import Holdings

DUMB = ("dumb", "unknown")
"""Values of TERM for which nothing would be drawn."""


def register(program: typer.Typer) -> None:
    program.command("console")(console)


def console(
    context: typer.Context,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A service elsewhere, https://host:port, instead of a home's own."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Holds the token to show; else the variable DIALER_TOKEN is asked."),
    ] = None,
    authority: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --url: trust this certificate (PEM) instead of the system's."),
    ] = None,
    until_service_ends: Annotated[
        bool, typer.Option("--until-service-ends", help="Leave when the service ends, instead of waiting for it.")
    ] = False,
    ends_at: Annotated[
        float | None,
        typer.Option(metavar="EPOCH", help="When the service will end, in seconds since 1970, UTC: counted down."),
    ] = None,
) -> None:
    """Campaigns, agents, calls and alarms, once a second; campaigns are started, paused and drained by keys.

    Shows the service that runs on the home; without one, what the home has stored, until one is there. q leaves
    it, ? helps; the service goes on.
    """
    endpoint, where = _endpoint(context, url, token_file, authority)
    home = home_of(context) if url is None else None
    if not sys.stdin.isatty() or sys.__stderr__ is None or not sys.__stderr__.isatty():
        raise InputError(
            "the console needs a terminal for its input and its error output (it draws there);"
            " without one, `dialer campaign ls --json` and the control API tell the same"
        )
    if os.environ.get("TERM", "").lower() in DUMB:
        raise InputError(
            "TERM names a terminal on which nothing can be placed; set it to yours (xterm-256color, say)"
        )
    from dialer.tui.run import run_console

    stored = None if home is None else partial(_holdings_of, home)
    status = run_console(endpoint, where, stored=stored, until_service_ends=until_service_ends, ends_at=ends_at)
    raise typer.Exit(status)


async def _holdings_of(home: Path) -> Holdings:
    def read() -> Holdings:
        from dialer.app.holdings import read_holdings  # brings the store, which nobody needs with a service there

        return read_holdings(home)

    return await asyncio.to_thread(read)


def _endpoint(
    context: typer.Context, url: str | None, token_file: Path | None, authority: Path | None
) -> tuple[Endpoint, str]:
    """Where the service is asked, and how that is called on the screen."""
    from dialer.api.endpoint import TOKEN_VARIABLE, Endpoint

    token = None if token_file is None else _token(token_file)
    if url is None:
        if authority is not None:
            raise InputError("--authority goes with --url; a home's own service is asked over its socket")
        home = home_of(context)
        if not home.is_dir():
            raise HomeError(home, "there is no home here; make one with `dialer init`, or name yours with --home")
        return Endpoint.of_home(home, via="console", token=token), str(home)
    if context.find_root().params.get("home") is not None:
        raise InputError(f"{OPTION} and --url name two services; give one of them")
    if token is None:
        token = os.environ.get(TOKEN_VARIABLE, "")
    return Endpoint.remote(url, token, authority=authority, via="console"), url


def _token(file: Path) -> str:
    from dialer.settings.secrets import SecretUnreadable, secret_in

    try:
        token = secret_in(file)
    except SecretUnreadable as error:
        text = f"{file}: the token cannot be read: {error}; check the path after --token-file"
        raise InputError(text) from error
    if not token or len(token.split()) != 1:
        raise InputError(f"{file}: holds no token; it should hold nothing else than one")
    return token
