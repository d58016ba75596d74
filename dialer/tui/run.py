"""Starts the console on a terminal, and hands the terminal back as it was."""

from __future__ import annotations

from dialer.api.client import AsyncControlClient
from dialer.api.endpoint import Endpoint
from dialer.errors import DONE, FAULT
from dialer.tui.app import ConsoleApp, ConsoleOptions
from dialer.tui.source import ApiSource, Stored

_TEXTUALS_FAULT = 1  # a fault of ours, of which Textual has shown the traceback; 1 is an answer with us


def run_console(
    endpoint: Endpoint,
    where: str,
    *,
    stored: Stored | None = None,
    until_service_ends: bool = False,
    ends_at: float | None = None,
) -> int:
    """Until it is left; answers the exit status. `stored`: see `ConsoleApp`. Raises `ServiceNotRunning` for a
    socket path that no service can have, `InputError` for certificates that cannot be read."""
    source = ApiSource(AsyncControlClient(endpoint), where)
    options = ConsoleOptions(until_service_ends=until_service_ends, ends_at=ends_at)
    app = ConsoleApp(source, options, stored=stored)
    app.run(mouse=False)
    if app.return_code == _TEXTUALS_FAULT:
        return FAULT
    return DONE if app.return_code is None else app.return_code
