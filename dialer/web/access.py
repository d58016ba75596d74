"""Who somebody is: tokens looked up, users logged in and out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from dialer.api.access import Bearer, Login
from dialer.api.endpoint import VIAS
from dialer.api.roles import Permission, Role, permissions
from dialer.clock import Clock
from dialer.ports.access import Actor, StoredToken, StoredUser
from dialer.ports.store import (
    Answer,
    Audited,
    Plain,
    Reader,
    RevokeToken,
    SaveToken,
    SaveUser,
    Write,
)
from dialer.storage.errors import StorageError
from dialer.web.caller import Caller
from dialer.web.credentials import Passwords, make_secret, same_secret, secret_hash, split_token
from dialer.web.login_throttle import LoginThrottle, place_of
from dialer.web.refusals import Refused, not_authenticated
from dialer.web.threads import Threads
from lists.client import HOUSE

SESSION_S = 12 * 3_600.0
"""How long a log-in holds: a shift, not a week."""

WAITING_LOGINS = 8
"""Passwords that may wait to be looked at; more are told to come again."""

_REFUSED = "the token is not known here, or has expired or been revoked; log in again, or ask an admin for another"
_WRONG = "user or password is wrong"
_LENT_LIMIT = 1_000
_SEEN_LIMIT = 1_000


class Access:
    """`write` commits and answers. One for a running service; made in its event loop's thread."""

    def __init__(
        self,
        *,
        reader: Callable[[], Reader],
        write: Callable[[Write], Awaitable[Answer]],
        clock: Clock,
        threads: Threads,
        passwords: Passwords | None = None,
    ) -> None:
        self.reader = reader
        self.clock = clock
        self.threads = threads
        self._write = write
        self.hashing = Threads(1)  # each hash takes a whole processor and 64 MiB
        self.passwords = passwords or Passwords()
        self._throttle = LoginThrottle()
        self._lent: OrderedDict[str, tuple[str, Caller]] = OrderedDict()
        self._seen: OrderedDict[str, tuple[StoredToken | None, StoredUser | None]] = OrderedDict()
        self._changes = 0

    # --- who is it -----------------------------------------------------------------------------------------

    def on_socket(self, user: str, via: str) -> Caller:
        """Somebody on this machine who could open the home's own socket: they own the home anyway."""
        actor = Actor(f"os:{user}", Role.ADMIN.value, HOUSE, _via(via))
        return Caller(actor, permissions(Role.ADMIN))

    async def bearer(self, text: str, via: str) -> Caller:
        """Who shows this token. Raises `Refused` (401)."""
        parts = split_token(text)
        if parts is None:
            raise not_authenticated("this is no token of this service; it looks like rp_<id>_<secret>")
        token_id, secret = parts
        if token_id in self._lent:
            kept, lent = self._lent[token_id]
            if not same_secret(secret, kept):
                raise not_authenticated(_REFUSED)
            return lent
        stored, user = await self._find(token_id)
        # Compared even when there is none, so that the time it takes does not tell which ids exist.
        right = same_secret(secret, stored.secret_hash if stored is not None else secret_hash(""))
        if stored is None or not right or not self._holds(stored, user):
            raise not_authenticated(_REFUSED)
        role = Role(stored.role)
        scopes = frozenset(Permission(scope) for scope in stored.scopes)
        name = f"user:{stored.user}" if stored.user else f"token:{stored.name}"
        actor = Actor(name, role.value, stored.client, _via(via))
        return Caller(
            actor, permissions(role, scopes), token_id, desk=stored.user or stored.name, until=stored.expires_at
        )

    def lend(self, caller: Caller) -> str:
        """A token for work that this service does in another process for the caller: it may do what they may, is
        known to this process alone, and is taken back with `take_back`."""
        secret = make_secret()
        while len(self._lent) >= _LENT_LIMIT:
            self._lent.popitem(last=False)
        self._lent[secret.token_id] = (secret.secret_hash, caller)
        return secret.text

    def take_back(self, text: str) -> None:
        parts = split_token(text)
        if parts is not None:
            self._lent.pop(parts[0], None)

    async def _find(self, token_id: str) -> tuple[StoredToken | None, StoredUser | None]:
        """As stored; while the store is away, as it was seen last: nothing of it can have been changed since, for
        that takes the store too."""
        changes = self._changes
        try:
            found = await self.threads.run(self._look_up, token_id)
        except StorageError:
            if token_id not in self._seen:
                raise
            return self._seen[token_id]
        if changes == self._changes and found[0] is not None:
            self._seen[token_id] = found
            self._seen.move_to_end(token_id)
            if len(self._seen) > _SEEN_LIMIT:
                self._seen.popitem(last=False)
        return found

    def _look_up(self, token_id: str) -> tuple[StoredToken | None, StoredUser | None]:
        reader = self.reader()
        token = reader.token(token_id)
        return token, reader.user(token.user) if token is not None and token.user else None

    def _holds(self, token: StoredToken, user: StoredUser | None) -> bool:
        """A session ends with its user, and when their role, client or password is changed (`added_at`)."""
        if token.state(self.clock.now()) != "holds":
            return False
        if not token.user:
            return True
        return (
            user is not None
            and (user.role, user.client) == (token.role, token.client)
            and user.added_at <= token.created_at
        )

    # --- log-in --------------------------------------------------------------------------------------------

    async def log_in(self, login: Login, source: str, via: str) -> Bearer:
        """A session for a user. `source`: where from. Raises `Refused` (401, 429)."""
        keys = (f"user:{login.user}", f"from:{place_of(source)}")
        now = self.clock.now()
        wait_s = self._throttle.wait_s(keys, now)
        if wait_s > 0.0 or self.hashing.waiting >= WAITING_LOGINS:
            text = "too many attempts to log in; wait a little and try again"
            raise Refused(429, "too_many_attempts", text, retry_after_s=max(wait_s, 1.0))
        self._throttle.failed(keys, now)
        user = await self.threads.run(lambda: self.reader().user(login.user))
        kept = user.password_hash if user is not None else None
        if not await self.hashing.run(self.passwords.verify, kept, login.password) or user is None:
            raise not_authenticated(_WRONG)
        self._throttle.succeeded(keys)
        if self.passwords.outdated(user.password_hash):
            fresh = await self.hashing.run(self.passwords.hash, login.password)
            await self._write(SaveUser(StoredUser(user.name, user.role, user.client, fresh, user.added_at)))
        actor = Actor(f"user:{user.name}", user.role, user.client, _via(via))
        expires_at = self.clock.now() + SESSION_S
        return await self.issue(actor, "login", "session", user.role, user.client, (), expires_at, user.name)

    async def log_out(self, caller: Caller) -> None:
        """The token shown is refused from now on. Raises `Refused` (409) on the socket without one."""
        if not caller.token_id:
            raise Refused(409, "conflict", "there is no token to take back: the socket's owner is always known")
        await self.withdraw(caller, caller.token_id, "logout", caller.client)

    # --- tokens --------------------------------------------------------------------------------------------

    async def issue(
        self,
        actor: Actor,
        action: str,
        name: str,
        role: str,
        client: str,
        scopes: tuple[str, ...],
        expires_at: float | None,
        user: str,
    ) -> Bearer:
        """A new token, kept by its hash. `user`: whose session it is, "" for one that stands for itself."""
        secret = make_secret()
        token = StoredToken(
            token_id=secret.token_id,
            name=name,
            role=role,
            client=client,
            scopes=scopes,
            secret_hash=secret.secret_hash,
            created_at=self.clock.now(),
            expires_at=expires_at,
            user=user,
        )
        await self.audited(
            actor, SaveToken(token), action, user or name, client, token_id=secret.token_id, role=role
        )
        return Bearer(
            token=secret.text, token_id=secret.token_id, role=Role(role), client=client, expires_at=expires_at
        )

    async def withdraw(self, caller: Caller, token_id: str, action: str, client: str) -> None:
        """The token is refused from now on. `client`: whose it is."""
        await self.audited(caller.actor, RevokeToken(token_id, self.clock.now()), action, token_id, client)

    async def audited(
        self, actor: Actor, write: Plain, action: str, subject: str, client: str, **detail: str
    ) -> None:
        """The write and who made it, in one transaction."""
        change = actor.change(self.clock.now(), action, subject, client, **detail)
        try:
            await self._write(Audited(write, change))
        finally:  # what was looked up before may be out of date, and it may be stored though we are not told so
            self._changes += 1
            self._seen.clear()


def _via(text: str) -> str:
    return text if text in VIAS else VIAS[0]
