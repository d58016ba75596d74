"""Which trunk and which caller id carry the next call."""

from __future__ import annotations

from collections.abc import Collection

from campaigns.campaign import Campaign, Routing
from campaigns.refusal import Refusal, Refused
from campaigns.walls import Walls
from dialer.trunks.caller_ids import OF_CALLER_IDS, CallerIdUse, choose_caller_id
from dialer.trunks.ceilings import Ceilings
from dialer.trunks.limits import TrunkLimits
from dialer.trunks.rates import EXPECTED_S
from lists.client import client_of
from lists.lead import PhoneNumber
from lists.value import value

LOOK_AGAIN_S = 60.0
"""A lead whose trunks wait for a person is asked again after so long."""


@value
class Route:
    """A trunk's name, the caller id (E.164) shown over it, and what a call over it is expected to cost:
    millionths of the currency's unit, None where no rate is known."""

    trunk: str
    caller_id: str
    expected_cost_micro: int | None = None


class Tolls:
    """What all campaigns share when routes are chosen: the walls, and what was used of ceilings and caller ids."""

    def __init__(self, walls: Walls) -> None:
        self.walls = walls
        self.ceilings = Ceilings(walls.ceilings, walls.currency)
        self.caller_ids = CallerIdUse()

    def use(self, walls: Walls) -> None:
        """Other walls from now on; what was used stays used."""
        self.walls = walls
        self.ceilings.use(walls.ceilings, walls.currency)


