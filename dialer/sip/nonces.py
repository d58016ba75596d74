"""Nonces of ours, kept by nobody: each says when it was made and proves that it is ours; what is kept is how often
each was used, as long as it holds (RFC 7616 § 3.3, § 5.5)."""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum
from hmac import compare_digest

from dialer.sip.identity import keyed_token

HOLDS_S = 300.0
"""A client that registers every few minutes is asked anew each time, by `stale`, without its user noticing."""

MAX_USED = 65_536
"""Nonces whose uses are remembered; of more the oldest are refused as stale."""


class Use(Enum):
    FRESH = "fresh"
    STALE = "stale"  # ours, and too old, or used with this count before
    FOREIGN = "foreign"  # not ours


class Nonces:
    """`key`: the installation's secret, 16 to 64 octets."""

    __slots__ = ("_forgotten_until", "_key", "_made", "_used")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._made = 0
        self._used: OrderedDict[str, int] = OrderedDict()
        self._forgotten_until = float("-inf")

    def make(self, now: float) -> str:
        """One that nobody has had."""
        self._made += 1
        start = b"%010x%06x" % (int(now * 1_000) & 0xFFFFFFFFFF, self._made & 0xFFFFFF)
        return (start + keyed_token(self._key, b"nonce", start)).decode()

    def made_by_us(self, nonce: str) -> bool:
        start = nonce[:16].encode("ascii", "replace")
        return compare_digest(keyed_token(self._key, b"nonce", start), nonce[16:].encode("ascii", "replace"))

    def use(self, nonce: str, count: int, now: float) -> Use:
        """Once the credentials are known to be right: whether they may count. Each count is good once, and only
        upwards."""
        if not self.made_by_us(nonce):
            return Use.FOREIGN
        made_at = int(nonce[:10], 16) / 1_000
        age_s = (now - made_at) % (2**40 / 1_000)
        if age_s > HOLDS_S or made_at < self._forgotten_until or count <= self._used.get(nonce, 0):
            return Use.STALE
        self._used[nonce] = count
        self._used.move_to_end(nonce)
        while len(self._used) > MAX_USED:
            oldest, _ = self._used.popitem(last=False)
            self._forgotten_until = max(self._forgotten_until, int(oldest[:10], 16) / 1_000 + 0.001)
        return Use.FRESH
