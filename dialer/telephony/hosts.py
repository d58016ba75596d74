"""Our addresses: one of each IP version that we speak, and how far ends see them."""

from __future__ import annotations

from collections.abc import Sequence

from dialer.sip.hop import is_ipv6
from dialer.telephony.errors import OtherVersion


class Hosts:
    """`own`: as sockets are bound to, at most one of each version. `public`: what far ends see instead of the one
    of its version; empty: there is no difference."""

    def __init__(self, own: Sequence[str], public: str = "") -> None:
        self._own = {is_ipv6(host): host for host in own}
        self._public = {is_ipv6(public): public} if public else {}

    def facing(self, far: str) -> str:
        """Ours, for a far end at this IP address: neither can send to the other version's. Raises
        `OtherVersion`."""
        own = self._own.get(is_ipv6(far))
        if own is None:
            raise OtherVersion(far)
        return own

    def shown(self, own: str) -> str:
        """What the far end is told of this one."""
        return self._public.get(is_ipv6(own), own)
