"""Which trunk leads where: trunks with their servers found, replaced as a whole while calls go on, and looked up
again when DNS says so."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import structlog

from dialer.sip.digest import Credentials
from dialer.sip.hop import Hop, is_ipv6, leads_to
from dialer.sip.targets import Down, Server, route
from dialer.telephony.errors import HostUnresolved, TelephonyError
from dialer.telephony.names import Names
from dialer.trunks.trunk import Trunk

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

AGAIN_S = 60.0
"""After a look-up that failed; what was known stands meanwhile."""

UNRESOLVED_AGAIN_S = 10.0
"""The same where nothing is known."""

RESOLVED_WITHIN_S = 5.0
"""At the start trunks are not waited for longer: those that are found are to be dialed over."""


@dataclass(frozen=True, slots=True)
class Route:
    """A trunk with its servers. `holds_s`: for so long they are known. `unresolved`: why none is."""

    trunk: Trunk
    servers: tuple[Server, ...]
    holds_s: float = float("inf")
    unresolved: str = ""

    @property
    def credentials(self) -> Credentials | None:
        trunk = self.trunk
        return Credentials(trunk.username, trunk.password) if trunk.username else None


async def resolve_routes(trunks: Iterable[Trunk], names: Names) -> tuple[Route, ...]:
    """All at once; those that cannot be resolved, or not in `RESOLVED_WITHIN_S`, say so."""
    return tuple(await asyncio.gather(*(_resolve_in_time(trunk, names) for trunk in trunks)))


async def _resolve_in_time(trunk: Trunk, names: Names) -> Route:
    try:
        async with asyncio.timeout(RESOLVED_WITHIN_S):
            return await _resolve(trunk, names)
    except HostUnresolved as error:
        cause = str(error)
    except TimeoutError:
        cause = str(HostUnresolved(trunk.host, f"nobody has answered for {RESOLVED_WITHIN_S:g} s"))
    log.warning("a trunk is not used until its host is found", trunk=trunk.name, cause=cause)
    return Route(trunk, (), UNRESOLVED_AGAIN_S, cause)


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
        `HostUnresolved` for one that is new or leads elsewhere, then nothing has changed."""
        self._asked += 1
        asked = self._asked
        routes = await asyncio.gather(*(self._resolve_again(trunk) for trunk in trunks))
        if asked == self._asked:
            self._by_name = {route.trunk.name: route for route in routes}

    async def _resolve_again(self, trunk: Trunk) -> Route:
        known = self._by_name.get(trunk.name)
        try:
            return await _resolve(trunk, self._names)
        except HostUnresolved:
            if known is None or _place(known.trunk) != _place(trunk):
                raise
            return replace(known, trunk=trunk)

    def unresolved(self) -> dict[str, str]:
        """Trunks none of whose servers is known, and why."""
        return {name: known.unresolved for name, known in self._by_name.items() if known.unresolved}

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
        """Where the next call over a trunk goes, and where it goes instead: all of one IP version, for so is the
        audio that is offered. Raises `TelephonyError`."""
        known = self.of(trunk)
        if known.unresolved:
            raise TelephonyError(f"trunk {trunk!r} leads nowhere: {known.unresolved}")
        first, *others = route(known.servers, self._down, self._draw, now)
        return (first, *(hop for hop in others if is_ipv6(hop[0]) is is_ipv6(first[0])))

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

    async def keep_fresh(self, found: Callable[[str], None]) -> None:
        """Look servers up again when what is known of them has run out, for as long as this task lives. A trunk
        that cannot be looked up keeps the servers it had; `found` is told of each that had none and has some."""
        while True:
            holds_s = min((known.holds_s for known in self._by_name.values()), default=AGAIN_S)
            slept_s = min(holds_s, AGAIN_S)
            await asyncio.sleep(slept_s)
            for name, known in tuple(self._by_name.items()):
                if known.holds_s > slept_s:
                    self._by_name[name] = replace(known, holds_s=known.holds_s - slept_s)
                    continue
                try:
                    fresh = await _resolve(known.trunk, self._names)
                except HostUnresolved as error:
                    fresh = replace(known, holds_s=UNRESOLVED_AGAIN_S if known.unresolved else AGAIN_S)
                    if not known.unresolved:
                        text = "a trunk's servers cannot be looked up; those known stay"
                        log.warning(text, trunk=name, cause=str(error))
                if self._by_name.get(name) is known:
                    self._by_name[name] = fresh
                    if known.unresolved and not fresh.unresolved:
                        log.info("a trunk's host is found: it is used", trunk=name)
                        found(name)

    def _draw(self, most: int) -> int:
        return self._rng.randint(0, most)


def _place(trunk: Trunk) -> tuple[str, int, str]:
    return trunk.host, trunk.port, trunk.transport
