"""Agents at their desks, and calls in progress."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from fastapi import Path, Query, Request, Response

from campaigns.callback import Promise, moment_of, wall_of
from campaigns.consent import AgreedTo
from campaigns.zone_offsets import unknown_zones
from dialer.api.desks import (
    AgentDisposition,
    AgentLine,
    AgentLogin,
    AgentPause,
    CallbackAsked,
    PauseAsked,
    RecordingAsked,
)
from dialer.api.holdings import Accepted, Agents, Calls
from dialer.api.roles import Permission
from dialer.engine.events import (
    AgentHungUp,
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    Dispositioned,
    RecordingAgreed,
    RecordingPaused,
)
from dialer.errors import UnknownName
from dialer.operations.open_campaign import read_campaign
from dialer.ports.store import Reader
from dialer.web.caller import Caller, needs
from dialer.web.control import Control, ControlOf
from dialer.web.refusals import Refused, not_allowed, wrong_input
from dialer.web.router import Router
from dialer.web.streams import EventStream
from lists.client import client_of

router = Router(prefix="/v1")

Desk = Annotated[Caller, needs(Permission.AGENTS_WORK)]
AgentId = Annotated[str, Path(max_length=64)]
MOST_AGENTS = 500
_BROADCAST = ip_address("255.255.255.255")


@router.get("/agents", tags=["agents"], summary="Agents: their state, and whom they talk to")
async def agents(control: ControlOf, caller: Annotated[Caller, needs(Permission.FLOOR_READ)]) -> Agents:
    return Agents(agents=control.service.overview(caller.client).agents)


@router.get(
    "/agents/stream",
    tags=["agents"],
    summary="Changes of agents' states as server-sent events",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def agents_stream(
    request: Request,
    control: ControlOf,
    caller: Desk,
    agent: Annotated[list[str], Query(min_length=1, max_length=MOST_AGENTS, description="Once for each agent.")],
) -> Response:
    """Events `agent`, each with an `AgentChange`: how those are who are on duty, then every change, in order. A
    desk that is too slow to take them is cut off, and begins anew. Agents are on duty for as long as their own
    caller, or the one who logged them in, reads this."""
    for agent_id in agent:
        check_desk(control, caller, agent_id)
    _check_started(control)
    token = request.headers.get("authorization", "")[len("bearer ") :].strip()
    events = control.desks.events(agent, caller)
    return EventStream(events, control.closing, lambda: control.still_allowed(caller, token))


@router.post("/agents/{agent_id}/login", tags=["agents"], summary="On duty for a campaign, paused at first")
async def agent_login(control: ControlOf, caller: Desk, agent_id: AgentId, body: AgentLogin) -> AgentLine:
    """Without `phone` the agent's own is called; who is ready is `unreachable` until it has answered. With one,
    answers where the agent's audio (RTP) is to be sent. The agent's stream is to be open by then, or shortly
    after."""
    check_desk(control, caller, agent_id)
    found = await control.threads.run(control.service.reader.campaigns)
    caller.find("campaign", body.campaign, [stored.name for stored in found])
    phone = None if body.phone is None else _phone(body.phone)
    _check_running(control)
    check_desk(control, caller, agent_id)  # again: somebody may have logged the agent in meanwhile
    at = control.service.campaign_of(agent_id)
    if at is not None:
        raise Refused(409, "conflict", f"agent {agent_id} is on duty already, for {at}; log out first")
    line = ""
    if phone is not None:
        line = "{}:{}".format(*control.service.open_line(agent_id, phone))
    elif not control.service.has_phone(agent_id):
        text = "give them phone = or password = under [[agent]] in dialer.toml, or send `phone`"
        raise wrong_input(f"phone: agent {agent_id} has none; {text}")
    control.desks.log_in(agent_id, body.campaign, caller)
    if phone is None:
        control.service.call_phone(agent_id)
    await record_act(control, caller, "login", agent_id, body.campaign)
    return AgentLine(agent_id=agent_id, line=line)


@router.post("/agents/{agent_id}/ready", tags=["agents"], summary="Ready for a contact")
async def agent_ready(control: ControlOf, caller: Desk, agent_id: AgentId) -> Accepted:
    campaign = _check_on_duty(control, caller, agent_id)
    if control.desks.is_lost(agent_id):
        text = f"nobody reads the stream of agent {agent_id}; open /v1/agents/stream?agent={agent_id} first"
        raise Refused(409, "conflict", text)
    control.service.post(AgentReady(agent_id))
    return await record_act(control, caller, "ready", agent_id, campaign)


@router.post("/agents/{agent_id}/pause", tags=["agents"], summary="Pause, after the present contact")
async def agent_pause(control: ControlOf, caller: Desk, agent_id: AgentId, body: AgentPause) -> Accepted:
    campaign = _check_on_duty(control, caller, agent_id)
    control.service.post(AgentPaused(agent_id, body.code))
    return await record_act(control, caller, "pause", agent_id, campaign, code=body.code)


@router.post("/agents/{agent_id}/logout", tags=["agents"], summary="Off duty, after the present contact")
async def agent_logout(control: ControlOf, caller: Desk, agent_id: AgentId) -> Accepted:
    """The line stays until the agent is off duty."""
    campaign = _check_on_duty(control, caller, agent_id)
    control.service.post(AgentLoggedOut(agent_id))
    return await record_act(control, caller, "logout", agent_id, campaign)


@router.post("/agents/{agent_id}/hangup", tags=["agents"], summary="End the conversation")
async def agent_hangup(control: ControlOf, caller: Desk, agent_id: AgentId) -> Accepted:
    campaign = _check_on_duty(control, caller, agent_id)
    present = control.service.present(agent_id)
    attempt = "" if present is None or present.attempt_id is None else str(present.attempt_id)
    control.service.post(AgentHungUp(agent_id))
    return await record_act(control, caller, "hangup", agent_id, campaign, attempt=attempt)


@router.post("/agents/{agent_id}/recording", tags=["agents"], summary="Consent to a recording, and its pauses")
async def agent_recording(control: ControlOf, caller: Desk, agent_id: AgentId, body: RecordingAsked) -> Accepted:
    """Of the conversation that the agent is in. Whether anything is recorded at all is for rules and campaign."""
    campaign = _check_on_duty(control, caller, agent_id)
    present = control.service.present(agent_id)
    attempt_id = None if present is None else present.attempt_id
    if attempt_id is None:
        raise Refused(409, "conflict", f"agent {agent_id} talks to nobody")
    state = control.service.recording_of(attempt_id)
    if state != _BEFORE[body.to]:
        raise Refused(409, "conflict", f"recording: {_WHY[state]}")
    if body.to == "agreed":
        control.service.post(RecordingAgreed(agent_id, attempt_id))
    else:
        control.service.post(RecordingPaused(attempt_id, body.to == "paused"))
    return await record_act(control, caller, "recording", agent_id, campaign, attempt=str(attempt_id), to=body.to)


@router.post("/agents/{agent_id}/disposition", tags=["agents"], summary="What the conversation came to")
async def agent_disposition(
    control: ControlOf, caller: Desk, agent_id: AgentId, body: AgentDisposition
) -> Accepted:
    campaign = _check_on_duty(control, caller, agent_id)
    known = await control.threads.run(_disposition_codes, control.service.reader, campaign)
    if body.code not in known:
        raise wrong_input(f"code: campaign {campaign} has no disposition {body.code!r}; it has {', '.join(known)}")
    agreed = tuple(AgreedTo(one.kind, one.words) for one in body.agreed)
    control.service.post(Dispositioned(agent_id, body.attempt_id, body.code, _promise_of(body), agreed))
    detail = {"attempt": str(body.attempt_id), "code": body.code}
    if agreed:
        detail["agreed"] = " ".join(one.kind for one in agreed)
    return await record_act(control, caller, "disposition", agent_id, campaign, **detail)


def _promise_of(body: AgentDisposition) -> Promise | None:
    asked = body.callback
    if asked is None:
        if body.callback_at is None:
            return None
        asked = CallbackAsked(at=body.callback_at)
    promise = Promise(asked.at, asked.local or "", asked.zone, asked.agent_id, asked.consent)
    if promise.zone and unknown_zones((promise.zone,)):
        raise wrong_input(
            f"callback.zone: {promise.zone!r} is no time zone; write an IANA name like Europe/London"
        )
    try:
        if promise.at is None:
            moment_of(promise.wall, promise.zone or "UTC")
        else:
            wall_of(promise.at, promise.zone or "UTC")
    except ValueError as error:
        raise wrong_input(f"callback.{'local' if promise.at is None else 'at'}: {error}") from error
    return promise


@router.get("/calls", tags=["calls"], summary="Calls in progress")
async def calls(control: ControlOf, caller: Annotated[Caller, needs(Permission.FLOOR_READ)]) -> Calls:
    return Calls(calls=control.service.overview(caller.client).calls)


@router.post("/calls/{attempt_id}/hangup", tags=["calls"], summary="End a call")
async def hang_up(
    control: ControlOf,
    caller: Annotated[Caller, needs(Permission.CALLS_END)],
    attempt_id: Annotated[int, Path(ge=1, lt=2**63)],
) -> Accepted:
    client = control.service.client_of_call(attempt_id)
    if client is None or not caller.sees_client(client) or not control.service.hang_up(attempt_id):
        raise UnknownName("call in progress", str(attempt_id), (), "`GET /v1/calls` lists them")
    change = caller.actor.change(control.service.clock.now(), "call.hangup", f"attempt {attempt_id}", client)
    return Accepted(unstored=await control.service.note(change))


@router.post("/calls/{attempt_id}/recording", tags=["calls"], summary="Pause a recording, or go on with it")
async def pause_recording(
    control: ControlOf,
    caller: Annotated[Caller, needs(Permission.CALLS_RECORD)],
    attempt_id: Annotated[int, Path(ge=1, lt=2**63)],
    body: PauseAsked,
) -> Accepted:
    client = control.service.client_of_call(attempt_id)
    if client is None or not caller.sees_client(client):
        raise UnknownName("call in progress", str(attempt_id), (), "`GET /v1/calls` lists them")
    state = control.service.recording_of(attempt_id)
    if state != ("on" if body.paused else "paused"):
        raise Refused(409, "conflict", f"recording: {_WHY[state]}")
    control.service.post(RecordingPaused(attempt_id, body.paused))
    what = "call.recording.pause" if body.paused else "call.recording.resume"
    change = caller.actor.change(control.service.clock.now(), what, f"attempt {attempt_id}", client)
    return Accepted(unstored=await control.service.note(change))


_BEFORE = {"agreed": "ask", "paused": "on", "resumed": "paused"}
"""What has to be so before each can be asked for."""

_WHY = {
    "": "this conversation is not recorded",
    "ask": "it waits for the contact's consent",
    "starting": "it has not begun yet",
    "on": "it is on",
    "paused": "it is paused",
    "failed": "it has failed; the log says why",
}


def _disposition_codes(reader: Reader, campaign: str) -> list[str]:
    return [one.code for one in read_campaign(reader, campaign).dispositions]


def check_desk(control: Control, caller: Caller, agent_id: str) -> None:
    """That the caller may work at this agent's desk. Raises `Refused` (403), `UnknownName`."""
    if not caller.may(Permission.AGENTS_MANAGE) and agent_id != caller.desk:
        raise not_allowed(f"{caller.actor.name} may work at their own desk alone, which is agent {caller.desk!r}")
    at = control.service.campaign_of(agent_id)
    known = {agent.agent_id for agent in control.service.settings.agents}
    if (at is None and agent_id not in known) or (at is not None and not caller.sees(at)):
        raise UnknownName("agent", agent_id, (), "agents are described in dialer.toml under [[agent]]")


