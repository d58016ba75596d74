"""Writes of commands and of work in a process of its own, carried out by the service."""

from __future__ import annotations

import time
from typing import Literal, TypeVar

from pydantic import BaseModel

from campaigns.consent import ConsentKind
from campaigns.purpose import Purpose
from dialer.api.client import ControlClient
from dialer.api.edits import Consents, ConsentText, Numbers, Withdrawn
from dialer.api.requests import Request, block, save_consents, unblock, withdraw_consents
from dialer.clock import monotonic
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

PAUSE_S = 0.005
"""At least this long nothing is asked of the service after a portion of numbers, and half as long as the portion
took: a service that is busy dialing is asked for less."""


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
