"""Audio in a process of its own: starts it, talks to it, and starts another when it dies.

Reserving a leg is one look into a list here: the process keeps a stock of bound legs ready and announces each.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Mapping

import structlog

from dialer.media.events import Event, LegFigures, Notice, Ready, Standing
from dialer.media.orders import Bind, Close, Order, StockOrder, Take
from dialer.ports.media import MediaBack, MediaEvent, MediaLost, MediaRoom, ReservedLeg
from dialer.telephony.errors import MediaFull, MediaUnavailable
from dialer.telephony.media_child import MediaChild

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

STARTS_WITHIN_S = 20.0

RESTART_S = (0.0, 0.5, 1.0, 2.0, 5.0)
"""How long to wait before it is started again, the first time and each further time that it dies soon."""

LIVED_S = 30.0
"""A process that lived so long did not die of its start."""

STOCK = 128
"""Legs of each host kept ready: what is dialed while this process or the other is busy for a tenth of a second,
and few enough that another installation on the machine finds ports in the same range."""


class MediaProcess:
    """Implements `dialer.ports.media.Media`; to be started before anything else. `ports`: first and last for RTP,
    on each host.
    `post` gets what happens. `monotonic`: seconds."""

    def __init__(
        self,
        hosts: tuple[str, ...],
        ports: tuple[int, int],
        rng: random.Random,
        monotonic: Callable[[], float],
        post: Callable[[MediaEvent], None],
        *,
        stock: int = STOCK,
    ) -> None:
        self._hosts = hosts
        self._ports = ports
        self._rng = rng
        self._monotonic = monotonic
        self._post = post
        self._stock_size = stock
        self._size = len(range(ports[0] + ports[0] % 2, ports[1] + 1, 2))
        self._loop = asyncio.get_running_loop()
        self._child: MediaChild | None = None
        self._first: asyncio.Future[None] = self._loop.create_future()
        self._is_ready = False
        self._stock: dict[str, deque[ReservedLeg]] = {host: deque() for host in hosts}
        self._open: dict[int, str] = {}  # the host of each
        self._last_leg = self._last_bound = 0
        self._strained = False
        self._told_room: int | None = None
        self._counters: dict[str, int] = {}
        self._counted_before: dict[str, int] = {}
        self._started_at = 0.0
        self._deaths = 0
        self._restart: asyncio.TimerHandle | None = None
        self._closed = False

    # --- Media --------------------------------------------------------------------------------------------

    @property
    def hosts(self) -> tuple[str, ...]:
        return self._hosts

    @property
    def pid(self) -> int | None:
        """Of the process; None while there is none."""
        return None if self._child is None else self._child.pid

    @property
    def room(self) -> int:
        if not self._is_ready:
            return 0
        return len(self._open) if self._strained else self._size

    @property
    def open_legs(self) -> int:
        return len(self._open)

    @property
    def counters(self) -> Mapping[str, int]:
        before = self._counted_before
        return {name: count + before.get(name, 0) for name, count in self._counters.items()} or before

    def reserve(self, port: int | None = None, *, host: str = "") -> ReservedLeg:
        host = host or self._hosts[0]
        if not self._is_ready:
            raise MediaFull("the media process is being started; nothing is dialed until it is there")
        if port is not None:
            return self._reserve_port(port, host)
        if self._strained:
            text = "the media process has as much to do as it can do in time; lower the channels"
            raise MediaFull(text)
        stock = self._stock[host]
        if not stock and (on_host := list(self._open.values()).count(host)) < self._size:
            raise MediaFull(
                "the media process has no leg ready at this moment: more calls come than it can follow"
            )
        if not stock:
            first, last = self._ports
            raise MediaFull(
                f"no RTP port is free: {on_host} of the {self._size} from {first} to {last} of {host} are in use; "
                "widen the range (media.ports in dialer.toml) or lower the channels"
            )
        leg = stock.popleft()
        self._open[leg.leg] = host
        self._tell(Take(leg.leg))
        return leg

    def _reserve_port(self, port: int, host: str) -> ReservedLeg:
        stock = self._stock[host]
        leg = next((ready for ready in stock if ready.port == port), None)
        if leg is not None:
            stock.remove(leg)
            self._tell(Take(leg.leg))
        else:
            self._last_bound -= 1  # numbers above zero are given out by the process
            leg = ReservedLeg(self._last_bound, port, host)
            self._tell(Bind(leg.leg, port, host))
        self._open[leg.leg] = host
        return leg

    def tell(self, order: Order) -> None:
        if isinstance(order, Close):
            self._open.pop(order.leg, None)
        self._tell(order)

    def _tell(self, order: Order | StockOrder) -> None:
        if self._child is not None:  # otherwise its legs are gone
            self._child.tell(order)

    async def close(self) -> None:
        self._closed = True
        if self._restart is not None:
            self._restart.cancel()
            self._restart = None
        child, self._child = self._child, None
        self._forget()
        self._first.cancel()  # nobody waits for it any more
        if child is not None:
            await child.close()

    # --- the life of the process --------------------------------------------------------------------------

    def start(self) -> None:
        """Returns at once. Raises `MediaUnavailable` when there can be no process."""
        try:
            self._spawn()
        except OSError as error:
            raise MediaUnavailable(f"the media process cannot be started: {error}") from error

    async def ready(self) -> None:
        try:
            async with asyncio.timeout(STARTS_WITHIN_S):
                await asyncio.shield(self._first)
        except TimeoutError:
            raise MediaUnavailable(f"the media process was not ready within {STARTS_WITHIN_S:.0f} s") from None

    def _spawn(self) -> None:
        options = {
            "hosts": self._hosts,
            "ports": self._ports,
            "stock": self._stock_size,
            "first_leg": self._last_leg + 1,
            "seed": self._rng.getrandbits(64),
        }
        self._child = MediaChild(options, self._take, self._died)
        self._started_at = self._monotonic()
        log.info("media process started", pid=self._child.pid)

    def _spawn_again(self) -> None:
        self._restart = None
        try:
            self._spawn()
        except OSError as error:
            log.error("the media process cannot be started", cause=str(error))
            self._restart = self._loop.call_later(RESTART_S[-1], self._spawn_again)

    def _forget(self) -> None:
        self._is_ready = self._strained = False
        for stock in self._stock.values():
            stock.clear()
        self._open.clear()

    def _died(self, cause: str) -> None:
        self._child = None
        if not self._first.done():
            self._first.set_exception(MediaUnavailable(cause))
            return
        lost, was_ready = len(self._open), self._is_ready
        self._counted_before, self._counters = dict(self.counters), {}
        self._forget()
        lived_s = self._monotonic() - self._started_at
        self._deaths = 1 if lived_s > LIVED_S else self._deaths + 1
        delay_s = RESTART_S[min(self._deaths, len(RESTART_S)) - 1]
        log.error("media process lost; another is started", cause=cause, legs=lost, in_s=delay_s)
        self._restart = self._loop.call_later(delay_s, self._spawn_again)
        self._tell_room()
        if was_ready:
            self._post(MediaLost(cause))

    # --- what it says -------------------------------------------------------------------------------------

    def _take(self, message: Event | Notice) -> None:
        match message:
            case Ready():
                self._last_leg = max(self._last_leg, message.leg)
                self._stock[message.host].append(ReservedLeg(message.leg, message.port, message.host))
            case Standing():
                self._counters = dict(message.counters)
                self._strained = message.strained
                if not self._is_ready:
                    self._began()
                self._tell_room()
            case LegFigures() if message.fate and message.leg not in self._open:
                for stock in self._stock.values():
                    gone = next((ready for ready in stock if ready.leg == message.leg), None)
                    if gone is not None:
                        stock.remove(gone)
            case _:
                if isinstance(message, LegFigures):
                    self._open.pop(message.leg, None)
                self._post(message)

    def _began(self) -> None:
        self._is_ready = True
        if self._first.done():
            self._post(MediaBack())
        else:
            self._first.set_result(None)

    def _tell_room(self) -> None:
        if self.room != self._told_room and not self._closed:
            self._told_room = self.room
            self._post(MediaRoom(self.room))


def start_media_process(
    hosts: tuple[str, ...],
    post: Callable[[MediaEvent], None],
    *,
    ports: tuple[int, int],
    rng: random.Random,
    monotonic: Callable[[], float],
) -> MediaProcess:
    """One that is started, and will be ready soon. Raises `MediaUnavailable`."""
    media = MediaProcess(hosts, ports, rng, monotonic, post)
    media.start()
    return media
