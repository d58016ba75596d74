"""`--client`: for whom, on every command that names campaigns, lists or registers."""

from __future__ import annotations

from typing import Annotated

import typer

ClientOption = Annotated[
    str | None,
    typer.Option(metavar="ID", help="For this client: NAME then means ID/NAME. The house's own if not given."),
]

OnlyOption = Annotated[
    str | None, typer.Option("--client", metavar="ID", help='Of this client alone; "" for the house.')
]
