"""The service itself: health, metrics, settings, its end; and the floor."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from dialer.api.holdings import Accepted, Health, Reloaded, SettingsShown
from dialer.api.roles import Permission
from dialer.api.schemas import Overview
from dialer.web.caller import Caller, needs
from dialer.web.control import ControlOf
from dialer.web.router import Router
from dialer.web.settings_shown import shown
from dialer.web.streams import EventStream

router = Router()


@router.get(
    "/healthz", tags=["service"], summary="Whether the service is alive", responses={503: {"model": Health}}
)
async def healthz(control: ControlOf, response: Response) -> Health:
    """That this is answered shows the event loop alive; the journal is asked to commit. 503 when it does not."""
    wrong = await control.writer.wrong()
    response.status_code = 503 if wrong else 200
    return Health(status="ill" if wrong else "ok", checks={"loop": "ok", "journal": wrong or "ok"})


@router.get("/readyz", tags=["service"], summary="Whether the service dials", responses={503: {"model": Health}})
async def readyz(control: ControlOf, response: Response) -> Health:
    """503 while it starts (`starting`) and while it stops (`draining`)."""
    state = control.service.state
    response.status_code = 200 if state == "running" else 503
    return Health(status=state, checks={"service": state})


@router.get("/metrics", tags=["service"], summary="Metrics for Prometheus", response_class=Response)
async def metrics(
    control: ControlOf, caller: Annotated[Caller, needs(Permission.METRICS_READ, house=True)]
) -> Response:
    return Response(control.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get(
    "/v1/overview",
    tags=["floor"],
    summary="Everything of the floor that the caller may see, now",
    response_model=Overview,
)
async def overview(control: ControlOf, caller: Annotated[Caller, needs(Permission.FLOOR_READ)]) -> Response:
    # As JSON already: the framework would look through every row once more, in the loop that dials.
    document = control.service.overview(caller.client).model_dump_json()
    return Response(document, media_type="application/json")


@router.get(
    "/v1/stream",
    tags=["floor"],
    summary="The overview as server-sent events",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream(
    request: Request,
    control: ControlOf,
    caller: Annotated[Caller, needs(Permission.FLOOR_READ)],
    every: Annotated[int, Query(ge=1, le=60, description="Seconds between two overviews.")] = 1,
) -> Response:
    """Events `overview`, each with an `Overview`: one at once, then one every `every` seconds."""
    token = request.headers.get("authorization", "")[len("bearer ") :].strip()
    events = control.floor.events(caller.client, every)
    return EventStream(events, control.closing, lambda: control.still_allowed(caller, token))


@router.get("/v1/settings", tags=["service"], summary="The settings in force, secrets left out")
async def settings(
    control: ControlOf, caller: Annotated[Caller, needs(Permission.SETTINGS_READ, house=True)]
) -> SettingsShown:
    return SettingsShown(settings=shown(control.service.settings))


@router.post("/v1/settings/reload", tags=["service"], summary="Read dialer.toml again")
async def reload_settings(
    control: ControlOf, caller: Annotated[Caller, needs(Permission.SETTINGS_EDIT, house=True)]
) -> Reloaded:
    """A file with mistakes is refused whole, and the settings in force stay."""
    return await control.service.reload(caller.actor)


@router.post("/v1/service/stop", tags=["service"], summary="Drain and end", status_code=202)
async def stop_service(
    control: ControlOf, caller: Annotated[Caller, needs(Permission.SERVICE_STOP, house=True)]
) -> Accepted:
    """No new calls; those in progress finish, then the service ends. It needs no database for that."""
    change = caller.actor.change(control.service.clock.now(), "service.stop", "service")
    control.service.stop_soon()
    return Accepted(unstored=await control.service.note(change))
