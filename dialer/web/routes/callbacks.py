"""Promised calls of all campaigns."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Query

from dialer.api.callbacks import DueCallbacks
from dialer.api.roles import Permission
from dialer.api.schemas import CONTACT_SHOWN
from dialer.log import mask
from dialer.operations.due_callbacks import due_callbacks
from dialer.ports.store import Reader
from dialer.web.caller import Caller, needs
from dialer.web.control import ControlOf
from dialer.web.router import Router

router = Router(prefix="/v1/callbacks", tag="campaigns")

Sees = Annotated[Caller, needs(Permission.CAMPAIGNS_READ)]
Campaign = Annotated[str | None, Query(description="Only of this one; of all that one may see if left out.")]


@router.get("", summary="Promised calls still to be made, the longest overdue first")
async def callbacks_due(
    control: ControlOf, caller: Sees, campaign: Campaign = None, limit: Annotated[int, Query(ge=1, le=1_000)] = 200
) -> DueCallbacks:
    """Numbers are masked: `/v1/campaigns/NAME/callbacks` has them in full, and those that are over."""
    now = control.service.clock.now()

    def read(reader: Reader) -> DueCallbacks:
        names = [stored.name for stored in reader.campaigns() if caller.sees(stored.name)]
        if campaign is not None:
            caller.find("campaign", campaign, names)
            names = [campaign]
        found = due_callbacks(reader, names, now, limit)
        rows = [
            asdict(row) | {"number": mask(row.number), "contact": row.contact[:CONTACT_SHOWN]}
            for row in found.callbacks
        ]
        told = {"at": now, "total": found.total, "overdue": found.overdue, "callbacks": rows}
        return DueCallbacks.model_validate(told)

    return await control.threads.run(read, control.service.reader)
