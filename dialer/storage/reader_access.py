"""Reads of the do-not-call registers, of users and tokens, and of the log of changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Engine

from dialer.ports.access import StoredChange, StoredToken, StoredUser
from dialer.storage import access, changes, dnc
from lists.dnc import DncEntry, PersonRefused


class AccessReads:
    """Part of `SqlReader`."""

    engine: Engine

    def blocked_numbers(self, numbers: Iterable[str], client: str = "", purpose: str = "") -> set[str]:
        with self.engine.connect() as connection:
            return dnc.blocked_among(connection, numbers, client, purpose)

    def dnc_entries(self, numbers: Iterable[str], client: str = "") -> Sequence[DncEntry]:
        with self.engine.connect() as connection:
            return dnc.entries(connection, numbers, client)

    def refused_by(self, persons: Iterable[str], client: str = "") -> Sequence[PersonRefused]:
        with self.engine.connect() as connection:
            return dnc.refused_by(connection, persons, client)

    def dnc_version(self) -> int:
        with self.engine.connect() as connection:
            return dnc.dnc_version(connection)

    def user(self, name: str) -> StoredUser | None:
        with self.engine.connect() as connection:
            return access.user_of(connection, name)

    def users(self) -> Sequence[StoredUser]:
        """By name."""
        with self.engine.connect() as connection:
            return access.all_users(connection)

    def token(self, token_id: str) -> StoredToken | None:
        with self.engine.connect() as connection:
            return access.token_of(connection, token_id)

    def tokens(self) -> Sequence[StoredToken]:
        """As they were made, revoked ones too."""
        with self.engine.connect() as connection:
            return access.all_tokens(connection)

    def changes(
        self,
        *,
        since: float = 0.0,
        until: float = float("inf"),
        client: str | None = None,
        limit: int = 1_000,
    ) -> Sequence[StoredChange]:
        with self.engine.connect() as connection:
            return changes.newest(connection, since, until, client, limit)
