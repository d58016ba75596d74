"""`dialer changes`: the log of changes."""

from __future__ import annotations

from textwrap import shorten
from typing import Annotated

import typer

from dialer.cli.client import OnlyOption
from dialer.cli.home import home_of
from dialer.cli.output import JsonOption, print_json, print_table

_ROOM = 90
"""Characters of what else is to be known in the table; --json has all of it."""


def register(program: typer.Typer) -> None:
    program.command("changes")(changes)


def changes(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--from", metavar="ISO8601", help="From this moment on.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="ISO8601", help="Before this moment.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="So many of them, the newest.")] = 100,
    client: OnlyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who changed what and when, newest first: campaigns, lists, registers, users, tokens, settings."""
    from dialer.app.installation import read_home
    from dialer.operations.moments import iso, parse_moment
    from dialer.operations.run_report import check_period

    low = parse_moment(since, "--from") if since is not None else None
    high = parse_moment(until, "--to") if until is not None else None
    check_period(low, high)
    with read_home(home_of(context)) as view:
        found = view.reader.changes(
            since=0.0 if low is None else low,
            until=float("inf") if high is None else high,
            client=client,
            limit=limit,
        )
    if as_json:
        print_json(
            [
                {
                    "change_id": entry.change_id,
                    "at": iso(entry.change.at),
                    "by": entry.change.by,
                    "role": entry.change.role,
                    "via": entry.change.via,
                    "client": entry.change.client,
                    "action": entry.change.action,
                    "subject": entry.change.subject,
                    "detail": dict(entry.change.detail),
                }
                for entry in found
            ]
        )
        return
    print_table(
        ("at", "by", "via", "action", "subject", "detail"),
        [
            (
                iso(entry.change.at),
                entry.change.by,
                entry.change.via,
                entry.change.action,
                entry.change.subject,
                shorten(", ".join(f"{name}={text}" for name, text in entry.change.detail if text), _ROOM),
            )
            for entry in found
        ],
        empty="Nothing has been changed.",
    )
