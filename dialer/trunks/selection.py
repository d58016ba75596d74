"""Which trunk and which caller id carry the next call."""

from __future__ import annotations

from dialer.trunks.limits import TrunkLimits
from lists.value import value


@value
class Route:
    """A trunk's name and the caller id (E.164) shown over it."""

    trunk: str
    caller_id: str


class RouteSelector:
    """The first of a campaign's trunks with room; caller ids in rotation. One per campaign."""

    def __init__(self, trunks: tuple[TrunkLimits, ...], caller_ids: tuple[str, ...]) -> None:
        self._turn = 0
        self.use(trunks, caller_ids)

    def use(self, trunks: tuple[TrunkLimits, ...], caller_ids: tuple[str, ...]) -> None:
        """Choose among these from now on; the rotation of caller ids goes on. Raises `ValueError` when either is
        empty."""
        if not trunks or not caller_ids:
            raise ValueError("a campaign needs at least one trunk and one caller id")
        self._trunks = trunks
        self._caller_ids = caller_ids

    @property
    def trunks(self) -> tuple[TrunkLimits, ...]:
        """The trunks it chooses among, in the campaign's order."""
        return self._trunks

    @property
    def caller_ids(self) -> tuple[str, ...]:
        return self._caller_ids

    def lines_free(self, now: float) -> int:
        """Calls that all trunks together allow now."""
        free = 0
        for limits in self._trunks:
            free += limits.free(now)
        return free

    def next_free(self, now: float) -> float | None:
        """When calls per second next allow a call, where that alone holds it back."""
        earliest: float | None = None
        for limits in self._trunks:
            moment = limits.next_free(now)
            if moment is not None and (earliest is None or moment < earliest):
                earliest = moment
        return earliest

    def propose(self, now: float) -> Route | None:
        """The route the next call would take; None when every trunk is full. Takes nothing."""
        for limits in self._trunks:
            if limits.free(now) > 0:
                return Route(limits.trunk.name, self._caller_ids[self._turn % len(self._caller_ids)])
        return None

    def usual(self) -> Route:
        """The route a call takes when nothing is in the way: what a lead is judged with at take-up."""
        return Route(self._trunks[0].trunk.name, self._caller_ids[self._turn % len(self._caller_ids)])

    def take(self, route: Route, now: float) -> None:
        """Take the channel and the token of a proposed route, and turn to the next caller id."""
        for limits in self._trunks:
            if limits.trunk.name == route.trunk:
                if not limits.take(now):
                    raise ValueError(f"trunk {route.trunk} has no room at this moment")
                self._turn += 1
                return
        raise KeyError(route.trunk)
