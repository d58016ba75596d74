"""Leads, why one is or is not called, and the do-not-call registers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from campaigns.purpose import Purpose
from dialer.api.edits import Numbers
from dialer.api.holdings import (
    AttemptEntry,
    DncChanged,
    DncSpan,
    DncState,
    LeadDetail,
    Leads,
    WhyAnswer,
    WhyEverywhere,
)
from dialer.api.roles import Permission
from dialer.errors import UnknownName
from dialer.operations.block_numbers import change_of, on_register
from dialer.operations.known_client import known_client
from dialer.operations.routes_at import OutOfUse, RoutesAt, out_of_use
from dialer.operations.why import why as explain
from dialer.operations.why_everywhere import why_everywhere as everywhere
from dialer.ports.store import Audited, BlockNumbers, Reader, UnblockNumbers
from dialer.web.caller import Caller, needs
from dialer.web.control import Control, ControlOf
from dialer.web.moments import At
from dialer.web.portions import lead_shown
from dialer.web.refusals import wrong_input
from dialer.web.router import Router
from lists.dnc import merged
from lists.lead import Lead

router = Router(prefix="/v1")

_OWN_LIMITS = frozenset({"per_lead", "per_number"})
E164 = r"^\+[1-9]\d{6,14}$"
SeesLeads = Annotated[Caller, needs(Permission.LEADS_READ)]
EditsDnc = Annotated[Caller, needs(Permission.DNC_EDIT)]


@router.get("/leads/{lead_id}", tags=["leads"], summary="A lead, with the attempts on its numbers")
async def lead(control: ControlOf, caller: SeesLeads, lead_id: Annotated[int, Path(ge=1, lt=2**63)]) -> LeadDetail:
    def read(reader: Reader) -> LeadDetail:
        found = _lead(reader, caller, lead_id)
        attempts = [
            AttemptEntry(
                attempt_id=attempt.attempt_id,
                campaign=attempt.campaign,
                number=attempt.number,
                created_at=attempt.created_at,
                outcome=attempt.record.outcome if attempt.record is not None else None,
                disposition=attempt.record.disposition if attempt.record is not None else None,
            )
            for attempt in reader.attempts_on([phone.e164 for phone in found.phones])
            if caller.sees(attempt.campaign)
        ]
        return LeadDetail(lead=lead_shown(found), attempts=attempts)

    return await control.threads.run(read, control.service.reader)


@router.get("/leads", tags=["leads"], summary="Leads that have a number")
async def leads_by_number(
    control: ControlOf, caller: SeesLeads, number: Annotated[str, Query(pattern=E164, examples=["+12025550123"])]
) -> Leads:
    found = await control.threads.run(control.service.reader.leads_by_number, number)
    return Leads(leads=[lead_shown(lead) for lead in found if caller.sees(lead.list_name)])


LeadAsked = Annotated[int | None, Query(ge=1, lt=2**63)]
NumberAsked = Annotated[str | None, Query(pattern=E164)]


@router.get("/why", tags=["leads"], summary="May it be dialed at that moment, and why or why not")
async def why(
    control: ControlOf,
    caller: SeesLeads,
    campaign: str,
    lead: LeadAsked = None,
    number: NumberAsked = None,
    at: At = None,
) -> WhyAnswer:
    """The document of `dialer why --json`, for a lead or a number."""
    who, moment, down = _asked(control, lead, number, at)
    settings = control.service.settings

    def read(reader: Reader) -> WhyAnswer:
        caller.find("campaign", campaign, [stored.name for stored in reader.campaigns()])
        if lead is not None:
            _lead(reader, caller, lead)
        routes = RoutesAt(reader, settings.walls, settings.trunks, moment, down)
        found = explain(
            reader,
            campaign,
            who,
            moment,
            walls=settings.walls,
            routes=routes,
            library=settings.rules,
            served=at is None,
        )
        return WhyAnswer.model_validate(_told(found.as_dict(), caller))

    return await control.threads.run(read, control.service.reader)


@router.get("/why/everywhere", tags=["leads"], summary="The same for every campaign that calls it, and at large")
async def why_everywhere(
    control: ControlOf,
    caller: SeesLeads,
    lead: LeadAsked = None,
    number: NumberAsked = None,
    at: At = None,
) -> WhyEverywhere:
    """The document of `dialer why --json` without a campaign: of campaigns that the caller may see."""
    who, moment, down = _asked(control, lead, number, at)
    settings = control.service.settings

    def read(reader: Reader) -> WhyEverywhere:
        routes = RoutesAt(reader, settings.walls, settings.trunks, moment, down)
        found = everywhere(
            reader,
            who,
            moment,
            walls=settings.walls,
            routes=routes,
            library=settings.rules,
            sees=caller.sees,
            served=at is None,
        )
        document = found.as_dict()
        for answer in document["campaigns"]:
            _told(answer, caller)
        return WhyEverywhere.model_validate(document)

    return await control.threads.run(read, control.service.reader)


def _told(answer: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """What a client is told of an answer: how often a number was called counts calls of all clients, and only the
    campaign's own limits do not."""
    evidence = answer.get("evidence", {})
    if caller.client and "counters" in evidence:
        evidence["counters"] = [one for one in evidence["counters"] if one["cap"] in _OWN_LIMITS]
    return answer