def _check_on_duty(control: Control, caller: Caller, agent_id: str) -> str:
    """The campaign that the agent is on duty for. Raises as `_check_desk`, and `Refused` (409)."""
    check_desk(control, caller, agent_id)
    campaign = control.service.campaign_of(agent_id)
    if campaign is None:
        raise Refused(409, "conflict", f"agent {agent_id} is not on duty; log in first")
    return campaign


async def record_act(
    control: Control, caller: Caller, act: str, agent_id: str, campaign: str, **detail: str
) -> Accepted:
    """Put it in the log of changes, unless it was done at the agent's own desk: that is the agent's work, and the
    record of time and attempts tells of it."""
    if not control.desks.works_at(agent_id, caller):
        now, client = control.service.clock.now(), client_of(campaign)
        change = caller.actor.change(now, f"agent.{act}", agent_id, client, campaign=campaign, **detail)
        return Accepted(unstored=await control.service.note(change))
    return Accepted()


def _check_started(control: Control) -> None:
    if control.service.state == "starting":
        _check_running(control)


def _check_running(control: Control) -> None:
    if control.service.state != "running":
        text = f"the service is {control.service.state}; come back once it runs"
        raise Refused(503, "not_ready", text, retry_after_s=2.0)


def _phone(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    try:
        address = ip_address(host)
    except ValueError:
        raise wrong_input(f"phone: {host!r} is no IP address") from None
    if address.is_unspecified or address.is_multicast or address == _BROADCAST:
        raise wrong_input(f"phone: {host} is no phone's address")
    if not 0 < int(port) < 65_536:
        raise wrong_input(f"phone: there is no port {port}")
    return host, int(port)
