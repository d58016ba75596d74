"""The media server in the test's own event loop: the same sockets, the same exchange, no second process."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Mapping

from dialer.media.events import Event, Notice, Ready, Standing
from dialer.media.orders import Order, Take
from dialer.media.tap import AnalyserFactory
from dialer.ports.media import MediaEvent, NoMediaRoom, ReservedLeg
from dialer.telephony.media_server.server import MediaServer
from dialer.telephony.port_pool import PortPool

TICK_S = 0.002
STOCK = 8


class NearMedia:
    """Implements `dialer.ports.media.Media`. `pools`: its ports, by host, to be looked at."""

    def __init__(
        self,
        hosts: tuple[str, ...],
        ports: tuple[int, int],
        post: Callable[[MediaEvent], None],
        analysers: Mapping[str, AnalyserFactory] | None = None,
    ) -> None:
        self.hosts = hosts
        self.pools = {host: PortPool(*ports) for host in hosts}
        self._post = post
        self._stock: dict[str, deque[ReservedLeg]] = {host: deque() for host in hosts}
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self.server = MediaServer(
            self.pools,
            random.Random(1),
            self._take,
            time.monotonic(),
            wall_offset=time.time() - time.monotonic(),
            stock=min(STOCK, self.room),
            analysers=analysers,
        )
        self._timer = self._loop.call_later(TICK_S, self._tick)

    @property
    def room(self) -> int:
        return self.pools[self.hosts[0]].size

    @property
    def open_legs(self) -> int:
        return self.server.open_legs

    @property
    def counters(self) -> Mapping[str, int]:
        return self.server.counters

    async def ready(self) -> None:
        pass

    def reserve(self, port: int | None = None, *, host: str = "") -> ReservedLeg:
        assert port is None
        stock = self._stock[host or self.hosts[0]]
        if not stock:
            self.server.tick(time.monotonic())
        if not stock:
            raise NoMediaRoom(f"no RTP port is free: {self.open_legs} of {self.room} are in use")
        leg = stock.popleft()
        self.server.order(Take(leg.leg), time.monotonic())
        return leg

    def tell(self, order: Order) -> None:
        if not self._closed:
            self.server.order(order, time.monotonic())

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._timer.cancel()
            self.server.close(time.monotonic())

    def _tick(self) -> None:
        self._timer = self._loop.call_later(TICK_S, self._tick)
        self.server.tick(time.monotonic())

    def _take(self, message: Event | Notice) -> None:
        if isinstance(message, Ready):
            self._stock[message.host].append(ReservedLeg(message.leg, message.port, message.host))
        elif not isinstance(message, Standing):
            # As from another process: never in the middle of an order.
            self._loop.call_soon(self._post, message)
