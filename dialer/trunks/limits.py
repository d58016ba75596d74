"""What a trunk allows right now: channels as a count, calls per second as a token bucket, its health, its
rates."""

from __future__ import annotations

import math

from dialer.trunks.health import TrunkHealth
from dialer.trunks.rates import RateTable
from dialer.trunks.trunk import Trunk


class TrunkLimits:
    """Channels in use and calls per second of one trunk. `removed`: it is no longer configured, and kept only
    until the calls on it are over.

    The bucket holds at most one second's worth of calls (at least one call), so that a quiet minute is not
    paid back as a burst. Tokens are counted in calls.
    """

    def __init__(self, trunk: Trunk) -> None:
        self.trunk = trunk
        self.in_use = 0
        self.removed = False
        self.health = TrunkHealth(trunk.name, trunk.health)
        self.rates = RateTable(trunk.rates)
        self._channels = trunk.channels
        self._depth = max(1.0, trunk.cps)
        self._tokens = self._depth
        self._at: float | None = None

    def free(self, now: float) -> int:
        """How many calls may be placed at `now`."""
        self._refill(now)
        return max(0, min(self._channels - self.in_use, math.floor(self._tokens), self.health.room(now)))

    def take(self, now: float) -> bool:
        """Take a channel and a token. False, and nothing taken, when either is missing."""
        if self.free(now) < 1:
            return False
        self._tokens -= 1.0
        self.in_use += 1
        self.health.placed()
        return True

    def release(self) -> None:
        """Give the channel of an ended call back."""
        if self.in_use < 1:
            raise ValueError(f"trunk {self.trunk.name}: a channel was released that was never taken")
        self.in_use -= 1

    def change(self, trunk: Trunk) -> None:
        """The trunk has other limits from now on. Calls open beyond them go on; none is placed until they are
        below. Whoever reads the settings again says that what was wrong is mended: a stopped trunk is tried
        again."""
        if trunk.rates != self.trunk.rates:
            self.rates = RateTable(trunk.rates)
        self.health.change(trunk.health)
        if self.health.stopped:
            self.health.released()
        self.trunk = trunk
        self.removed = False
        self._channels = trunk.channels
        self._depth = max(1.0, trunk.cps)
        self._tokens = min(self._tokens, self._depth)

    def remove(self) -> None:
        """No more calls over this trunk."""
        self.removed = True
        self._channels = 0

    def carries(self, e164: str, region: str) -> bool:
        """Whether the trunk is for numbers like this one."""
        destinations = self.trunk.destinations
        return destinations is None or destinations.allow(e164, region)

    def next_free(self, now: float) -> float | None:
        """When the bucket next holds a whole token, or the trunk is open again; None when both hold now, or only
        channels are missing."""
        opens_at = self.health.opens_at(now)
        if opens_at is not None:
            return opens_at
        self._refill(now)
        if self._tokens >= 1.0 or self.in_use >= self._channels:
            return None
        return now + (1.0 - self._tokens) / self.trunk.cps

    def _refill(self, now: float) -> None:
        at = self._at
        if at is None:
            self._at = now
        elif now > at:
            if self._tokens < self._depth:
                # A sum of many small refills must reach whole tokens exactly on time: round off the noise.
                self._tokens = min(self._depth, round(self._tokens + (now - at) * self.trunk.cps, 9))
            self._at = now
