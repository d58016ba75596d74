"""What a call would cost over a trunk: the longest prefix of the number decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dialer.settings.rates import Rate

EXPECTED_S = 60.0
"""The expected cost of a call is that of one answered and over after so long."""

_DAY_S = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


class RateTable:
    """Rates by prefix; of several for one prefix the latest that is valid counts."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._by_prefix: dict[str, list[tuple[int, Rate]]] = {}
        for rate in rates:
            since = date.fromisoformat(rate.valid_from).toordinal() if rate.valid_from else 0
            self._by_prefix.setdefault(rate.prefix, []).append((since, rate))
        for known in self._by_prefix.values():
            known.sort(key=lambda entry: -entry[0])
        self._longest = max(map(len, self._by_prefix), default=0)

    def __bool__(self) -> bool:
        return bool(self._by_prefix)

    def rate(self, e164: str, now: float) -> Rate | None:
        """The rate for a number at `now` (seconds UTC; rates change at midnight UTC); None when none is known."""
        digits = e164.removeprefix("+")
        today = _EPOCH + int(now // _DAY_S)
        for length in range(min(self._longest, len(digits)), 0, -1):
            for since, rate in self._by_prefix.get(digits[:length], ()):
                if since <= today:
                    return rate
        return None
