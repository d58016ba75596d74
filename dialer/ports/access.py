"""Who changes what: users, tokens, and the log of changes, as the store keeps them."""

from __future__ import annotations

from lists.value import value


@value
class Actor:
    """Who asks for a change: see `Change` for `name`, `role` and `via`. `client`: "" for every client."""

    name: str
    role: str
    client: str
    via: str

    def change(self, at: float, action: str, subject: str, client: str = "", **detail: str) -> Change:
        """The entry of what they did, for the log of changes. `client`: whose data it is."""
        return Change(at, self.name, self.role, self.via, client, action, subject, tuple(detail.items()))


SERVICE = Actor("service", "admin", "", "service")
"""The service itself: what nobody asked for."""


@value
class Change:
    """One entry of the log of changes: at `at` (seconds UTC), `by` ("os:alice" for somebody on this machine,
    "user:ana", "token:crm", "service") in `role` did `action` ("campaign.start") to `subject` (its full name).
    `client`: whose data it is. `via`: "command", "api", "console" or "service". `detail`: what else is to be
    known, as pairs of texts."""

    at: float
    by: str
    role: str
    via: str
    client: str
    action: str
    subject: str
    detail: tuple[tuple[str, str], ...] = ()


@value
class StoredChange:
    """An entry as read back; `change_id` counts up."""

    change_id: int
    change: Change


@value
class StoredUser:
    """`role`: a `dialer.api.roles.Role` value. `client`: "" for all. `password_hash`: argon2's own text."""

    name: str
    role: str
    client: str
    password_hash: str
    added_at: float


TOKENS_KEPT_S = 30 * 86_400.0
"""For so long a token that holds no more is kept to be looked at. The next one that is made takes it away; who
made and revoked it stays in the log of changes."""


@value
class StoredToken:
    """`token_id`: public part. `secret_hash`: SHA-256 of the secret part, in hex. `scopes`: `Permission` values
    that narrow the role, () for none. `expires_at`, `revoked_at`: seconds UTC or None. `user`: who logged in, ""
    for a token that stands for itself."""

    token_id: str
    name: str
    role: str
    client: str
    scopes: tuple[str, ...]
    secret_hash: str
    created_at: float
    expires_at: float | None = None
    revoked_at: float | None = None
    user: str = ""

    def state(self, now: float) -> str:
        """`holds`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "holds" if self.expires_at is None or now < self.expires_at else "expired"