def _asked(
    control: Control, lead: int | None, number: str | None, at: float | None
) -> tuple[str, float, dict[str, OutOfUse]]:
    """Who is meant, at which moment, and which trunks are out of use then. Raises `Refused`."""
    if (lead is None) == (number is None):
        raise wrong_input("lead, number: give one of the two")
    service = control.service
    moment = service.clock.now() if at is None else at
    down = out_of_use(service.trunk_rows(), moment) if at is None else {}  # how they will be, nobody knows
    return str(lead) if lead is not None else str(number), moment, down


@router.post("/dnc", tags=["dnc"], summary="Put numbers on a do-not-call register")
async def block(control: ControlOf, caller: EditsDnc, body: Numbers) -> DncChanged:
    """`client`: whose register; "" is the house's, which holds for all. A client's caller edits its own."""
    client, numbers = _register(control, caller, body)
    now = control.service.clock.now()
    already = await control.threads.run(on_register, control.service.reader, numbers, client, body.purpose)
    source = body.source or "api"
    await _write(control, caller, BlockNumbers(numbers, source, now, client, body.purpose), source)
    return DncChanged(changed=len(numbers) - len(already), unchanged=len(already))


@router.post("/dnc/remove", tags=["dnc"], summary="Take numbers off a do-not-call register")
async def unblock(control: ControlOf, caller: EditsDnc, body: Numbers) -> DncChanged:
    """For whatever purpose they are there, or for this one. It stays in the register's history who was on it, and
    from when until when."""
    client, numbers = _register(control, caller, body)
    now = control.service.clock.now()
    of = body.purpose or None
    before = await control.threads.run(on_register, control.service.reader, numbers, client, of)
    await _write(control, caller, UnblockNumbers(numbers, now, client, body.purpose), body.source)
    return DncChanged(changed=len(before), unchanged=len(numbers) - len(before))


@router.get("/dnc/{number}", tags=["dnc"], summary="Whether a number may not be called")
async def dnc(
    control: ControlOf,
    caller: Annotated[Caller, needs(Permission.DNC_READ)],
    number: Annotated[str, Path(pattern=E164)],
    client: Annotated[str, Query(description="For this client: its register, and the house's.")] = "",
    purpose: Annotated[Purpose | None, Query(description="For calls of this purpose alone.")] = None,
) -> DncState:
    of = client_for(control, caller, client)

    def read(reader: Reader) -> DncState:
        entries = [one for one in reader.dnc_entries([number], of) if not purpose or one.forbids(purpose)]
        spans = [
            DncSpan(since=since, until=until, purpose=about)
            for about in sorted({one.purpose for one in entries})
            for since, until in merged((one.since, one.until) for one in entries if one.purpose == about)
        ]
        since = min((one.since for one in entries if one.until is None), default=None)
        return DncState(
            number=number, client=of, purpose=purpose or "", blocked=since is not None, since=since, spans=spans
        )

    return await control.threads.run(read, control.service.reader)


def _lead(reader: Reader, caller: Caller, lead_id: int) -> Lead:
    """Raises `UnknownName`, for another client's as for none."""
    found = reader.lead(lead_id)
    if found is None or not caller.sees(found.list_name):
        raise UnknownName("lead", str(lead_id), None, "`GET /v1/leads?number=` finds leads by their number")
    return found


def client_for(control: Control, caller: Caller, client: str) -> str:
    """The client named, else the caller's own. Raises `UnknownName`."""
    of = client or caller.client
    if not caller.sees_client(of):
        raise UnknownName("client", client, (), "leave it out for your own")
    if caller.client:
        return of
    return known_client(control.service.settings, of)


def _register(control: Control, caller: Caller, body: Numbers) -> tuple[str, tuple[str, ...]]:
    return client_for(control, caller, body.client), tuple(dict.fromkeys(body.numbers))


async def _write(
    control: Control,
    caller: Caller,
    write: BlockNumbers | UnblockNumbers,
    source: str,
) -> None:
    change = change_of(write, source, caller.actor, control.service.clock.now())
    await control.service.write(Audited(write, change))
