"""Names of a call on the wire, derived from the attempt's id, so that a restart can find its calls again and
two attempts never share one. Keyed, so that an outsider cannot guess them (RFC 3261 § 8.1.1.4, § 19.3)."""

from __future__ import annotations

from hashlib import blake2b

MAGIC_COOKIE = "z9hG4bK"
"""Start of every branch of RFC 3261 (§ 8.1.1.7)."""


class Identity:
    """`key`: the installation's secret, 16 to 64 octets. Raises ValueError otherwise."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if not 16 <= len(key) <= 64:
            raise ValueError(f"an identity key has 16 to 64 octets, not {len(key)}")
        self._key = key

    def _digest(self, attempt_id: int, person: bytes, size: int) -> str:
        return blake2b(b"%d" % attempt_id, digest_size=size, key=self._key, person=person).hexdigest()

    def call_id(self, attempt_id: int) -> str:
        """128 bits in hexadecimal."""
        return self._digest(attempt_id, b"call-id", 16)

    def tag(self, attempt_id: int) -> str:
        """The From tag: 64 bits (§ 19.3 wants at least 32)."""
        return self._digest(attempt_id, b"tag", 8)

    def branch(self, attempt_id: int, cseq: int = 1) -> str:
        """Branch of the INVITE with this CSeq number; later ones (a digest retry) extend the first."""
        base = MAGIC_COOKIE + self._digest(attempt_id, b"branch", 10)
        return base if cseq == 1 else f"{base}-{cseq}"


def keyed_token(key: bytes, person: bytes, *parts: bytes) -> bytes:
    """64 bits in hexadecimal, for tags and branches of calls that came in. `person`: what it is for, at most
    16 octets."""
    digest = blake2b(digest_size=8, key=key, person=person)
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest().encode()
