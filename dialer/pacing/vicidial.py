"""VICIdial's adaptive dial levels, as a baseline for benchmarks: nobody dials with them here.

Written after AST_VDadapt.pl's description (manager manual, "Auto Dial Level", "Adaptive Dial Level Difference
Target"): every 15 s the level is multiplied by 1 plus the average of agents ready less contacts waiting (plus a
target), per agent; when today's share of dropped calls is over the limit the method says what becomes of it.
"""

from __future__ import annotations

from enum import StrEnum

from dialer.pacing.power import PowerPacer
from dialer.pacing.snapshot import Abandoned, Connected, HungUpWaiting, PacingEvent, Snapshot

ADAPT_S = 15.0
DIAL_S = 2.5


class Method(StrEnum):
    """What becomes of the level when more than the limit is dropped."""

    HARD = "hard"  # it is 1
    TAPERED = "tapered"  # it is scaled by how much of the day is left
    AVERAGE = "average"  # it is halved


class AdaptPacer:
    """`limit`: fraction of live answers that may be dropped. `most`: the maximum level (3 by default there).
    `target`: the dial level difference target in agents. `day_s`: length of the day for TAPERED."""

    def __init__(
        self, method: Method, limit: float, *, most: float = 3.0, target: float = 0.0, day_s: float = 28_800.0
    ) -> None:
        self._method, self._limit, self._most, self._target, self._day_s = method, limit, most, target, day_s
        self._level = 1.0
        self._began_at: float | None = None
        self._adapted_at = self._dialed_at = float("-inf")
        self._difference = 0.0
        self._samples = 0
        self._answers = self._dropped = 0

    def observe(self, event: PacingEvent) -> None:
        if isinstance(event, Connected | HungUpWaiting | Abandoned):
            self._answers += 1
            self._dropped += isinstance(event, Abandoned)

    def decide(self, snapshot: Snapshot) -> int:
        now = snapshot.now_s
        if self._began_at is None:
            self._began_at = self._adapted_at = now
        self._difference += snapshot.idle - len(snapshot.waiting_s)
        self._samples += 1
        agents = snapshot.idle + len(snapshot.talking_s) + len(snapshot.wrapping_s)
        if agents and now >= self._adapted_at + ADAPT_S:
            self._adapt(agents, now - self._began_at)
            self._adapted_at = now
            self._difference = 0.0
            self._samples = 0
        if now < self._dialed_at + DIAL_S:
            return 0
        self._dialed_at = now
        return PowerPacer(self._level).decide(snapshot)

    def _adapt(self, agents: int, passed_s: float) -> None:
        change = (self._difference / self._samples + self._target) / agents
        level = self._level * (1.0 + change)
        if self._answers and self._dropped / self._answers > self._limit:
            match self._method:
                case Method.HARD:
                    level = 1.0
                case Method.AVERAGE:
                    level /= 2.0
                case Method.TAPERED:
                    level *= max(0.0, 1.0 - passed_s / self._day_s)
        self._level = min(max(level, 1.0), self._most)
