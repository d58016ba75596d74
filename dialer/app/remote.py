"""The service as commands use it: what only it can do, and writes that go through it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel

from campaigns.consent import ConsentKind
from campaigns.purpose import Purpose
from dialer.api.client import ControlClient
from dialer.api.edits import Consents, ConsentText, Numbers, Withdrawn
from dialer.api.endpoint import Endpoint
from dialer.api.errors import ServiceLost, Unavailable
from dialer.api.requests import Request, block, overview, save_consents, trunks, unblock, withdraw_consents
from dialer.api.trunks import TrunkDetail
from dialer.app.home import load_home
from dialer.clock import monotonic
from dialer.errors import ServiceNotRunning
from dialer.ports.store import (
    Answer,
    BlockNumbers,
    Done,
    LeadsStored,
    SaveConsents,
    SaveLeads,
    UnblockNumbers,
    UpdateLeads,
    WithdrawConsents,
    Write,
)
from dialer.web.lead_sender import send_leads, send_updates

T = TypeVar("T", bound=BaseModel)

VIA = "command"
PAUSE_S = 0.005
"""At least this long nothing is asked of the service after a portion of numbers, and half as long as the portion
took: a service that is busy dialing is asked for less."""


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


class RemoteWriter:
    """The writes of an import and of the do-not-call register, carried out by the service."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def write(self, write: Write) -> Answer:
        """Raises as `ControlClient.call`; `TypeError` for a write that has a request of its own."""
        if isinstance(write, SaveLeads):
            send_leads(self._client, write)
            return LeadsStored()  # the service has told its engine what joined running campaigns
        if isinstance(write, UpdateLeads):
            return send_updates(self._client, write)
        if isinstance(write, BlockNumbers):
            self._call(block(_numbers(write, write.source)))
            return Done()
        if isinstance(write, UnblockNumbers):
            self._call(unblock(_numbers(write, "")))
            return Done()
        if isinstance(write, SaveConsents):
            entries = [
                ConsentText(
                    number=one.number,
                    kind=ConsentKind(one.kind),
                    purpose=Purpose(one.purpose) if one.purpose else "",
                    given_at=one.given_at,
                    expires_at=one.expires_at,
                    source=one.source,
                    evidence=one.evidence,
                    refused=one.is_refusal,
                )
                for one in write.consents
            ]
            self._call(save_consents(Consents(consents=entries, client=write.client)))
            return Done()
        if isinstance(write, WithdrawConsents):
            kind: ConsentKind | Literal[""] = ConsentKind(write.kind) if write.kind else ""
            asked = Withdrawn(numbers=list(write.numbers), kind=kind, client=write.client, source=write.source)
            self._call(withdraw_consents(asked))
            return Done()
        raise TypeError(f"the control API has no write of its own for {type(write).__name__}")

    def _call(self, request: Request[T]) -> None:
        started = monotonic()
        self._client.call(request)
        time.sleep(max(PAUSE_S, (monotonic() - started) / 2))


def _numbers(write: BlockNumbers | UnblockNumbers, source: str) -> Numbers:
    purpose: Purpose | Literal[""] = Purpose(write.purpose) if write.purpose else ""
    return Numbers(numbers=list(write.numbers), source=source, client=write.client, purpose=purpose)
