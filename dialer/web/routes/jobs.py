"""Long work under way."""

from __future__ import annotations

from typing import Annotated

from dialer.api.holdings import JobRow, Jobs
from dialer.api.roles import Permission
from dialer.errors import UnknownName
from dialer.web.caller import Caller, needs
from dialer.web.control import Control, ControlOf
from dialer.web.router import Router

router = Router(prefix="/v1/jobs", tag="jobs")

Sees = Annotated[Caller, needs(Permission.REPORTS_READ)]
Edits = Annotated[Caller, needs(Permission.LISTS_EDIT)]


@router.get("", summary="Long work, newest first")
async def jobs(control: ControlOf, caller: Sees) -> Jobs:
    return Jobs(jobs=[row for row in control.jobs.rows() if caller.sees_client(row.client)])


@router.get("/{job_id}", summary="How far a job is, and what it came to")
async def job(control: ControlOf, caller: Sees, job_id: str) -> JobRow:
    return _find(control, caller, job_id)


@router.post("/{job_id}/cancel", summary="End a job; what it has stored stays")
async def cancel_job(control: ControlOf, caller: Edits, job_id: str) -> JobRow:
    _find(control, caller, job_id)
    return await control.jobs.cancel(job_id)


def _find(control: Control, caller: Caller, job_id: str) -> JobRow:
    row = control.jobs.row(job_id)
    if row is None or not caller.sees_client(row.client):
        raise UnknownName("job", job_id, (), "`GET /v1/jobs` lists them")
    return row
