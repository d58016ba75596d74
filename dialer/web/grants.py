"""Tokens and users, made and taken away.

Nobody gives what they do not have: a token or a user is never wider than the one who makes it, neither in what it
may do, nor in whose data it sees, nor (a token made with a token) in how long it holds.
"""

from __future__ import annotations

from dialer.api.access import Bearer, NewToken, NewUser, TokenRow, UserRow
from dialer.api.roles import Permission, Role, permissions
from dialer.errors import UnknownName
from dialer.ports.access import StoredToken, StoredUser
from dialer.ports.store import RemoveUser, SaveUser
from dialer.web.access import Access
from dialer.web.caller import Caller
from dialer.web.refusals import not_allowed, wrong_input
from lists.client import HOUSE, is_client


class Grants:
    """What an admin does about access."""

    def __init__(self, access: Access) -> None:
        self._access = access

    # --- tokens --------------------------------------------------------------------------------------------

    async def make_token(self, caller: Caller, new: NewToken) -> Bearer:
        """Raises `Refused` (403 for one wider than its maker)."""
        client = self._given_client(caller, new.client)
        self._check_not_wider(caller, permissions(new.role, frozenset(new.scopes)))
        if not new.name.isprintable():
            raise wrong_input("name: has line breaks or control characters; leave them out")
        expires_at = None if new.expires_in_s is None else self._access.clock.now() + new.expires_in_s
        made_with_token = caller.actor.name.startswith("token:") and caller.until is not None
        if made_with_token and (expires_at is None or expires_at > (caller.until or 0.0)):
            raise not_allowed("a token must not outlive the one it is made with")
        scopes = tuple(sorted(scope.value for scope in new.scopes))
        return await self._access.issue(
            caller.actor, "token.make", new.name, new.role.value, client, scopes, expires_at, ""
        )

    async def tokens(self, caller: Caller) -> list[TokenRow]:
        found = await self._access.threads.run(lambda: self._access.reader().tokens())
        return [_token_row(token) for token in found if caller.sees_client(token.client)]

    async def revoke(self, caller: Caller, token_id: str) -> None:
        """Raises `UnknownName`."""
        token = await self._access.threads.run(lambda: self._access.reader().token(token_id))
        if token is None or not caller.sees_client(token.client):
            raise UnknownName("token", token_id, (), "`GET /v1/tokens` lists them")
        await self._access.withdraw(caller, token_id, "token.revoke", token.client)

    # --- users ---------------------------------------------------------------------------------------------

    async def save_user(self, caller: Caller, name: str, new: NewUser) -> UserRow:
        """Add a user, or give one of that name another role, client and password; their sessions end. Raises
        `Refused` (403), `UnknownName` when the name is another client's user."""
        client = self._given_client(caller, new.client)
        self._check_not_wider(caller, permissions(new.role))
        if not 0 < len(name) <= 64 or not name.isprintable() or name != name.strip() or "/" in name:
            raise wrong_input("name: up to 64 characters without control characters, slashes or spaces at an end")
        old = await self._access.threads.run(lambda: self._access.reader().user(name))
        if old is not None:
            self._check_replaceable(caller, old)
        hashed = await self._access.hashing.run(self._access.passwords.hash, new.password)
        user = StoredUser(name, new.role.value, client, hashed, self._access.clock.now())
        await self._access.audited(
            caller.actor, SaveUser(user), "user.replace" if old else "user.add", name, client, role=user.role
        )
        return _user_row(user)

    async def users(self, caller: Caller) -> list[UserRow]:
        found = await self._access.threads.run(lambda: self._access.reader().users())
        return [_user_row(user) for user in found if caller.sees_client(user.client)]

    async def remove_user(self, caller: Caller, name: str) -> None:
        """Raises `UnknownName`, `Refused` (403)."""
        user = await self._access.threads.run(lambda: self._access.reader().user(name))
        if user is None:
            raise UnknownName("user", name, (), "`GET /v1/users` lists them")
        self._check_replaceable(caller, user)
        await self._access.audited(
            caller.actor, RemoveUser(name, self._access.clock.now()), "user.remove", name, user.client
        )

    def _check_not_wider(self, caller: Caller, asked: frozenset[Permission]) -> None:
        wider = sorted(permission.value for permission in asked - caller.permissions)
        if wider:
            raise not_allowed(f"{caller.actor.name} cannot give what they do not have: {', '.join(wider)}")

    def _check_replaceable(self, caller: Caller, user: StoredUser) -> None:
        """Whoever could give a wider user a new password could become them."""
        if not caller.sees_client(user.client):
            raise UnknownName("user", user.name, (), "`GET /v1/users` lists them")
        self._check_not_wider(caller, permissions(Role(user.role)))

    def _given_client(self, caller: Caller, client: str) -> str:
        """The client named, or the caller's own. Raises `Refused`."""
        if client != HOUSE and not is_client(client):
            raise wrong_input(
                f"client: {client!r} is no name; use up to 64 letters, digits, dots, dashes, underscores"
            )
        if not caller.sees_client(client or caller.client):
            raise not_allowed(f"{caller.actor.name} belongs to client {caller.client} and cannot go beyond it")
        return client or caller.client


def _token_row(token: StoredToken) -> TokenRow:
    return TokenRow(
        token_id=token.token_id,
        name=token.name,
        role=Role(token.role),
        client=token.client,
        scopes=[Permission(scope) for scope in token.scopes],
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        user=token.user,
    )


def _user_row(user: StoredUser) -> UserRow:
    return UserRow(name=user.name, role=Role(user.role), client=user.client, added_at=user.added_at)
