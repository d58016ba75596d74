"""Lists: what is there, and imports into them."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from pathlib import PurePath
from typing import Annotated, Literal

from fastapi import Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from dialer.api.edits import (
    ExpiryText,
    ImportEnd,
    LeadChanges,
    LeadPortion,
    ListExpiry,
    ListMoved,
    MoveText,
)
from dialer.api.freshness import FreshnessAnswer
from dialer.api.holdings import Accepted, JobRow, ListDetail, Lists, SegmentShown, Stored, Updated
from dialer.api.roles import Permission
from dialer.api.schemas import PLAIN
from dialer.operations.entries import list_entry
from dialer.operations.expire_list import expiry_writes, plan_expiry, read_day
from dialer.operations.known_client import new_list_name
from dialer.operations.list_freshness import VERIFY_AT, WORTH_FROM
from dialer.operations.move_leads import (
    MoveAsked,
    find_segment,
    move_change,
    plan_move,
    portions_of,
    with_answers,
)
from dialer.operations.show_list import campaigns_of
from dialer.ports.store import (
    Audited,
    LeadsMoved,
    LeadsPlaced,
    LeadsStored,
    LeadsUpdated,
    Reader,
    SaveChange,
    SaveLeads,
    Write,
)
from dialer.web.caller import Caller, needs
from dialer.web.control import Control, ControlOf
from dialer.web.moments import At
from dialer.web.portions import lead_shown, update_of, write_of
from dialer.web.refusals import wrong_input
from dialer.web.router import Router
from dialer.web.uploads import save_upload
from dialer.web.work import Costly, ImportWork
from lists.client import client_of, is_list_name
from lists.dedupe import USUAL, Policy, read_match_by
from lists.errors import OptionError

router = Router(prefix="/v1/lists", tag="lists")

_ADVICE = "`dialer list import` makes one"
_SUMMARY_LIMIT = 4_000
MAPPING = r"^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$"
Edits = Annotated[Caller, needs(Permission.LISTS_EDIT)]


@router.get("", summary="Lists, by name")
async def lists(control: ControlOf, caller: Annotated[Caller, needs(Permission.LISTS_READ)]) -> Lists:
    found = await control.threads.run(control.service.reader.lists)
    return Lists(lists=[list_entry(summary) for summary in found if caller.sees(summary.name)])


@router.post(
    "/{name:path}/leads",
    summary="Store a portion of leads, judged already",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{LeadPortion.__name__}"}}},
        }
    },
)
async def store_leads(request: Request, control: ControlOf, caller: Edits, name: str) -> Stored:
    """In one transaction; the list is made if it is new. Leads join the campaigns that call the list."""
    service, now = control.service, control.service.clock.now()
    body = await request.body()
    try:
        save = await control.threads.run(read_portion, name, body, now)
    except ValueError as error:
        raise wrong_input(f"leads: {error}") from error
    _check_name(control, caller, name)
    write: Write = save
    if control.importing.begins(caller.actor.name, name, now):
        change = caller.actor.change(
            now, "list.import", name, client_of(name), source=save.source, as_of=save.as_of
        )
        write = Audited(save, change)
    answer = await service.write(write)
    if not isinstance(answer, LeadsStored):
        raise TypeError(f"SaveLeads was answered with {answer!r}")
    service.leads_stored(answer)
    return Stored(stored=len(save.leads))


@router.post("/{name:path}/leads/update", summary="Store what a list knows better of leads")
async def update_leads(control: ControlOf, caller: Edits, name: str, body: LeadChanges) -> Updated:
    """In one transaction. They are leads of any list of the same client."""
    _check_name(control, caller, name)
    service, now = control.service, control.service.clock.now()
    try:
        update = await control.threads.run(update_of, name, body, now)
        write: Write = update
        if control.importing.begins(caller.actor.name, name, now):
            write = Audited(update, caller.actor.change(now, "list.import", name, client_of(name)))
        answer = await service.write(write)
    except ValueError as error:
        raise wrong_input(f"leads: {error}") from error
    if not isinstance(answer, LeadsUpdated):
        raise TypeError(f"UpdateLeads was answered with {answer!r}")
    service.leads_stored(LeadsStored(answer.joined))
    return Updated(updated=answer.updated, at_hand=list(answer.at_hand), overtaken=list(answer.overtaken))


@router.post("/{name:path}/imports/end", summary="Say what an import came to, for the log of changes")
async def end_import(control: ControlOf, caller: Edits, name: str, body: ImportEnd) -> Accepted:
    _check_name(control, caller, name)
    summary = json.dumps(body.summary, sort_keys=True)
    if len(summary) > _SUMMARY_LIMIT:
        summary = f"{summary[:_SUMMARY_LIMIT]}…"
    change = caller.actor.change(
        control.service.clock.now(), "list.imported", name, client_of(name), file=body.file[:256], summary=summary
    )
    await control.service.write(SaveChange(change))
    control.importing.ended(caller.actor.name, name)
    return Accepted()


@router.get("/{name:path}/segment", summary="How many leads a segment of a list has")
async def segment(
    control: ControlOf,
    caller: Annotated[Caller, needs(Permission.LEADS_READ)],
    name: str,
    where: Annotated[list[str] | None, Query(description="FIELD=VALUE, all of which hold.")] = None,
    by: Annotated[str, Query(max_length=255, pattern=PLAIN, description="Leads by each value of it, too.")] = "",
) -> SegmentShown:
    """The document of `dialer list segment --json`."""
    await _find(control, caller, name)
    now = control.service.clock.now()
    found = await control.threads.run(find_segment, control.service.reader, name, where or [], now, by)
    return SegmentShown.model_validate(found.as_dict())


@router.get("/{name:path}/freshness", tags=["reports"], summary="How much of a list is alive, and for how long")
async def freshness(
    control: ControlOf,
    caller: Annotated[Caller, needs(Permission.REPORTS_READ)],
    name: str,
    at: At = None,
    verify_below: Annotated[float, Query(gt=0, lt=1, description="Verify anew when fewer are alive.")] = VERIFY_AT,
    worth_from: Annotated[
        float, Query(gt=0, lt=1, description="Not worth buying when fewer are alive.")
    ] = WORTH_FROM,
) -> FreshnessAnswer:
    """The document of `dialer list freshness --json`. Of now it may be some minutes old; of a large list it takes
    seconds to count, in a process of its own."""
    await _find(control, caller, name)
    return await control.freshness.freshness(name, at, verify_below, worth_from)


@router.post("/{name:path}/moves", summary="Split a list, or merge it into another")
async def move(control: ControlOf, caller: Edits, name: str, body: MoveText) -> ListMoved:
    """Leads are moved with all that is known of them. The document of `dialer list split --json`."""
    await _find(control, caller, name)
    _check_name(control, caller, body.into)
    service, now = control.service, control.service.clock.now()
    asked = MoveAsked(into=body.into, where=tuple(body.where), count=body.count, percent=body.percent, by=body.by)
    plan = await control.threads.run(plan_move, service.reader, name, asked, now)
    if body.dry_run:
        return ListMoved.model_validate(plan.moved.as_dict())
    answers: list[tuple[str, LeadsMoved]] = []
    try:
        for portion in portions_of(plan, now):
            answer = await service.write(portion)
            if not isinstance(answer, LeadsMoved):
                raise TypeError(f"MoveLeads was answered with {answer!r}")
            service.leads_stored(LeadsStored(answer.joined))
            answers.append((portion.to_list, answer))
    finally:
        done = with_answers(plan.moved, answers)
        await service.write(move_change(done, asked, caller.actor, now))
    return ListMoved.model_validate(done.as_dict())


@router.post("/{name:path}/expiry", summary="Say the last day of a list, after which nobody on it is dialed")
async def expire(control: ControlOf, caller: Edits, name: str, body: ExpiryText) -> ListExpiry:
    """The document of `dialer list expire --json`."""
    await _find(control, caller, name)
    service, now = control.service, control.service.clock.now()
    planned, back = await control.threads.run(plan_expiry, service.reader, name, read_day(body.expires_on))
    if not body.dry_run:
        for write in expiry_writes(planned, back, caller.actor, now):
            placed = await service.write(write)
            if isinstance(placed, LeadsPlaced) and not isinstance(write, Audited):
                service.leads_stored(LeadsStored(((write.campaign, placed.zone_groups),)))
        planned = replace(planned, stored=True)
    return ListExpiry.model_validate(planned.as_dict())


@router.post(
    "/{name:path}/imports",
    summary="Import a file, as a job",
    status_code=202,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def import_file(
    request: Request,
    control: ControlOf,
    caller: Edits,
    name: str,
    filename: Annotated[
        str, Query(min_length=1, max_length=255, pattern=PLAIN, description="Its ending tells what it is.")
    ],
    region: Annotated[str | None, Query(max_length=16, pattern=PLAIN)] = None,
    mapping: Annotated[list[str] | None, Query(alias="map", description="COLUMN=FIELD, once for each.")] = None,
    source: Annotated[str, Query(max_length=255, pattern=PLAIN)] = "",
    as_of: Annotated[str, Query(max_length=32, pattern=PLAIN)] = "",
    encoding: Annotated[str | None, Query(max_length=64, pattern=PLAIN)] = None,
    delimiter: Annotated[str | None, Query(max_length=16)] = None,
    dates: Annotated[Literal["", "dmy", "mdy"], Query(description="Day and month of dates that may be two.")] = "",
    saved: Annotated[
        str,
        Query(alias="mapping", pattern=MAPPING, description="Read it as a mapping saved in the home says."),
    ] = "",
    on_duplicate: Policy = Policy.SKIP,
    duplicates_by: Annotated[
        str, Query(max_length=64, pattern=PLAIN, description="Of phone, id, person, address; commas between.")
    ] = USUAL,
    across_lists: bool = False,
    accept: Annotated[
        list[Costly] | None, Query(description="Costly numbers to keep, once for each kind; none is ever dialed.")
    ] = None,
) -> JobRow:
    """The body is the file itself. Options are those of `dialer list import`."""
    _check_name(control, caller, name)
    try:
        read_match_by(duplicates_by)
    except OptionError as error:
        raise wrong_input(str(error)) from error
    with control.jobs.place():
        path = await save_upload(control.home, PurePath(filename).suffix, request.stream(), control.threads)
    try:
        work = ImportWork(
            file=path,
            name=PurePath(filename).name,
            list_name=name,
            region=region,
            mapping=mapping or [],
            source=source,
            as_of=as_of,
            encoding=encoding,
            delimiter=delimiter,
            dates=dates,
            saved=saved,
            on_duplicate=on_duplicate,
            duplicates_by=duplicates_by,
            across_lists=across_lists,
            accept=accept or [],
        )
        return control.jobs.start(work, caller, name, client_of(name))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@router.get("/{name:path}", summary="A list, with its first leads")
async def contact_list(
    control: ControlOf,
    caller: Annotated[Caller, needs(Permission.LEADS_READ)],
    name: str,
    first: Annotated[int, Query(ge=0, le=1_000, description="How many leads to show.")] = 10,
) -> ListDetail:
    def read(reader: Reader) -> ListDetail:
        known = {summary.name: summary for summary in reader.lists()}
        summary = known[caller.find("list", name, known, _ADVICE)]
        return ListDetail(
            **list_entry(summary).model_dump(),
            campaigns=[one for one in campaigns_of(reader, name) if caller.sees(one)],
            first=[lead_shown(lead) for lead in islice(reader.leads(name), first)],
        )

    return await control.threads.run(read, control.service.reader)


async def _find(control: Control, caller: Caller, name: str) -> None:
    """Raises `UnknownName`."""
    found = await control.threads.run(control.service.reader.lists)
    caller.find("list", name, [summary.name for summary in found], _ADVICE)


def _check_name(control: Control, caller: Caller, name: str) -> None:
    """That the caller may have a list of this name. Raises `UnknownName`, `InputError`."""
    if not caller.sees(name):
        caller.find("list", name, (), _ADVICE)
    new_list_name(control.service.settings, name)
    if not is_list_name(name):
        raise wrong_input(
            f"list: {name!r} has control characters or spaces at an end, or is empty; leave them out"
        )


def read_portion(list_name: str, body: bytes, now: float) -> SaveLeads:
    """The write for what was sent, which takes long for many leads: not in the event loop. Raises
    `RequestValidationError`, and as `write_of`."""
    try:
        portion = LeadPortion.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_input=False)) from None
    return write_of(list_name, portion, now)
