"""Which caller id a call shows: one of the campaign's that may be shown there, a local one first where the
campaign wants that, in rotation, none more often than it may."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.refusal import Refusal, Refused
from campaigns.walls import OwnedCallerId, Walls
from dialer.trunks.ceilings import DAY_S, HOUR_S
from dialer.trunks.rolling import RollingSum

REST_S = 86_400.0
"""A caller id that networks reject as unwanted (608, 603+) is not shown for so long by the campaigns of its
client."""

BLOCKED_BEFORE_REST = 3
"""So many such rejections in a row, with no call between them that got through."""


OF_CALLER_IDS = frozenset({Refusal.CALLER_ID_NOT_OURS, Refusal.CALLER_ID_COUNTRY})
"""Refusals of the walls that another caller id may not meet."""


class CallerIdUse:
    """How often each caller id was shown, and which rest. One for all campaigns."""

    def __init__(self) -> None:
        self._shown: dict[str, tuple[RollingSum, RollingSum]] = {}
        self._blocked: dict[str, int] = {}
        self._rests_until: dict[str, float] = {}

    def shown(self, number: str, now: float) -> None:
        hour, day = self._of(number)
        hour.add(1, now)
        day.add(1, now)

    def free_at(self, number: str, owned: OwnedCallerId | None, now: float) -> float:
        """When it may be shown once more: `now`, or later."""
        at = max(now, self._rests_until.get(number, now))
        if owned is not None:
            for most, period in zip((owned.per_hour, owned.per_day), self._of(number), strict=True):
                if most is not None and period.total(now) + 1 > most:
                    at = max(at, period.below(most - 1, now))
        return at

    def blocked(self, number: str, now: float) -> bool:
        """A network has rejected a call for this caller id's sake. Whether it begins to rest by that."""
        count = self._blocked[number] = self._blocked.get(number, 0) + 1
        if count < BLOCKED_BEFORE_REST or self._rests_until.get(number, now) > now:
            return False
        self._rests_until[number] = now + REST_S
        return True

    def went_through(self, number: str) -> None:
        self._blocked.pop(number, None)

    def rests_until(self, number: str, now: float) -> float | None:
        at = self._rests_until.get(number)
        return at if at is not None and at > now else None

    def _of(self, number: str) -> tuple[RollingSum, RollingSum]:
        known = self._shown.get(number)
        if known is None:
            known = self._shown[number] = (RollingSum(HOUR_S), RollingSum(DAY_S))
        return known


def choose_caller_id(
    candidates: Sequence[str],
    turn: int,
    use: CallerIdUse,
    walls: Walls,
    *,
    number: str,
    region: str,
    client: str,
    trunk: str,
    local: bool,
    now: float,
) -> str | Refused:
    """The next of `candidates` for a call to `number`, beginning with the `turn`-th. Over a simulated trunk
    any will do. `local`: those that are local to the number first."""
    rotated = [candidates[(turn + n) % len(candidates)] for n in range(len(candidates))]
    if local:
        rotated.sort(key=lambda one: not _is_local(walls.caller_id(one), number, region))
    soonest: float | None = None
    wrong: Refused | None = None
    for one in rotated:
        refused = walls.refusal(number, client=client, trunk=trunk, caller_id=one)
        if refused is not None and refused.reason in OF_CALLER_IDS:
            if wrong is None or wrong.reason is Refusal.CALLER_ID_NOT_OURS:
                wrong = refused
            continue
        at = use.free_at(one, walls.caller_id(one), now)
        if at <= now:
            return one
        soonest = at if soonest is None else min(soonest, at)
    if soonest is not None:
        text = "every caller id that may be shown there has been shown as often as it may, or rests"
        return Refused(Refusal.CALLER_ID_LIMIT, soonest, text)
    if wrong is None:
        raise ValueError("a campaign needs at least one caller id")
    return wrong


def _is_local(owned: OwnedCallerId | None, number: str, region: str) -> bool:
    return owned is not None and owned.local_to is not None and owned.local_to.allow(number, region)
