"""Tokens and passwords: how they are made, kept and compared. Nothing secret is kept: of a token the SHA-256 of
its secret part, of a password what Argon2id makes of it (RFC 9106)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PREFIX = "rp"
_ID_BYTES = 8
_SECRET_BYTES = 32  # 256 bits: no salt and no stretching is needed for what cannot be guessed
_TOKEN = re.compile(r"rp_([0-9a-f]{16})_([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A token just made. `text` is shown once; `token_id` and `secret_hash` are kept."""

    text: str
    token_id: str
    secret_hash: str


def make_secret() -> NewSecret:
    """A token nobody has: `rp_<id>_<secret>`."""
    token_id = secrets.token_hex(_ID_BYTES)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    return NewSecret(f"{PREFIX}_{token_id}_{secret}", token_id, secret_hash(secret))


def split_token(text: str) -> tuple[str, str] | None:
    """The id and the secret of a token; None for what is none."""
    match = _TOKEN.fullmatch(text)
    return None if match is None else (match[1], match[2])


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def same_secret(secret: str, kept: str) -> bool:
    """Whether this is the secret whose hash is kept. Takes the same time whatever differs."""
    return hmac.compare_digest(secret_hash(secret), kept)


def _base64(octets: bytes) -> str:
    """As in an encoded hash: without the padding."""
    return base64.b64encode(octets).decode().rstrip("=")


class Passwords:
    """Argon2id with these costs; RFC 9106, section 4, second recommendation, on one lane instead of four, because
    the other processors are dialing. Each call takes some 50–100 ms and 64 MiB: never in the event loop."""

    def __init__(self, *, time_cost: int = 3, memory_kib: int = 65_536, lanes: int = 1) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes)
        # Nobody's password. Drawn, not made: this is done while calls are dialed.
        salt, digest = (_base64(secrets.token_bytes(octets)) for octets in (16, 32))
        self._nobody = f"$argon2id$v=19$m={memory_kib},t={time_cost},p={lanes}${salt}${digest}"

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether this is the password. `kept`: None when there is no such user; that takes as long."""
        try:
            self._hasher.verify(self._nobody if kept is None else kept, password)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether it was made with other costs than these."""
        return self._hasher.check_needs_rehash(kept)
