"""Media without sound: what was reserved, and what was ordered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dialer.media.events import LegFigures
from dialer.media.orders import Close, Connect, Order
from dialer.ports.media import MediaEvent, NoMediaRoom, ReservedLeg
from dialer.telephony.udp import Address

HOST: Address = ("127.0.0.1", 0)


class ScriptedMedia:
    """`first`: port of its first leg; each further one has the next even port. `size`: how many there can be.
    `post`: told the figures of a leg that was connected, at once."""

    hosts: tuple[str, ...] = (HOST[0],)

    def __init__(self, first: int = 30_100, size: int = 50) -> None:
        self.orders: list[Order] = []
        self.legs: dict[int, int] = {}
        self.gone = False
        self.closed = False
        self.counters: Mapping[str, int] = {}
        self.room = size
        self.post: Callable[[MediaEvent], None] = lambda event: None
        self._first = first
        self._last_leg = 0

    @property
    def open_legs(self) -> int:
        return len(self.legs)

    async def ready(self) -> None:
        if self.gone:
            raise NoMediaRoom("no room")

    def reserve(self, port: int | None = None, *, host: str = "") -> ReservedLeg:
        if self.gone or len(self.legs) >= self.room:
            raise NoMediaRoom("no room")
        self._last_leg += 1
        self.legs[self._last_leg] = port or self._first + 2 * self._last_leg
        return ReservedLeg(self._last_leg, self.legs[self._last_leg], host or self.hosts[0])

    def tell(self, order: Order) -> None:
        self.orders.append(order)
        if isinstance(order, Close):
            self.legs.pop(order.leg, None)
            if any(connect.leg == order.leg for connect in self.orders if isinstance(connect, Connect)):
                self.post(LegFigures(order.leg, received=3, lost=1, sent=2, jitter_ms=0.5, max_jitter_ms=0.9))

    def of(self, kind: type[Order]) -> list[Order]:
        """Orders of a kind."""
        return [order for order in self.orders if isinstance(order, kind)]

    async def close(self) -> None:
        self.legs.clear()
        self.closed = True


def open_scripted_media(hosts: tuple[str, ...], post: Callable[[MediaEvent], None]) -> ScriptedMedia:
    """For `open_carrier`."""
    media = ScriptedMedia()
    media.hosts = hosts
    media.post = post
    return media
