"""`dialer carrier`: the simulated SIP trunk alone. Its options are its own: `python -m sim_trunk`."""

from __future__ import annotations

import typer

_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def register(program: typer.Typer) -> None:
    program.command("carrier", context_settings=_PASSED_ON)(carrier)


def carrier(context: typer.Context) -> None:
    """The simulated SIP trunk alone, speaking real SIP and RTP; `dialer carrier --help` has its options."""
    from sim_trunk.__main__ import main

    raise typer.Exit(main(context.args))
