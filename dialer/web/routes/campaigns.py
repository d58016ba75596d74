"""Campaigns: what is stored, their life, and what came of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Query

from campaigns.campaign import Campaign
from campaigns.errors import CampaignFileError, CampaignsError
from campaigns.grouping import grouping_of
from dialer.api.edits import CampaignAdded, CampaignMoved, CampaignReset, CampaignText, ResetAsked
from dialer.api.holdings import Callbacks, CampaignDetail, CampaignEntry, Campaigns, FunnelAnswer, JobRow
from dialer.api.roles import Permission
from dialer.operations.callbacks import list_callbacks
from dialer.operations.check_campaign import Checked, check_text
from dialer.operations.entries import campaign_entry
from dialer.operations.open_campaign import read_campaign
from dialer.operations.place_leads import PORTION
from dialer.operations.reset_campaign import Reset, plan_reset, portions_of, reset_change
from dialer.operations.run_report import check_period
from dialer.operations.show_campaign import show_campaign
from dialer.ports.access import Actor
from dialer.ports.store import Audited, LeadsPlaced, LeadsStored, PlaceLeads, Reader, SaveCampaign
from dialer.storage.errors import as_storage_error
from dialer.web.caller import Caller, needs
from dialer.web.control import Control, ControlOf
from dialer.web.moments import At
from dialer.web.refusals import Refused, problem_rows, wrong_input
from dialer.web.router import Router
from dialer.web.work import ReportWork
from lists.client import client_of

router = Router(prefix="/v1/campaigns", tag="campaigns")

_ADVICE = "`PUT /v1/campaigns/NAME` adds one"
Sees = Annotated[Caller, needs(Permission.CAMPAIGNS_READ)]
Runs = Annotated[Caller, needs(Permission.CAMPAIGNS_RUN)]
Reports = Annotated[Caller, needs(Permission.REPORTS_READ)]
From = Annotated[float | None, Query(alias="from", ge=0.0, allow_inf_nan=False, description="Seconds UTC.")]
To = Annotated[float | None, Query(alias="to", ge=0.0, allow_inf_nan=False, description="Seconds UTC.")]


@router.get("", summary="Campaigns, by name")
async def campaigns(control: ControlOf, caller: Sees) -> Campaigns:
    def read(reader: Reader) -> list[CampaignEntry]:
        return [campaign_entry(reader, stored) for stored in reader.campaigns() if caller.sees(stored.name)]

    return Campaigns(campaigns=await control.threads.run(read, control.service.reader))


@router.post("/{name:path}/start", summary="Dial, or go on after a pause")
async def start_campaign(control: ControlOf, caller: Runs, name: str) -> CampaignMoved:
    return await _move(control, caller, name, control.service.start_campaign)


@router.post("/{name:path}/pause", summary="No new calls; those in progress finish, its agents stay")
async def pause_campaign(control: ControlOf, caller: Runs, name: str) -> CampaignMoved:
    return await _move(control, caller, name, control.service.pause_campaign)


@router.post("/{name:path}/stop", summary="No new calls; done when the last one is over")
async def stop_campaign(control: ControlOf, caller: Runs, name: str) -> CampaignMoved:
    return await _move(control, caller, name, control.service.stop_campaign)


@router.post("/{name:path}/reset", summary="Take leads up again that are closed, by what closed them")
async def reset(control: ControlOf, caller: Runs, name: str, body: ResetAsked) -> CampaignReset:
    """The document of `dialer campaign reset --json`."""
    await _find(control, caller, name)
    service = control.service
    now, settings = service.clock.now(), service.settings

    def plan(reader: Reader) -> tuple[Reset, list[int], Campaign]:
        planned, back = plan_reset(
            reader,
            name,
            body.outcomes,
            walls=settings.walls,
            now=now,
            library=settings.rules,
            where=body.where,
        )
        return planned, back, read_campaign(reader, name)

    planned, back, campaign = await control.threads.run(plan, service.reader)
    if not body.dry_run:
        for number, portion in enumerate(portions_of(planned, back, campaign, now)):
            placed = await service.write(portion if number else reset_change(planned, caller.actor, now, portion))
            if isinstance(placed, LeadsPlaced):
                service.leads_stored(LeadsStored(((name, placed.zone_groups),)))
        planned = replace(planned, stored=True)
    return CampaignReset.model_validate(planned.as_dict())


@router.get("/{name:path}/summary", tags=["reports"], summary="What came of it: waits until it is summed up")
async def summary(
    control: ControlOf, caller: Reports, name: str, since: From = None, until: To = None
) -> dict[str, object]:
    """The document of `dialer report --json`. Over many attempts it takes long: `reports` tells its progress."""
    started = await _report(control, caller, name, since, until)
    job = await control.jobs.ended(started.job_id)
    if job.result is None:
        raise wrong_input(job.error)
    return job.result


@router.get("/{name:path}/funnel", summary="How many leads may be dialed, and what keeps each of the others")
async def funnel(control: ControlOf, caller: Sees, name: str, at: At = None) -> FunnelAnswer:
    """The document of `dialer funnel --json`. Of now it may be some seconds old; of a large campaign it takes
    seconds to count, in a process of its own."""
    await _find(control, caller, name)
    if at is not None and at < control.service.clock.now():
        raise wrong_input("at: where leads stood is not kept; ask about now (leave it out) or later")
    return await control.funnels.funnel(name, at)


@router.get("/{name:path}/callbacks", summary="What was promised to whom, and what became of it")
async def callbacks(
    control: ControlOf, caller: Sees, name: str, only_open: Annotated[bool, Query(alias="open")] = False
) -> Callbacks:
    """The document of `dialer callbacks --json`."""
    await _find(control, caller, name)

    def read(reader: Reader) -> Callbacks:
        return Callbacks.model_validate(list_callbacks(reader, name, only_open=only_open).as_dict())

    return await control.threads.run(read, control.service.reader)


@router.post("/{name:path}/reports", tags=["reports"], summary="Sum up what came of it, as a job", status_code=202)
async def report(control: ControlOf, caller: Reports, name: str, since: From = None, until: To = None) -> JobRow:
    return await _report(control, caller, name, since, until)


@router.get("/{name:path}", summary="A campaign, with its text")
async def campaign(control: ControlOf, caller: Sees, name: str) -> CampaignDetail:
    await _find(control, caller, name)

    def read(reader: Reader) -> CampaignDetail:
        stored = reader.campaign(name)
        if stored is None:
            raise LookupError(name)
        try:
            document = show_campaign(reader, name, control.service.settings.rules)
        except CampaignsError:  # of an earlier version: there is its text, at least
            document = {}
        entry = campaign_entry(reader, stored)
        return CampaignDetail(**entry.model_dump(), campaign=document, toml=stored.body)

    return await control.threads.run(read, control.service.reader)


@router.put("/{name:path}", summary="Add a campaign, or replace its text")
async def put_campaign(
    control: ControlOf, caller: Annotated[Caller, needs(Permission.CAMPAIGNS_EDIT)], name: str, body: CampaignText
) -> CampaignAdded:
    """`name` in full, as the text says it. Leads keep their places; new ones get theirs before the answer."""
    service = control.service
    if not caller.sees(name):
        caller.find("campaign", name, (), _ADVICE)
    checked, replaced = await control.threads.run(_check, control, caller, name, body)
    campaign, now = checked.campaign, service.clock.now()
    order = campaign.order.value
    save = SaveCampaign(name, checked.body, campaign.lists, order, now, body.order_seed)
    action = "campaign.replace" if replaced else "campaign.add"
    change = caller.actor.change(now, action, name, client_of(name), source_hash=campaign.source_hash)
    await service.write(Audited(save, change))
    grouping: str | None = grouping_of(campaign, service.settings.rules.rules_of(campaign)).to_text()
    more = True
    while more:
        placed = await service.write(PlaceLeads(name, PORTION, grouping))
        if not isinstance(placed, LeadsPlaced):
            raise TypeError(f"PlaceLeads was answered with {placed!r}")
        if replaced and placed.zone_groups:  # it may be being dialed
            service.leads_stored(LeadsStored(((name, placed.zone_groups),)))
        more, grouping = placed.more, None  # said once: see `PlaceLeads`
    state = await service.campaign_saved(name)
    counts = await control.threads.run(service.reader.lead_counts, name)
    return CampaignAdded(
        campaign=name,
        replaced=replaced,
        state=state,
        leads=counts.total,
        warnings=problem_rows(checked.warnings),
    )


def _check(control: Control, caller: Caller, name: str, body: CampaignText) -> tuple[Checked, bool]:
    reader, settings = control.service.reader, control.service.settings
    checked = check_text(
        body.toml,
        body.filename,
        lists=caller.visible(summary.name for summary in reader.lists()),
        trunks=[trunk.name for trunk in settings.trunks],
        settings=settings,
        told=caller.client,
        try_prompt=control.service.try_prompt,
    )
    if checked.campaign.name != name:
        raise wrong_input(
            f'the text is of campaign "{checked.campaign.name}", the address says "{name}"; let both be the same'
        )
    if checked.missing_lists:
        raise CampaignFileError(checked.missing_lists)
    return checked, reader.campaign(name) is not None


async def _move(
    control: Control, caller: Caller, name: str, step: Callable[[str, Actor], Awaitable[CampaignMoved]]
) -> CampaignMoved:
    if not (caller.sees(name) and control.service.knows(name)):  # else no database is needed to stop the dialing
        await _find(control, caller, name)
    if control.service.state == "starting":
        text = "the service is still starting; ask again when /readyz says so"
        raise Refused(503, "not_ready", text, retry_after_s=1.0)
    try:
        return await step(name, caller.actor)
    except Exception as error:
        known = as_storage_error(error)  # what it reads before it is started
        if known is error:
            raise
        raise known from error


async def _report(control: Control, caller: Caller, name: str, since: float | None, until: float | None) -> JobRow:
    await _find(control, caller, name)
    check_period(since, until)
    return control.jobs.start(ReportWork(campaign=name, since=since, until=until), caller, name, client_of(name))


async def _find(control: Control, caller: Caller, name: str) -> None:
    """Raises `UnknownName`."""
    found = await control.threads.run(control.service.reader.campaigns)
    caller.find("campaign", name, [stored.name for stored in found], _ADVICE)
