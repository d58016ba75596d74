"""Users and tokens, made and taken away by commands: through the service, or by this process while none runs."""

from __future__ import annotations

from dialer.api.access import Bearer, NewToken, NewUser
from dialer.api.roles import Role
from dialer.app.reach import Reached
from dialer.clock import SystemClock
from dialer.errors import InputError
from dialer.operations.known_client import known_client
from dialer.ports.access import StoredToken, StoredUser
from dialer.ports.store import Audited, Plain, RemoveUser, RevokeToken, SaveToken, SaveUser
from dialer.web.credentials import Passwords, make_secret

LONGEST_NAME = 64


def add_token(reached: Reached, new: NewToken) -> Bearer:
    """The token, shown this once: only its hash is kept. Raises `UnknownName` for an unknown client."""
    client = known_client(reached.settings, new.client)
    if reached.service is not None:
        from dialer.api.requests import make_token

        return reached.service.call(make_token(new))
    now, secret = SystemClock().now(), make_secret()
    expires_at = None if new.expires_in_s is None else now + new.expires_in_s
    scopes = tuple(sorted(scope.value for scope in new.scopes))
    token = StoredToken(
        secret.token_id, new.name, new.role.value, client, scopes, secret.secret_hash, now, expires_at
    )
    _write(
        reached, SaveToken(token), "token.make", new.name, client, token_id=secret.token_id, role=new.role.value
    )
    return Bearer(
        token=secret.text, token_id=secret.token_id, role=Role(new.role), client=client, expires_at=expires_at
    )


def revoke_token(reached: Reached, token_id: str) -> None:
    """Refused from now on. Raises `LookupError` or `NotFound` for an unknown one."""
    if reached.service is not None:
        from dialer.api import requests

        reached.service.call(requests.revoke_token(token_id))
        return
    stored = reached.reader.token(token_id)
    client = stored.client if stored is not None else ""
    _write(reached, RevokeToken(token_id, SystemClock().now()), "token.revoke", token_id, client)


def save_user(reached: Reached, name: str, new: NewUser) -> bool:
    """Add a user, or replace the one of that name, whose sessions end; True when there was one. Raises
    `InputError` for what is no name, `UnknownName` for an unknown client."""
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip() or "/" in name:
        raise InputError(f"{name!r} is no user's name; use up to {LONGEST_NAME} characters without slashes")
    client = known_client(reached.settings, new.client)
    known = reached.reader.user(name) is not None
    if reached.service is not None:
        from dialer.api import requests

        reached.service.call(requests.save_user(name, new))
        return known
    user = StoredUser(name, new.role.value, client, Passwords().hash(new.password), SystemClock().now())
    _write(reached, SaveUser(user), "user.replace" if known else "user.add", name, client, role=user.role)
    return known


def remove_user(reached: Reached, name: str) -> None:
    """Their tokens are refused from now on. Raises `LookupError` or `NotFound` for an unknown one."""
    if reached.service is not None:
        from dialer.api import requests

        reached.service.call(requests.remove_user(name))
        return
    stored = reached.reader.user(name)
    client = stored.client if stored is not None else ""
    _write(reached, RemoveUser(name, SystemClock().now()), "user.remove", name, client)


def _write(reached: Reached, write: Plain, action: str, subject: str, client: str, **detail: str) -> None:
    change = reached.actor.change(SystemClock().now(), action, subject, client, **detail)
    reached.write(Audited(write, change))
