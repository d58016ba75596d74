"""Log-in, tokens, users, and the log of changes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request

from dialer.api.access import Bearer, ChangeRow, Login, Me, NewToken, NewUser, UserRow
from dialer.api.endpoint import VIA_HEADER
from dialer.api.holdings import Accepted, Changes, Tokens, Users
from dialer.api.roles import Permission, Role
from dialer.api.schemas import PLAIN
from dialer.ports.access import StoredChange
from dialer.web.caller import Caller, needs
from dialer.web.control import ControlOf
from dialer.web.guard import Peer
from dialer.web.refusals import not_allowed
from dialer.web.router import Router

router = Router(tag="access")

Admin = Annotated[Caller, needs(Permission.ACCESS_EDIT)]
Anybody = Annotated[Caller, needs(None)]
MOST_CHANGES = 10_000


@router.post("/v1/login", summary="A session for a user", status_code=201)
async def login(request: Request, control: ControlOf, body: Login) -> Bearer:
    """The token holds for 12 hours. After a few failures each further attempt has to wait longer (429)."""
    peer = getattr(request.state, "peer", None)
    source = (
        request.client.host if request.client is not None else f"os:{peer.uid}" if isinstance(peer, Peer) else ""
    )
    return await control.access.log_in(body, source, request.headers.get(VIA_HEADER, ""))


@router.post("/v1/logout", summary="Take back the token shown")
async def logout(control: ControlOf, caller: Anybody) -> Accepted:
    await control.access.log_out(caller)
    return Accepted()


@router.get("/v1/me", summary="Who the caller is, and what they may do")
async def me(caller: Anybody) -> Me:
    actor = caller.actor
    return Me(name=actor.name, role=Role(actor.role), client=actor.client, permissions=sorted(caller.permissions))


@router.get("/v1/tokens", summary="Tokens, without their secrets")
async def tokens(control: ControlOf, caller: Admin) -> Tokens:
    return Tokens(tokens=await control.grants.tokens(caller))


@router.post("/v1/tokens", summary="Make a token", status_code=201)
async def make_token(control: ControlOf, caller: Admin, body: NewToken) -> Bearer:
    """Shown once. It is never wider than the one who makes it."""
    return await control.grants.make_token(caller, body)


@router.delete("/v1/tokens/{token_id}", summary="Revoke a token")
async def revoke_token(control: ControlOf, caller: Admin, token_id: str) -> Accepted:
    await control.grants.revoke(caller, token_id)
    return Accepted()


@router.get("/v1/users", summary="Users")
async def users(control: ControlOf, caller: Admin) -> Users:
    return Users(users=await control.grants.users(caller))


@router.put("/v1/users/{name}", summary="Add a user, or give them another role and password")
async def save_user(control: ControlOf, caller: Admin, name: str, body: NewUser) -> UserRow:
    """Sessions of a user who is changed end."""
    return await control.grants.save_user(caller, name, body)


@router.delete("/v1/users/{name}", summary="Remove a user; their sessions end")
async def remove_user(control: ControlOf, caller: Admin, name: str) -> Accepted:
    await control.grants.remove_user(caller, name)
    return Accepted()


@router.get("/v1/changes", tags=["changes"], summary="Who changed what, newest first")
async def changes(
    control: ControlOf,
    caller: Annotated[Caller, needs(Permission.CHANGES_READ)],
    since: Annotated[float, Query(description="Seconds UTC.", allow_inf_nan=False)] = 0.0,
    until: Annotated[float, Query(description="Seconds UTC.", allow_inf_nan=False)] = 1e12,
    limit: Annotated[int, Query(ge=1, le=MOST_CHANGES)] = 1_000,
    client: Annotated[
        str | None,
        Query(max_length=64, pattern=PLAIN, description="Of one client alone; for the house's callers."),
    ] = None,
) -> Changes:
    if client is not None and not caller.sees_client(client):
        raise not_allowed(f"{caller.actor.name} belongs to client {caller.client} and sees its changes alone")
    of = client if client is not None else caller.client or None
    reader = control.service.reader
    found = await control.threads.run(reader.changes, since=since, until=until, client=of, limit=limit)
    return Changes(changes=[_change_row(one) for one in found])


def _change_row(stored: StoredChange) -> ChangeRow:
    change = stored.change
    return ChangeRow(
        change_id=stored.change_id,
        at=change.at,
        by=change.by,
        role=change.role,
        via=change.via,
        client=change.client,
        action=change.action,
        subject=change.subject,
        detail=dict(change.detail),
    )
