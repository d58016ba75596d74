"""Which of a domain's servers a call goes to, and which next (RFC 3263 § 4.2, § 4.3, RFC 2782)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dialer.sip.hop import Hop
from lists.value import value

MOST_TRIED = 6
"""Servers of one call, whatever DNS names; each costs up to 64*T1."""

DOWN_FOR_S = 60.0
"""So long a server that failed is tried after all others."""


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
    """Servers that failed lately."""

    __slots__ = ("_until",)

    def __init__(self) -> None:
        self._until: dict[Hop, float] = {}

    def failed(self, hop: Hop, now: float) -> None:
        self._until[hop] = now + DOWN_FOR_S

    def is_down(self, hop: Hop, now: float) -> bool:
        until = self._until.get(hop)
        if until is not None and until <= now:
            del self._until[hop]
            return False
        return until is not None


def route(servers: Iterable[Server], down: Down, draw: Callable[[int], int], now: float) -> tuple[Hop, ...]:
    """Where one call goes, and where next; those that failed lately last, for somebody has to find out that they
    are back. Empty when there is no server."""
    hops = [hop for server in in_order(servers, draw) for hop in server.hops]
    hops.sort(key=lambda hop: down.is_down(hop, now))
    return tuple(hops[:MOST_TRIED])
