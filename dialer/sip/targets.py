"""Which of a domain's servers a call goes to, and which next (RFC 3263 § 4.2, § 4.3, RFC 2782)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dialer.sip.hop import Hop
from lists.value import value

MOST_TRIED = 6
"""Servers of one call, whatever DNS names; each costs up to 64*T1."""

DOWN_FOR_S = 60.0
"""So long a server that failed is tried after all others."""

LONGEST_REST_S = 3_600.0
"""A server that asks for more is asked again after an hour: it may have meant it for one call."""


@value
class Server:
    """`priority`: the lower the sooner. `weight`: its share among those of the same priority, 0 to 65,535. `hops`:
    its addresses, in the order that they are tried."""

    hops: tuple[Hop, ...]
    priority: int = 0
    weight: int = 0


def in_order(servers: Iterable[Server], draw: Callable[[int], int]) -> list[Server]:
    """RFC 2782: by priority; within one, drawn by weight. `draw(n)`: a number from 0 to n, each as likely."""
    waiting = sorted(
        servers, key=lambda server: (server.priority, server.weight != 0)
    )  # weight 0 first, as it says
    found: list[Server] = []
    while waiting:
        group = [server for server in waiting if server.priority == waiting[0].priority]
        aim = draw(sum(server.weight for server in group))
        reached = 0
        for server in group:
            reached += server.weight
            if reached >= aim:
                found.append(server)
                waiting.remove(server)
                break
    return found


class Down:
    """Servers that failed lately, or asked for rest."""

    __slots__ = ("_until",)

    def __init__(self) -> None:
        self._until: dict[Hop, tuple[float, bool]] = {}

    def failed(self, hop: Hop, now: float, rest_s: float | None = None) -> None:
        """`rest_s`: for how long it asked to be left alone (503 with Retry-After), at most an hour of which is
        granted; None: it did not."""
        asked = rest_s is not None
        for_s = min(rest_s, LONGEST_REST_S) if rest_s is not None else DOWN_FOR_S
        self._until[hop] = (now + for_s, asked)

    def left(self, hop: Hop, now: float) -> tuple[float, bool] | None:
        """For how many seconds more it is passed over, and whether it asked for that; None: it is not."""
        known = self._until.get(hop)
        if known is None:
            return None
        until, asked = known
        if until <= now:
            del self._until[hop]
            return None
        return until - now, asked


def route(servers: Iterable[Server], down: Down, draw: Callable[[int], int], now: float) -> tuple[Hop, ...]:
    """Where one call goes, and where next; those that failed lately last, for somebody has to find out that they
    are back. One that asked for rest is left alone (RFC 3261 § 21.5.4), unless all did. Empty when there is no
    server."""
    hops = [hop for server in in_order(servers, draw) for hop in server.hops]
    left = {hop: down.left(hop, now) for hop in hops}
    awake = [hop for hop in hops if (known := left[hop]) is None or not known[1]]
    found = awake or hops
    found.sort(key=lambda hop: (left[hop] or (0.0,))[0] > 0.0)
    return tuple(found[:MOST_TRIED])
