"""Ceilings on calls and money, per hour and day, for the house, a client, a trunk: what a stolen password or a
wrong list can cost is bounded, whatever else goes wrong."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.refusal import Refusal, Refused
from campaigns.walls import Ceiling
from dialer.ports.store import Usage
from dialer.settings.rates import in_units
from dialer.trunks.rolling import RollingSum

HOUR_S, DAY_S = 3_600.0, 86_400.0
_PERIODS = ((HOUR_S, "hour"), (DAY_S, "day"))


class _Meter:
    """Calls and money of one scope. `pending`: calls about to leave. `reserved`: what those and the open ones are
    expected to cost."""

    def __init__(self) -> None:
        self.calls = {period_s: RollingSum(period_s) for period_s, _ in _PERIODS}
        self.spent = {period_s: RollingSum(period_s) for period_s, _ in _PERIODS}
        self.pending = 0
        self.reserved = 0

    def add(self, calls: int, cost_micro: int, at: float) -> None:
        for period_s, _ in _PERIODS:
            if calls:
                self.calls[period_s].add(calls, at)
            if cost_micro:
                self.spent[period_s].add(cost_micro, at)


class Ceilings:
    """Counts for every scope, whether it has a ceiling or not: one may be set while calls are going on."""

    def __init__(self, ceilings: Iterable[Ceiling] = (), currency: str = "") -> None:
        self._meters: dict[tuple[str, str], _Meter] = {}
        self.use(ceilings, currency)

    def use(self, ceilings: Iterable[Ceiling], currency: str) -> None:
        """These hold from now on; what was counted stays."""
        self._ceilings = {(ceiling.scope, ceiling.name): ceiling for ceiling in ceilings}
        self._currency = currency

    def restore(self, usage: Iterable[Usage]) -> None:
        """What was used before, in the order of its moments."""
        for used in usage:
            for key in _scopes(used.client, used.trunk):
                self._meter(key).add(used.calls, used.cost_micro, used.at)

    def needs_price(self, client: str, trunk: str) -> bool:
        """Whether a ceiling on money holds for such a call: then one of unknown price is not placed."""
        found = (self._ceilings.get(key) for key in _scopes(client, trunk))
        return any(
            ceiling.spend_hour_micro is not None or ceiling.spend_day_micro is not None
            for ceiling in found
            if ceiling is not None
        )

    def refusal(self, client: str, trunk: str, cost_micro: int, now: float) -> Refused | None:
        """Why one more call, expected to cost so much, may not be placed at `now`; None when it may."""
        for key in _scopes(client, trunk):
            ceiling = self._ceilings.get(key)
            if ceiling is None:
                continue
            meter = self._meter(key)
            for (period_s, period), most in zip(_PERIODS, (ceiling.calls_hour, ceiling.calls_day), strict=True):
                if most is not None and meter.calls[period_s].total(now) + meter.pending + 1 > most:
                    until = meter.calls[period_s].below(max(0, most - 1 - meter.pending), now)
                    text = f"{_whose(ceiling)}: {most} calls within one {period} is the ceiling"
                    return Refused(Refusal.CALLS_CEILING, until, text)
            spends = (ceiling.spend_hour_micro, ceiling.spend_day_micro)
            for (period_s, period), most in zip(_PERIODS, spends, strict=True):
                if most is not None and meter.spent[period_s].total(now) + meter.reserved + cost_micro > most:
                    until = meter.spent[period_s].below(max(0, most - meter.reserved - cost_micro), now)
                    text = (
                        f"{_whose(ceiling)}: {in_units(most)} {self._currency} within one {period} is the ceiling"
                    )
                    return Refused(Refusal.SPEND_CEILING, until, text)
        return None

    def reserve(self, client: str, trunk: str, cost_micro: int) -> None:
        """A call is about to leave, expected to cost so much."""
        for key in _scopes(client, trunk):
            meter = self._meter(key)
            meter.pending += 1
            meter.reserved += cost_micro

    def release(self, client: str, trunk: str, cost_micro: int) -> None:
        """It will not leave after all."""
        for key in _scopes(client, trunk):
            meter = self._meter(key)
            meter.pending -= 1
            meter.reserved -= cost_micro

    def placed(self, client: str, trunk: str, now: float) -> None:
        """It has left."""
        for key in _scopes(client, trunk):
            meter = self._meter(key)
            meter.pending -= 1
            meter.add(1, 0, now)

    def settled(self, client: str, trunk: str, expected_micro: int, cost_micro: int, now: float) -> None:
        """It is over, and has cost so much."""
        for key in _scopes(client, trunk):
            meter = self._meter(key)
            meter.reserved -= expected_micro
            meter.add(0, cost_micro, now)

    def used(self, scope: str, name: str, now: float) -> tuple[int, int]:
        """Calls and millionths spent within the last 24 hours."""
        meter = self._meter((scope, name))
        return meter.calls[DAY_S].total(now), meter.spent[DAY_S].total(now)

    def _meter(self, key: tuple[str, str]) -> _Meter:
        meter = self._meters.get(key)
        if meter is None:
            meter = self._meters[key] = _Meter()
        return meter


def _scopes(client: str, trunk: str) -> tuple[tuple[str, str], ...]:
    house = (("house", ""), ("trunk", trunk))
    return (*house, ("client", client)) if client else house


def _whose(ceiling: Ceiling) -> str:
    return "the whole installation" if ceiling.scope == "house" else f"{ceiling.scope} {ceiling.name}"
