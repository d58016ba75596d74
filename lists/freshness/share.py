"""A share of counted things, with its interval, in words where they are few."""

from __future__ import annotations

import math

from lists.value import value

LEVEL = 0.9
"""Of all intervals here."""

Z = 1.6448536269514722
"""The normal quantile that leaves (1 - `LEVEL`) / 2 above it."""

FEW = 30
"""Of fewer calls than this no percentage is told."""


@value
class Share:
    """`found` of `of`."""

    found: int
    of: int

    @property
    def enough(self) -> bool:
        return self.of >= FEW

    def interval(self) -> tuple[float, float]:
        """Wilson's score interval (Wilson 1927, JASA 22:209): fractions. It stays inside [0, 1], and says
        something at 0 and at `of` too. (0, 1) of nothing."""
        if not self.of:
            return 0.0, 1.0
        share, z2 = self.found / self.of, Z * Z
        middle = (share + z2 / (2 * self.of)) / (1 + z2 / self.of)
        half = Z / (1 + z2 / self.of) * math.sqrt(share * (1 - share) / self.of + z2 / (4 * self.of * self.of))
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        if not self.of:
            return "none called"
        if not self.enough:
            return f"too few calls: {self.found} of {self.of}"
        low, high = self.interval()
        return f"{self.found / self.of:.0%} ({low:.0%} to {high:.0%})"

    def as_dict(self) -> dict[str, object]:
        """`share` is null where the calls are too few for one; the interval is not."""
        low, high = self.interval()
        return {
            "count": self.found,
            "of": self.of,
            "share": round(self.found / self.of, 4) if self.enough else None,
            "low": round(low, 4),
            "high": round(high, 4),
        }
