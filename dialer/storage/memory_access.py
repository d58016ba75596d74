"""Users, tokens and the log of changes in memory, as `access` and `changes` keep them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dialer.ports.access import TOKENS_KEPT_S, Change, StoredChange, StoredToken, StoredUser
from dialer.ports.store import ERASED
from dialer.storage.errors import UnknownToken, UnknownUser, WriteConflict


class MemoryAccess:
    """Part of `MemoryReader`: its reads are the port's."""

    def __init__(self) -> None:
        self._users: dict[str, StoredUser] = {}
        self._tokens: dict[str, StoredToken] = {}
        self._changes: list[StoredChange] = []

    def user(self, name: str) -> StoredUser | None:
        return self._users.get(name)

    def users(self) -> Sequence[StoredUser]:
        return [user for _, user in sorted(self._users.items())]

    def token(self, token_id: str) -> StoredToken | None:
        return self._tokens.get(token_id)

    def tokens(self) -> Sequence[StoredToken]:
        return sorted(self._tokens.values(), key=lambda token: (token.created_at, token.token_id))

    def changes(
        self,
        *,
        since: float = 0.0,
        until: float = float("inf"),
        client: str | None = None,
        limit: int = 1_000,
    ) -> Sequence[StoredChange]:
        found = [
            one for one in self._changes if since <= one.change.at < until and client in (None, one.change.client)
        ]
        return sorted(found, key=lambda one: (one.change.at, one.change_id), reverse=True)[: max(0, limit)]

    def _remove_user(self, name: str, now: float) -> None:
        if self._users.pop(name, None) is None:
            raise UnknownUser(name)
        for token in list(self._tokens.values()):
            if token.user == name:
                self._revoke(token, now)

    def _save_token(self, token: StoredToken) -> None:
        if token.token_id in self._tokens:
            raise WriteConflict(f"token {token.token_id} is stored already")
        long_ago = token.created_at - TOKENS_KEPT_S
        for kept in list(self._tokens.values()):
            over = [moment for moment in (kept.expires_at, kept.revoked_at) if moment is not None]
            if over and min(over) < long_ago:
                del self._tokens[kept.token_id]
        self._tokens[token.token_id] = token

    def _revoke_token(self, token_id: str, now: float) -> None:
        if token_id not in self._tokens:
            raise UnknownToken(token_id)
        self._revoke(self._tokens[token_id], now)

    def _revoke(self, token: StoredToken, now: float) -> None:
        if token.revoked_at is None:
            self._tokens[token.token_id] = replace(token, revoked_at=now)

    def _strike_from_changes(self, numbers: Iterable[str]) -> None:
        """Entries that name one of these numbers say that somebody was erased there."""
        for number in numbers:
            self._changes = [
                StoredChange(
                    one.change_id,
                    replace(
                        one.change,
                        subject=one.change.subject.replace(number, ERASED),
                        detail=tuple((name, text.replace(number, ERASED)) for name, text in one.change.detail),
                    ),
                )
                for one in self._changes
            ]

    def _append(self, change: Change) -> None:
        self._changes.append(StoredChange(len(self._changes) + 1, change))
