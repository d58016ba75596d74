"""Users and tokens: who may use the control API."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update
from sqlalchemy import delete as delete_from

from dialer.ports.access import TOKENS_KEPT_S, StoredToken, StoredUser
from dialer.storage.errors import UnknownToken, UnknownUser
from dialer.storage.tables import tokens, users

_USER = (users.c.name, users.c.role, users.c.client, users.c.password_hash, users.c.added_at)


def save_user(connection: Connection, user: StoredUser) -> None:
    """Add the user, or put it in the place of the one of that name."""
    values = {
        "role": user.role, "client": user.client, "password_hash": user.password_hash, "added_at": user.added_at,
    }  # fmt: skip
    replaced = connection.execute(update(users).where(users.c.name == user.name).values(**values))
    if replaced.rowcount == 0:
        connection.execute(insert(users).values(name=user.name, **values))


def remove_user(connection: Connection, name: str, now: float) -> None:
    """Raises `UnknownUser`."""
    if connection.execute(delete_from(users).where(users.c.name == name)).rowcount == 0:
        raise UnknownUser(name)
    connection.execute(
        update(tokens).where(tokens.c.user_name == name, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    )


def save_token(connection: Connection, token: StoredToken) -> None:
    """And take away those that have been over for `TOKENS_KEPT_S`."""
    long_ago = token.created_at - TOKENS_KEPT_S
    connection.execute(
        delete_from(tokens).where(or_(tokens.c.expires_at < long_ago, tokens.c.revoked_at < long_ago))
    )
    connection.execute(
        insert(tokens).values(
            token_id=token.token_id, name=token.name, role=token.role, client=token.client,
            scopes=json.dumps(token.scopes), secret_hash=token.secret_hash, created_at=token.created_at,
            expires_at=token.expires_at, revoked_at=token.revoked_at, user_name=token.user,
        )
    )  # fmt: skip


def revoke_token(connection: Connection, token_id: str, now: float) -> None:
    """One that is revoked already keeps its moment. Raises `UnknownToken`."""
    found = connection.execute(select(tokens.c.revoked_at).where(tokens.c.token_id == token_id)).one_or_none()
    if found is None:
        raise UnknownToken(token_id)
    if found.revoked_at is None:
        connection.execute(update(tokens).where(tokens.c.token_id == token_id).values(revoked_at=now))


def all_users(connection: Connection) -> list[StoredUser]:
    """By name."""
    return sorted((StoredUser(*row) for row in connection.execute(select(*_USER))), key=lambda user: user.name)


def user_of(connection: Connection, name: str) -> StoredUser | None:
    row = connection.execute(select(*_USER).where(users.c.name == name)).one_or_none()
    return None if row is None else StoredUser(*row)


def all_tokens(connection: Connection) -> list[StoredToken]:
    """As they were made."""
    found = map(_token_of, connection.execute(select(tokens)))
    return sorted(found, key=lambda token: (token.created_at, token.token_id))


def token_of(connection: Connection, token_id: str) -> StoredToken | None:
    row = connection.execute(select(tokens).where(tokens.c.token_id == token_id)).one_or_none()
    return None if row is None else _token_of(row)


def _token_of(row: Row[Any]) -> StoredToken:
    return StoredToken(
        row.token_id, row.name, row.role, row.client, tuple(json.loads(row.scopes)), row.secret_hash,
        row.created_at, row.expires_at, row.revoked_at, row.user_name,
    )  # fmt: skip
