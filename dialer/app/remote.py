"""The service as commands use it: what only it can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dialer.api.client import ControlClient
from dialer.api.endpoint import Endpoint
from dialer.api.errors import ServiceLost, Unavailable
from dialer.api.requests import overview, trunks
from dialer.api.trunks import TrunkDetail
from dialer.app.home import load_home
from dialer.errors import ServiceNotRunning

VIA = "command"


def connect(home: Path) -> ControlClient:
    """To the service of a home, as a command of whoever runs this process. Close it."""
    return ControlClient(Endpoint.of_home(home, via=VIA))


@contextmanager
def service_of(home: Path) -> Iterator[ControlClient]:
    """The service of a home, for what only it can do. Raises `HomeError`, `SettingsError`; the first request
    raises `ServiceNotRunning` when there is none."""
    load_home(home)
    with connect(home) as client:
        yield client


def trunk_rows(home: Path) -> list[TrunkDetail]:
    """How the trunks are, as a running service says; none where there is no service to say so."""
    try:
        with connect(home) as client:
            return client.call(trunks()).trunks
    except (ServiceNotRunning, ServiceLost, Unavailable):
        return []


def why_no_call(home: Path, campaign: str) -> str:
    """Why a campaign places no call, as its service says; "" while it does. Without a service, that is why."""
    try:
        with connect(home) as client:
            rows = client.call(overview()).campaigns
    except (ServiceNotRunning, ServiceLost, Unavailable):
        return "no service is running; `dialer run` starts it"
    return next((row.no_call for row in rows if row.name == campaign), "")
