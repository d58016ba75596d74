"""What the routes share, and how they get it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request

from dialer.api.schemas import Fault
from dialer.web.access import Access
from dialer.web.caller import Caller
from dialer.web.desks import Desks
from dialer.web.freshness import ListFreshness
from dialer.web.funnels import Funnels
from dialer.web.grants import Grants
from dialer.web.health import WriterCheck
from dialer.web.importing import Importing
from dialer.web.jobs import Jobs
from dialer.web.metrics import Metrics
from dialer.web.refusals import Refused
from dialer.web.service import Service
from dialer.web.streams import FloorFeed
from dialer.web.threads import Threads


@dataclass(frozen=True, slots=True)
class Control:
    """The control API of one running service. `closing` is set when it ends: streams end with it."""

    home: Path
    service: Service
    access: Access
    grants: Grants
    jobs: Jobs
    funnels: Funnels
    freshness: ListFreshness
    floor: FloorFeed
    desks: Desks
    metrics: Metrics
    threads: Threads
    writer: WriterCheck
    importing: Importing
    closing: asyncio.Event

    async def still_allowed(self, caller: Caller, token: str) -> bool:
        """Whether the caller may go on with what they began: their token may have expired or been revoked."""
        if not token:
            return True
        try:
            await self.access.bearer(token, caller.actor.via)
        except Refused:
            return False
        return True


def _control(request: Request) -> Control:
    control = request.app.state.control
    if not isinstance(control, Control):
        raise TypeError("the application was made without its control")
    return control


ControlOf = Annotated[Control, Depends(_control)]

FAULTS: dict[int | str, dict[str, Any]] = {
    401: {"model": Fault, "description": "No token, or one that is wrong, expired or revoked."},
    403: {"model": Fault, "description": "The caller's role, scope or client does not go so far."},
    404: {"model": Fault, "description": "No such name, or it is another client's."},
    409: {"model": Fault, "description": "Not from the state it is in."},
    413: {"model": Fault, "description": "The body is too large."},
    422: {"model": Fault, "description": "The body, a parameter or a file is wrong."},
    429: {"model": Fault, "description": "Too much at once; `Retry-After` says when to ask again."},
    503: {"model": Fault, "description": "The store failed, or the service is starting or stopping."},
}
"""What every route may answer besides its own."""
