"""Roles and permissions as options: the words of `dialer.api.roles`."""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.api.roles import Permission, Role

RoleOption = Annotated[Role, typer.Option(help="What they may do.")]

ScopeOption = Annotated[
    list[Permission] | None,
    typer.Option(
        "--scope",
        metavar="PERMISSION",
        help=f"Only this of what the role may do; once for each: {', '.join(Permission)}.",
    ),
]
