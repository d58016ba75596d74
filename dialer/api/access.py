"""What goes over the control API about users, tokens and who changed what. As `schemas`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialer.api.roles import Permission, Role
from dialer.api.schemas import Asked, Shown, Word


class Login(Asked):
    user: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=1_024)]


class Bearer(Shown):
    """A token, shown once, when it is made: `Authorization: Bearer …`."""

    token: str
    token_id: str
    role: Role
    client: str
    expires_at: float | None


class Me(Shown):
    name: str
    role: Role
    client: str
    permissions: list[Permission]


LONGEST_TOKEN_S = 100 * 365.25 * 86_400.0


class NewToken(Asked):
    """`scopes`: permissions that narrow the role, none for all of it. `client`: "" for every client."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    role: Role
    client: Word = ""
    scopes: list[Permission] = Field(default_factory=list)
    expires_in_s: Annotated[float, Field(gt=0.0, le=LONGEST_TOKEN_S)] | None = None


class TokenRow(Shown):
    token_id: str
    name: str
    role: Role
    client: str
    scopes: list[Permission]
    created_at: float
    expires_at: float | None
    revoked_at: float | None
    user: str


class NewUser(Asked):
    role: Role
    client: Word = ""
    password: Annotated[str, Field(min_length=12, max_length=1_024)]


class UserRow(Shown):
    name: str
    role: Role
    client: str
    added_at: float


class ChangeRow(Shown):
    """See `dialer.ports.access.Change`."""

    change_id: int
    at: float
    by: str
    role: str
    via: str
    client: str
    action: str
    subject: str
    detail: dict[str, str]
