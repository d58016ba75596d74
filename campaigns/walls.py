"""The walls around dialing: where calls may go and which caller ids may be shown, whatever campaigns and lists
say.

Asked for every attempt, when it is permitted and once more before it leaves. What may be dialed at all
(`lists.barred`) holds for every trunk; the rest for every trunk that is not a simulated one. What was in force is
stored whenever it changes, and permits name it by its hash, so that the audit knows it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache

from campaigns.destinations import Destinations
from campaigns.refusal import Refusal, Refused
from lists.barred import Bar, Judged, judge
from lists.value import value

_OF_BAR = {
    Bar.EMERGENCY: Refusal.EMERGENCY,
    Bar.SHORT_CODE: Refusal.SHORT_CODE,
    Bar.NOT_VALID: Refusal.NOT_VALID,
    Bar.PREMIUM: Refusal.PREMIUM,
}


@value
class OwnedCallerId:
    """A caller id that this installation may show. `client`: whose alone it is, "" the house's. `verified_on`:
    when somebody called it and reached us, ISO date, "" never: then it is not shown. `shown_in`: destinations
    that may see it, None for all. `local_to`: destinations it is local to. `per_hour`, `per_day`: calls that
    may show it in any hour and in any 24 hours, None without limit."""

    number: str
    client: str = ""
    verified_on: str = ""
    shown_in: Destinations | None = None
    local_to: Destinations | None = None
    per_hour: int | None = None
    per_day: int | None = None


@value
class Ceiling:
    """The most within any hour and any 24 hours: calls placed, and millionths of the currency's unit spent.
    None: no ceiling. `scope`: "house" for all, "client" or "trunk" of this `name`."""

    scope: str
    name: str
    calls_hour: int | None = None
    calls_day: int | None = None
    spend_hour_micro: int | None = None
    spend_day_micro: int | None = None


@value
class TrunkWall:
    """`destinations`: None for all that the house allows. `simulated`: it leads nowhere but to the simulator."""

    name: str
    destinations: Destinations | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Walls:
    """`house`: None until somebody says where calls may go: then they go nowhere. `clients`: by client,
    narrower than the house. `currency`: of every rate and ceiling."""

    house: Destinations | None = None
    clients: tuple[tuple[str, Destinations], ...] = ()
    trunks: tuple[TrunkWall, ...] = ()
    caller_ids: tuple[OwnedCallerId, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    currency: str = ""
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        # They are asked several times for every call, by caches that they are the key of.
        parts = (self.house, self.clients, self.trunks, self.caller_ids, self.ceilings, self.currency)
        object.__setattr__(self, "_hash", hash(parts))

    def __hash__(self) -> int:
        return self._hash

    @property
    def hash(self) -> str:
        """SHA-256 of `body`."""
        return _hash_of(self)

    @property
    def body(self) -> str:
        """Canonical JSON, as stored for the audit."""
        stored = {name: part for name, part in asdict(self).items() if name != "_hash"}
        return json.dumps(stored, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def caller_id(self, number: str) -> OwnedCallerId | None:
        """What is declared of it; None when it is not."""
        return _owned(self).get(number)

    def simulated(self, trunk: str) -> bool:
        """Whether the trunk leads to the simulator alone."""
        wall = _trunk_walls(self).get(trunk)
        return wall is not None and wall.simulated

    def refusal(
        self, number: str, *, client: str, trunk: str, caller_id: str, campaign: Destinations | None = None
    ) -> Refused | None:
        """Why `number` may not be called over `trunk` showing `caller_id` for `client`; None when it may.
        `campaign`: narrower than all the rest."""
        judged = judge(number)
        if judged.bar is not None:
            return Refused(_OF_BAR[judged.bar], None, judged.detail)
        if self.simulated(trunk):
            return None
        return self._destination(number, judged, client, trunk, campaign) or self._shown(
            number, judged, client, caller_id
        )

    def _destination(
        self, number: str, judged: Judged, client: str, trunk: str, campaign: Destinations | None
    ) -> Refused | None:
        if self.house is None:
            text = "no destination is allowed yet: name countries in dialer.toml, [walls] destinations"
            return Refused(Refusal.DESTINATION, None, text)
        wall = _trunk_walls(self).get(trunk)
        for whose, destinations in (
            ("[walls] of dialer.toml", self.house),
            (f"client {client}", dict(self.clients).get(client)),
            (f"trunk {trunk}", None if wall is None else wall.destinations),
            ("the campaign", campaign),
        ):
            if destinations is not None and not destinations.allow(number, judged.region):
                text = f"{judged.region} ({number[:6]}…) is not among the destinations of {whose}: {destinations}"
                return Refused(Refusal.DESTINATION, None, text)
        return None

    def not_ours(self, caller_id: str, client: str) -> str:
        """Why `client` may show this number only over a simulated trunk, with what to do; "" when it may."""
        owned = self.caller_id(caller_id)
        if owned is None:
            return f"{caller_id} is not declared as ours: [[caller_id]] in dialer.toml"
        if owned.client not in ("", client):
            return f"{caller_id} belongs to client {owned.client}"
        if not owned.verified_on:
            return f"nobody has called {caller_id} back yet: do, and write verified_on in dialer.toml"
        return ""

    def _shown(self, number: str, judged: Judged, client: str, caller_id: str) -> Refused | None:
        owned, not_ours = self.caller_id(caller_id), self.not_ours(caller_id, client)
        if owned is None or not_ours:
            return Refused(Refusal.CALLER_ID_NOT_OURS, None, not_ours)
        if owned.shown_in is not None and not owned.shown_in.allow(number, judged.region):
            text = f"{caller_id} may not be shown in {judged.region}: {owned.shown_in}"
            return Refused(Refusal.CALLER_ID_COUNTRY, None, text)
        return None


@lru_cache(maxsize=16)
def _hash_of(walls: Walls) -> str:
    return hashlib.sha256(walls.body.encode()).hexdigest()


@lru_cache(maxsize=16)
def _owned(walls: Walls) -> dict[str, OwnedCallerId]:
    return {owned.number: owned for owned in walls.caller_ids}


@lru_cache(maxsize=16)
def _trunk_walls(walls: Walls) -> dict[str, TrunkWall]:
    return {wall.name: wall for wall in walls.trunks}
