"""Names of a call on the wire, derived from the attempt's id, so that a restart can find its calls again and
two attempts never share one. Keyed, so that an outsider cannot guess them (RFC 3261 § 8.1.1.4, § 19.3)."""

from __future__ import annotations

from hashlib import blake2b
from hmac import compare_digest

MAGIC_COOKIE = "z9hG4bK"
"""Start of every branch of RFC 3261 (§ 8.1.1.7)."""


class Identity:
    """`key`: the installation's secret, 16 to 64 octets. Raises ValueError otherwise."""

    __slots__ = ("_branches", "_call_ids", "_tags")

    def __init__(self, key: bytes) -> None:
        if not 16 <= len(key) <= 64:
            raise ValueError(f"an identity key has 16 to 64 octets, not {len(key)}")
        # Keyed once: a copy of a keyed hash costs half of a new one.
        self._call_ids = blake2b(digest_size=16, key=key, person=b"call-id")
        self._tags = blake2b(digest_size=8, key=key, person=b"tag")
        self._branches = blake2b(digest_size=10, key=key, person=b"branch")

    def call_id(self, attempt_id: int) -> str:
        """128 bits in hexadecimal."""
        return _digest(self._call_ids, b"%d" % attempt_id)

    def tag(self, attempt_id: int) -> str:
        """The From tag: 64 bits (§ 19.3 wants at least 32). Made of the Call-ID, so that `owns` can tell."""
        return _digest(self._tags, self.call_id(attempt_id).encode())

    def owns(self, call_id: bytes, from_tag: bytes) -> bool:
        """Whether a call is, or once was, one of ours, though nothing is remembered of it."""
        return compare_digest(_digest(self._tags, call_id).encode(), from_tag)

    def branch(self, attempt_id: int, cseq: int = 1) -> str:
        """Branch of the INVITE with this CSeq number; later ones (a digest retry) extend the first."""
        base = MAGIC_COOKIE + _digest(self._branches, b"%d" % attempt_id)
        return base if cseq == 1 else f"{base}-{cseq}"


def _digest(keyed: blake2b, data: bytes) -> str:
    digest = keyed.copy()
    digest.update(data)
    return digest.hexdigest()


def keyed_token(key: bytes, person: bytes, *parts: bytes) -> bytes:
    """64 bits in hexadecimal, for tags and branches of calls that came in. `person`: what it is for, at most
    16 octets."""
    digest = blake2b(digest_size=8, key=key, person=person)
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest().encode()
