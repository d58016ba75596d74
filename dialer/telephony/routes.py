"""Which trunk leads where: trunks with their hosts resolved, replaced as a whole while calls go on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from dialer.sip.digest import Credentials
from dialer.telephony.errors import TelephonyError
from dialer.telephony.udp import Address, resolve
from dialer.trunks.trunk import Trunk


@dataclass(frozen=True, slots=True)
class Route:
    """A trunk with its host resolved."""

    trunk: Trunk
    address: Address

    @property
    def credentials(self) -> Credentials | None:
        trunk = self.trunk
        return Credentials(trunk.username, trunk.password) if trunk.username else None


async def resolve_routes(trunks: Iterable[Trunk]) -> tuple[Route, ...]:
    """All at once. Raises `HostUnresolved`."""
    trunks = tuple(trunks)
    addresses = await asyncio.gather(*(resolve(trunk.host, trunk.port) for trunk in trunks))
    return tuple(Route(trunk, address) for trunk, address in zip(trunks, addresses, strict=True))


class Routes:
    """The trunks in use. A call keeps what it was placed with, whatever becomes of its trunk."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_name = {route.trunk.name: route for route in routes}
        self._asked = 0

    async def set_trunks(self, trunks: Iterable[Trunk]) -> None:
        """These and no others from now on. When another change overtakes this one, the later stands. Raises
        `HostUnresolved`, then nothing has changed."""
        self._asked += 1
        asked = self._asked
        routes = await resolve_routes(trunks)
        if asked == self._asked:
            self._by_name = {route.trunk.name: route for route in routes}

    def of(self, trunk: str) -> Route:
        """Raises `TelephonyError`."""
        route = self._by_name.get(trunk)
        if route is None:
            known = ", ".join(self._by_name) or "none"
            raise TelephonyError(f"no trunk {trunk!r}; configured: {known}")
        return route

    def credentials_at(self, address: Address) -> Credentials | None:
        """Those of the first trunk at an address."""
        for route in self._by_name.values():
            if route.address == address:
                return route.credentials
        return None
