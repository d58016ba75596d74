"""Who else is in conversations: supervisors at an agent's, third parties at a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Path

from dialer.api.conversations import ConsultAsked, PhoneAsked, SupervisionAsked, SupervisionRow, Supervisions
from dialer.api.holdings import Accepted
from dialer.api.roles import Permission
from dialer.errors import UnknownName
from dialer.ports.store import SaveChange
from dialer.telephony.parties import Mode
from dialer.web.caller import Caller, needs
from dialer.web.control import Control, ControlOf
from dialer.web.refusals import wrong_input
from dialer.web.router import Router
from dialer.web.routes.agents import AgentId, check_desk, record_act
from lists.client import client_of

router = Router(prefix="/v1")

AttemptId = Annotated[int, Path(ge=1, lt=2**63)]
Listener = Annotated[Caller, needs(Permission.CALLS_LISTEN)]
Desk = Annotated[Caller, needs(Permission.AGENTS_WORK)]


@router.get("/supervisions", tags=["agents"], summary="Who is with which agent")
async def supervisions(control: ControlOf, caller: Listener) -> Supervisions:
    return Supervisions(
        supervisions=[
            SupervisionRow(agent_id=one.agent_id, phone=one.phone_id, mode=one.mode.value, up=one.is_up)
            for one in control.service.conversations.supervisions()
            if caller.sees(control.service.campaign_of(one.agent_id) or "")
        ]
    )


@router.post("/agents/{agent_id}/supervision", tags=["agents"], summary="Listen, whisper, barge in")
async def supervise(control: ControlOf, caller: Listener, agent_id: AgentId, body: SupervisionAsked) -> Accepted:
    """The phone is called, and is with every conversation of the agent until it is hung up, there or by `/end`.
    Asked again it changes how. On record before anybody is heard."""
    campaign = _on_duty(control, caller, agent_id)
    await _record(control, caller, body.mode, agent_id, campaign, phone=body.phone)
    _on_duty(control, caller, agent_id)  # again: by now they may work for somebody else
    control.service.conversations.supervise(agent_id, body.phone, Mode(body.mode))
    return Accepted()


@router.post("/agents/{agent_id}/supervision/end", tags=["agents"], summary="Leave the agent's conversations")
async def leave(control: ControlOf, caller: Listener, agent_id: AgentId, body: PhoneAsked) -> Accepted:
    campaign = _on_duty(control, caller, agent_id)
    control.service.conversations.leave(agent_id, body.phone)
    return await _record(control, caller, "left", agent_id, campaign, phone=body.phone)


@router.post("/calls/{attempt_id}/consult", tags=["calls"], summary="Ask somebody, while the contact is held")
async def consult(control: ControlOf, caller: Desk, attempt_id: AttemptId, body: ConsultAsked) -> Accepted:
    """The phone, or a number outside, is called for the agent who has the contact. Until a `/join` they talk
    alone. A number outside is called over the campaign's trunks, within the walls of its leads, and is on record
    before."""
    agent_id = _agent_in(control, caller, attempt_id)
    if body.number is not None:
        await control.service.conversations.consult_outside(attempt_id, body.number, caller.actor)
        return Accepted()
    if body.phone is None:
        raise wrong_input("give phone or number")
    control.service.conversations.consult(attempt_id, body.phone)
    return await _step(control, caller, "consult", agent_id, attempt_id, phone=body.phone)


@router.post("/calls/{attempt_id}/consult/join", tags=["calls"], summary="All three talk")
async def join(control: ControlOf, caller: Desk, attempt_id: AttemptId) -> Accepted:
    return await _do(control, caller, "join", attempt_id, control.service.conversations.join)


@router.post("/calls/{attempt_id}/consult/complete", tags=["calls"], summary="Hand the contact over")
async def complete(control: ControlOf, caller: Desk, attempt_id: AttemptId) -> Accepted:
    """The agent leaves, and wraps up. The call ends when the contact or the third party hangs up."""
    return await _do(control, caller, "complete", attempt_id, control.service.conversations.complete)


@router.post("/calls/{attempt_id}/consult/drop", tags=["calls"], summary="The contact and the agent alone again")
async def drop(control: ControlOf, caller: Desk, attempt_id: AttemptId) -> Accepted:
    return await _do(control, caller, "drop", attempt_id, control.service.conversations.drop)


async def _do(control: Control, caller: Caller, step: str, attempt_id: int, do: Callable[[int], None]) -> Accepted:
    agent_id = _agent_in(control, caller, attempt_id)
    do(attempt_id)
    return await _step(control, caller, step, agent_id, attempt_id)


def _agent_in(control: Control, caller: Caller, attempt_id: int) -> str:
    """Who has the contact of this call, at a desk that is the caller's to work at. Raises `UnknownName`,
    `Refused`."""
    agent_id = control.service.conversations.agent_in(attempt_id)
    if agent_id is None:
        raise UnknownName("conversation", str(attempt_id), (), "`GET /v1/calls` lists those that agents have")
    check_desk(control, caller, agent_id)
    return agent_id


def _on_duty(control: Control, caller: Caller, agent_id: str) -> str:
    """The campaign that the agent works for. Raises `UnknownName`."""
    campaign = control.service.campaign_of(agent_id)
    if campaign is None or not caller.sees(campaign):
        raise UnknownName("agent on duty", agent_id, (), "`GET /v1/agents` lists them")
    return campaign


async def _step(
    control: Control, caller: Caller, step: str, agent_id: str, attempt_id: int, **detail: str
) -> Accepted:
    campaign = control.service.campaign_of(agent_id) or ""
    attempt = str(attempt_id)
    return await record_act(control, caller, f"transfer.{step}", agent_id, campaign, attempt=attempt, **detail)


async def _record(
    control: Control, caller: Caller, act: str, agent_id: str, campaign: str, **detail: str
) -> Accepted:
    now = control.service.clock.now()
    change = caller.actor.change(now, f"agent.{act}", agent_id, client_of(campaign), campaign=campaign, **detail)
    await control.service.write(SaveChange(change))
    return Accepted()