class RouteSelector:
    """Chooses among a campaign's trunks, in its order or by cost, and among its caller ids. One per campaign."""

    def __init__(self, trunks: tuple[TrunkLimits, ...], campaign: Campaign, tolls: Tolls) -> None:
        self._turn = 0
        self._tolls = tolls
        self.use(trunks, campaign)

    def use(self, trunks: tuple[TrunkLimits, ...], campaign: Campaign) -> None:
        """Choose among these from now on; the rotation of caller ids goes on. Raises `ValueError` when either is
        empty."""
        if not trunks or not campaign.caller_ids:
            raise ValueError("a campaign needs at least one trunk and one caller id")
        self._trunks = trunks
        self._campaign = campaign
        self._client = client_of(campaign.name)

    @property
    def trunks(self) -> tuple[TrunkLimits, ...]:
        """The trunks it chooses among, in the campaign's order."""
        return self._trunks

    @property
    def caller_ids(self) -> tuple[str, ...]:
        return self._campaign.caller_ids

    def lines_free(self, now: float) -> int:
        """Calls that all trunks together allow now."""
        free = 0
        for limits in self._trunks:
            free += limits.free(now)
        return free

    def next_free(self, now: float) -> float | None:
        """When calls per second or a trunk's health next allow a call, where they alone hold it back."""
        earliest: float | None = None
        for limits in self._trunks:
            moment = limits.next_free(now)
            if moment is not None and (earliest is None or moment < earliest):
                earliest = moment
        return earliest

    def propose(
        self, number: PhoneNumber, now: float, avoid: Collection[str] = (), turn: int | None = None
    ) -> Route | Refused | None:
        """The route that a call to this number would take; `None` when the trunks that carry it are full. Takes
        nothing. `avoid`: trunks that have just failed on the number: they come last. `turn`: the caller id,
        counted round and round; None: the next in rotation."""
        e164, region = number.e164, number.region
        able = [limits for limits in self._trunks if limits.carries(e164, region)]
        if not able:
            names = ", ".join(limits.trunk.name for limits in self._trunks)
            return Refused(Refusal.NO_ROUTE, None, f"no trunk of the campaign carries {e164[:6]}… ({names})")
        usable = [limits for limits in able if limits.health.room(now) > 0 and not limits.removed]
        if not usable:
            return _down(able, now)
        priced: list[tuple[bool, int, int, TrunkLimits, int | None]] = []
        refused: Refused | None = None
        for position, limits in enumerate(usable):
            rate = limits.rates.rate(e164, now)
            cost = None if rate is None else rate.cost_micro(EXPECTED_S)
            over = self._over_ceiling(limits, cost, now)
            if over is not None:
                refused = over if refused is None else _sooner(refused, over)
                continue
            # One of unknown price is taken for dearer than all of known price.
            dear = (1 << 62 if cost is None else cost) if self._campaign.routing is Routing.COST else 0
            priced.append((limits.trunk.name in avoid, dear, position, limits, cost))
        if not priced:
            return refused
        priced.sort(key=lambda entry: entry[:3])
        for _, _, _, limits, cost in priced:
            if limits.free(now) > 0:
                caller_id = self._caller_id(number, limits.trunk.name, now, self._turn if turn is None else turn)
                return caller_id if isinstance(caller_id, Refused) else Route(limits.trunk.name, caller_id, cost)
        return None

    def holds_for_all(self, now: float) -> bool:
        """Whether what holds up one number now holds up every number of the campaign: its trunks carry the
        same, or no caller id may be shown at all."""
        uniform = all(limits.trunk.destinations is None for limits in self._trunks)
        use, walls = self._tolls.caller_ids, self._tolls.walls
        shown = (use.free_at(one, walls.caller_id(one), now) <= now for one in self._campaign.caller_ids)
        return uniform or not any(shown)

    def other_than(self, tried: Collection[str], number: PhoneNumber, now: float) -> bool:
        """Whether a trunk is left that could carry the number and has not been tried."""
        return any(
            limits.trunk.name not in tried
            and not limits.removed
            and limits.health.room(now) > 0
            and limits.carries(number.e164, number.region)
            for limits in self._trunks
        )

    def usual(self, number: PhoneNumber | None = None) -> Route:
        """The route a call (to `number`) takes when nothing is in the way: what a lead is judged with while
        none is free, and at take-up."""
        caller_ids, count = self._campaign.caller_ids, len(self._campaign.caller_ids)
        route = Route(self._trunks[0].trunk.name, caller_ids[self._turn % count])
        if number is None:
            return route
        trunk = next((one for one in self._trunks if one.carries(number.e164, number.region)), self._trunks[0])
        for n in range(count):
            caller_id = caller_ids[(self._turn + n) % count]
            refused = self._tolls.walls.refusal(
                number.e164, client=self._client, trunk=trunk.trunk.name, caller_id=caller_id
            )
            if refused is None or refused.reason not in OF_CALLER_IDS:
                return Route(trunk.trunk.name, caller_id)
        return route

    def take(self, route: Route, now: float) -> None:
        """Take the channel and the token of a proposed route, and turn to the next caller id."""
        for limits in self._trunks:
            if limits.trunk.name == route.trunk:
                if not limits.take(now):
                    raise ValueError(f"trunk {route.trunk} has no room at this moment")
                self._turn = self._campaign.caller_ids.index(route.caller_id) + 1
                return
        raise KeyError(route.trunk)

    def _over_ceiling(self, limits: TrunkLimits, cost: int | None, now: float) -> Refused | None:
        ceilings, trunk = self._tolls.ceilings, limits.trunk
        if cost is None and not trunk.simulated and ceilings.needs_price(self._client, trunk.name):
            text = (
                f"trunk {trunk.name} has no rate for it, and spending has a ceiling: add its prefix to the rates"
            )
            return Refused(Refusal.NO_ROUTE, None, text)
        return ceilings.refusal(self._client, trunk.name, cost or 0, now)

    def _caller_id(self, number: PhoneNumber, trunk: str, now: float, turn: int) -> str | Refused:
        return choose_caller_id(
            self._campaign.caller_ids,
            turn,
            self._tolls.caller_ids,
            self._tolls.walls,
            number=number.e164,
            region=number.region,
            client=self._client,
            trunk=trunk,
            local=self._campaign.local_presence,
            now=now,
        )


def _down(able: list[TrunkLimits], now: float) -> Refused:
    moments = [at for limits in able if (at := limits.health.opens_at(now)) is not None]
    until = min(moments, default=now + LOOK_AGAIN_S)
    states = ", ".join(f"{limits.trunk.name} is {limits.health.state(now)}" for limits in able)
    return Refused(Refusal.ROUTE_DOWN, until, f"no trunk for it is in service: {states}")


def _sooner(one: Refused, other: Refused) -> Refused:
    if one.until is None or (other.until is not None and other.until < one.until):
        return other if other.until is not None else one
    return one
