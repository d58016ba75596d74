"""Who asks, what they may do, and whose data they may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request

from dialer.api.roles import Permission
from dialer.errors import UnknownName
from dialer.ports.access import Actor
from dialer.web.refusals import not_allowed, not_authenticated
from lists.client import HOUSE, client_of


@dataclass(frozen=True, slots=True)
class Caller:
    """`token_id`: of the token shown, "" for somebody on the home's own socket. `desk`: the agent whose desk is
    theirs. `until`: when the token expires (seconds UTC), None for never."""

    actor: Actor
    permissions: frozenset[Permission]
    token_id: str = ""
    desk: str = ""
    until: float | None = None

    @property
    def client(self) -> str:
        """The client whose data alone they may see and touch; "" for all."""
        return self.actor.client

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def sees(self, name: str) -> bool:
        """Whether the campaign or list of this full name is theirs to see."""
        return self.sees_client(client_of(name))

    def sees_client(self, client: str) -> bool:
        return self.client in (HOUSE, client)

    def visible(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if self.sees(name)]

    def find(self, kind: str, name: str, known: Iterable[str], advice: str = "") -> str:
        """The name, if it is there and theirs. Raises `UnknownName`, which tells of another client's name no more
        than of one that does not exist."""
        visible = self.visible(known)
        if name not in visible:
            raise UnknownName(kind, name, visible, advice)
        return name


class Needs:
    """A route's guard: the caller, if they have the permission. None: whoever is known. `house`: what it is about
    belongs to no client, so that a client's own callers may not."""

    def __init__(self, permission: Permission | None, *, house: bool = False) -> None:
        self.permission = permission
        self.house = house

    def __call__(self, request: Request) -> Caller:
        caller = getattr(request.state, "caller", None)
        if not isinstance(caller, Caller):
            raise not_authenticated("show a token: Authorization: Bearer …")
        if self.permission is not None and not caller.may(self.permission):
            raise not_allowed(
                f"{caller.actor.name} ({caller.actor.role}) lacks the permission {self.permission.value}; ask an"
                " admin for a token that has it"
            )
        if self.house and caller.client != HOUSE:
            raise not_allowed(
                f"{caller.actor.name} belongs to client {caller.client}, and this is about the whole installation;"
                " ask the house"
            )
        return caller


def needs(permission: Permission | None, *, house: bool = False) -> Any:
    """For a route's parameter: `caller: Annotated[Caller, needs(Permission.FLOOR_READ)]`."""
    return Depends(Needs(permission, house=house))


def guard_of(dependencies: Iterable[Callable[..., Any] | None]) -> Needs | None:
    """The guard among a route's dependencies."""
    return next((one for one in dependencies if isinstance(one, Needs)), None)
