"""How often somebody may try to log in: after a few failures, each further one takes longer to be allowed.

Counted by user and by source at once. Memory is bounded: of more names than `limit` the one not tried for longest
is forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

FREE_FAILURES = 5
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 300.0
FORGET_S = 3_600.0


def place_of(host: str) -> str:
    """What counts as one source: an address, or in IPv6 its network of 64 bits, which one subscriber has."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class LoginThrottle:
    """Keys are any texts ("user:ana", "from:192.0.2.1")."""

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def wait_s(self, keys: tuple[str, ...], now: float) -> float:
        """How long until an attempt is allowed for all of these keys; 0 when it is now."""
        return max((self._wait(key, now) for key in keys), default=0.0)

    def failed(self, keys: tuple[str, ...], now: float) -> None:
        """An attempt failed. Called before the password is looked at, and taken back by `succeeded`, so that many
        at once count as many."""
        for key in keys:
            found = self._failures.pop(key, None)
            if found is None or now - found.last > FORGET_S:
                found = _Failures(0, now)
            self._failures[key] = _Failures(found.count + 1, now)
        while len(self._failures) > self._limit:
            self._failures.popitem(last=False)

    def succeeded(self, keys: tuple[str, ...]) -> None:
        """The right password: the first key, the user's, starts anew; the others lose this attempt alone, so that
        somebody with an account of their own does not wipe out what they try on others."""
        self._failures.pop(keys[0], None)
        for key in keys[1:]:
            found = self._failures.get(key)
            if found is not None:
                found.count -= 1
                if found.count <= 0:
                    del self._failures[key]

    def _wait(self, key: str, now: float) -> float:
        found = self._failures.get(key)
        if found is None or found.count < FREE_FAILURES or now - found.last > FORGET_S:
            return 0.0
        doublings = min(found.count - FREE_FAILURES, 30)
        return max(0.0, found.last + min(FIRST_WAIT_S * 2.0**doublings, LONGEST_WAIT_S) - now)
