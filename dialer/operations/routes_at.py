"""Which way a call would leave at a moment, as the engine would choose it: destinations, ceilings, cost, and what
is known of the trunks' health."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from campaigns.campaign import Campaign
from campaigns.refusal import Refusal, Refused
from campaigns.walls import Walls
from dialer.api.trunks import TrunkDetail
from dialer.ports.store import Reader
from dialer.settings.values import TrunkSettings
from dialer.trunks.ceilings import DAY_S
from dialer.trunks.health import TrunkState
from dialer.trunks.limits import TrunkLimits
from dialer.trunks.selection import Route, RouteSelector, Tolls
from dialer.trunks.trunk import trunk_of
from lists.lead import PhoneNumber


@dataclass(frozen=True, slots=True)
class OutOfUse:
    """A trunk that carries nothing now. `words`: how it is and why; `until`: when that ends by itself, seconds
    UTC, None when it does not."""

    words: str
    until: float | None


def out_of_use(rows: Iterable[TrunkDetail], now: float) -> dict[str, OutOfUse]:
    """Of how a running service says that its trunks are, at `now`."""
    return {
        row.name: OutOfUse(f"{row.state}: {row.why}", None if row.opens_in_s is None else now + row.opens_in_s)
        for row in rows
        if row.state not in (TrunkState.OPEN, TrunkState.PROBING)
    }


class RoutesAt:
    """`trunks`: those of `dialer.toml`. `out_of_use`: by name, what a running service knows; without one every
    trunk is taken for open. Channels and calls per second are left out of account: they come free within
    seconds."""

    def __init__(
        self,
        reader: Reader,
        walls: Walls,
        trunks: Iterable[TrunkSettings],
        at: float,
        out_of_use: Mapping[str, OutOfUse] | None = None,
    ) -> None:
        self._at = at
        self._trunks = {trunk.name: trunk for trunk in trunks}
        self._out_of_use = out_of_use or {}
        self._tolls = Tolls(walls)
        self._limits: dict[str, TrunkLimits] = {}
        if walls.ceilings:
            used = (usage for usage in reader.usage(at - DAY_S) if usage.at <= at)
            self._tolls.ceilings.restore(sorted(used, key=lambda usage: usage.at))

    def choose(self, campaign: Campaign, phone: PhoneNumber) -> Route | Refused | None:
        """The way of a call to this number, or why there is none; None when channels alone are missing."""
        known = [self._limits_of(name) for name in campaign.trunks if name in self._trunks]
        if not known:
            names = ", ".join(campaign.trunks)
            return Refused(Refusal.NO_ROUTE, None, f"dialer.toml has none of the campaign's trunks ({names})")
        found = RouteSelector(tuple(known), campaign, self._tolls).propose(phone, self._at)
        if not isinstance(found, Refused) or found.reason is not Refusal.ROUTE_DOWN:
            return found
        down = {limits.trunk.name for limits in known if limits.carries(phone.e164, phone.region)}
        moments = [out.until for name, out in self._out_of_use.items() if name in down and out.until is not None]
        states = ", ".join(f"{name} is {self._out_of_use[name].words}" for name in sorted(down))
        return Refused(Refusal.ROUTE_DOWN, min(moments, default=None), f"no trunk for it is in service: {states}")

    def _limits_of(self, name: str) -> TrunkLimits:
        """Made once: a table of rates takes its time. Nothing is taken of them."""
        limits = self._limits.get(name)
        if limits is None:
            limits = self._limits[name] = TrunkLimits(trunk_of(self._trunks[name]))
            if (out := self._out_of_use.get(name)) is not None:
                limits.health.stopped = out.words
        return limits
