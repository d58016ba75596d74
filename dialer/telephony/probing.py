"""OPTIONS to trunks: is the carrier there, and what does it say?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from dialer.sip.events import Probed
from dialer.sip.hop import STREAMS, Hop, bracketed
from dialer.sip.options_probe import ProbeOrder
from dialer.telephony.routes import Routes
from dialer.telephony.signalling import Signalling
from dialer.trunks.trunk import Trunk


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """`status`: of the final response, None when none came within `took_s` seconds. `hop`: where it
    was sent. `challenged`: credentials were
    asked for and sent. `server`: what it calls itself."""

    status: int | None
    took_s: float
    hop: Hop
    challenged: bool = False
    server: str = ""


class Probes:
    """Questions under way. One for each trunk and asker, as many as are asked."""

    def __init__(self, signalling: Signalling, routes: Routes) -> None:
        self._signalling = signalling
        self._routes = routes
        self._last_key = -1
        self._waiting: dict[int, asyncio.Future[Probed]] = {}

    async def ask(self, trunk: str) -> ProbeAnswer:
        """Ask a trunk. Raises `TelephonyError` for one that is not configured."""
        route = self._routes.of(trunk)
        self._last_key += 1
        key, began = self._last_key, self._signalling.now()
        hop = self._routes.hops(trunk, began)[0]
        host, port = self._signalling.address
        uri = f"sip:{route.trunk.place}"
        if route.trunk.transport in STREAMS:
            uri += f";transport={route.trunk.transport}"
        order = ProbeOrder(
            key,
            key,
            uri,
            f"sip:dialer@{route.trunk.from_domain or f'{bracketed(host)}:{port}'}",
            hop,
            route.credentials,
        )
        future: asyncio.Future[Probed] = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        try:
            self._signalling.core.probe(order, began)
            self._signalling.flush()
            probed = await future
        finally:
            self._waiting.pop(key, None)
        headers = dict(probed.headers)
        server = headers.get("server") or headers.get("user-agent") or ""
        took_s = self._signalling.now() - began
        return ProbeAnswer(probed.status, took_s, hop, probed.challenged, server)

    async def look_up(self, trunk: Trunk) -> tuple[Hop, ...]:
        """As `Routes.look_up`."""
        return await self._routes.look_up(trunk)

    def answered(self, event: Probed) -> None:
        future = self._waiting.get(event.key)
        if future is not None and not future.done():
            future.set_result(event)

    def close(self) -> None:
        """Nobody will answer any more."""
        for future in self._waiting.values():
            future.cancel()
