"""Which trunk leads where: trunks with their servers found, replaced as a whole while calls go on, and looked up
again when DNS says so."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

import structlog

from dialer.sip.digest import Credentials
from dialer.sip.hop import Hop, leads_to
from dialer.sip.targets import Down, Server, route
from dialer.telephony.errors import HostUnresolved, TelephonyError
from dialer.telephony.names import Names
from dialer.trunks.trunk import Trunk

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

AGAIN_S = 60.0
"""After a look-up that failed; what was known stands meanwhile."""


@dataclass(frozen=True, slots=True)
class Route:
    """A trunk with its servers. `holds_s`: for so long they are known."""

    trunk: Trunk
    servers: tuple[Server, ...]
    holds_s: float = float("inf")

    @property
    def credentials(self) -> Credentials | None:
        trunk = self.trunk
        return Credentials(trunk.username, trunk.password) if trunk.username else None


async def resolve_routes(trunks: Iterable[Trunk], names: Names | None = None) -> tuple[Route, ...]:
    """All at once. Raises `HostUnresolved`."""
    return tuple(await asyncio.gather(*(_resolve(trunk, names or Names()) for trunk in trunks)))


async def _resolve(trunk: Trunk, names: Names) -> Route:
    found = await names.find(trunk.host, trunk.port, trunk.transport)
    return Route(trunk, found.servers, found.holds_s)


class Routes:
    """The trunks in use. A call keeps what it was placed with, whatever becomes of its trunk."""

    def __init__(
        self, routes: Iterable[Route], names: Names | None = None, rng: random.Random | None = None
    ) -> None:
        self._by_name = {route.trunk.name: route for route in routes}
        self._names = names or Names()
        self._rng = rng or random.Random()
        self._down = Down()
        self._asked = 0

    async def set_trunks(self, trunks: Iterable[Trunk]) -> None:
        """These and no others from now on. When another change overtakes this one, the later stands. Raises
        `HostUnresolved`, then nothing has changed."""
        self._asked += 1
        asked = self._asked
        routes = await resolve_routes(trunks, self._names)
        if asked == self._asked:
            self._by_name = {route.trunk.name: route for route in routes}

    def of(self, trunk: str) -> Route:
        """Raises `TelephonyError`."""
        route = self._by_name.get(trunk)
        if route is None:
            known = ", ".join(self._by_name) or "none"
            raise TelephonyError(f"no trunk {trunk!r}; configured: {known}")
        return route

    def all(self) -> tuple[Route, ...]:
        return tuple(self._by_name.values())

    def hops(self, trunk: str, now: float) -> tuple[Hop, ...]:
        """Where the next call over a trunk goes, and where it goes instead. Raises `TelephonyError`."""
        return route(self.of(trunk).servers, self._down, self._draw, now)

    async def look_up(self, trunk: Trunk) -> tuple[Hop, ...]:
        """Where a trunk's servers are by what DNS says now; nothing is changed by it. Raises `HostUnresolved`."""
        found = await _resolve(trunk, self._names)
        return tuple(hop for server in found.servers for hop in server.hops)

    def failed(self, hop: Hop, now: float, rest_s: float | None = None) -> None:
        """A server could not be reached, did not answer, or is busy: for a while the others come first. `rest_s`:
        it asked to be left alone for so long."""
        self._down.failed(hop, now, rest_s)

    def passed_over(self, trunk: str, now: float) -> tuple[tuple[Hop, float, bool], ...]:
        """Servers of a trunk that are not tried first now: for how many seconds more, and whether they asked for
        it. None of a trunk that is no more."""
        known = self._by_name.get(trunk)
        hops = [hop for server in known.servers for hop in server.hops] if known is not None else []
        return tuple((hop, *left) for hop in hops if (left := self._down.left(hop, now)) is not None)

    def credentials_at(self, hop: Hop) -> Credentials | None:
        """Those of the first trunk with a server there."""
        for known in self._by_name.values():
            if any(leads_to(hop, its) for server in known.servers for its in server.hops):
                return known.credentials
        return None

    async def keep_fresh(self) -> None:
        """Look servers up again when what is known of them has run out, for as long as this task lives. A trunk
        that cannot be looked up keeps the servers it had."""
        while True:
            holds_s = min((known.holds_s for known in self._by_name.values()), default=AGAIN_S)
            await asyncio.sleep(min(holds_s, AGAIN_S))
            for name, known in tuple(self._by_name.items()):
                if known.holds_s > AGAIN_S:
                    known = self._by_name[name] = replace(known, holds_s=known.holds_s - AGAIN_S)
                    continue
                try:
                    found = await _resolve(known.trunk, self._names)
                except HostUnresolved as error:
                    log.warning(
                        "a trunk's servers cannot be looked up; those known stay", trunk=name, cause=str(error)
                    )
                    found = replace(known, holds_s=AGAIN_S)
                if self._by_name.get(name) is known:
                    self._by_name[name] = found

    def _draw(self, most: int) -> int:
        return self._rng.randint(0, most)
