"""`dialer run`: the service."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.home import home_of
from dialer.cli.output import say, warn
from dialer.operations.collection import rare_collections

if TYPE_CHECKING:
    from dialer.app.serve import Ready


def register(program: typer.Typer) -> None:
    program.command("run")(run)


def run(
    context: typer.Context,
    json_logs: Annotated[bool, typer.Option("--json-logs", help="Logs as JSON, one object a line.")] = False,
) -> None:
    """The service: owns the data, the trunks and the campaigns of a home until it is stopped.

    Campaigns that were running are dialed again. SIGTERM or Ctrl-C: no new calls, those in progress finish (a
    second time: hang up now). SIGHUP: read dialer.toml again. Logs go to standard error.
    """
    # What is imported lives on: to walk over it again and again takes a tenth of a second.
    with rare_collections():
        from dialer.app.serve import run_service

    if not run_service(home_of(context), json_logs=json_logs, on_ready=_say_ready):
        warn("some records are not on disk; the next start reconciles their attempts to unknown")


def _say_ready(ready: Ready) -> None:
    dialing = ", ".join(ready.resumed) or "no campaign yet"
    say(f"{ready.home}: at work, SIP {ready.sip_address}, control {ready.socket}, dialing {dialing}")
    sys.stdout.flush()  # whoever started us may wait for this line
