"""`python -m tests.bench.pacing.deciding`: what a decision of predictive pacing costs. CPU time of each, in the
second half of an hour at p = .3."""

from __future__ import annotations

import statistics
import time

from dialer.pacing import Pacer, PacingEvent, Snapshot, create
from tests.bench.measure import calibrate
from tests.bench.pacing.table import world
from tests.bench.pacing.world import World

TEAMS = (5, 20, 50, 100, 300)


class _Timed:
    """A pacer, with the CPU time of its decisions in µs."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self.took_us: list[float] = []

    def observe(self, event: PacingEvent) -> None:
        self._pacer.observe(event)

    def decide(self, snapshot: Snapshot) -> int:
        started = time.thread_time_ns()
        wanted = self._pacer.decide(snapshot)
        self.took_us.append((time.thread_time_ns() - started) / 1_000)
        return wanted


def lines() -> list[str]:
    """A line a team: mean, p50, p99, longest, and the mean in loops of `calibrate`."""
    found = []
    for agents in TEAMS:
        pacer = _Timed(create("predictive"))
        before_us = calibrate()
        World(world("p=0.3", agents, 1.0), pacer, 1).run()
        calibration_us = (before_us + calibrate()) / 2
        took = sorted(pacer.took_us[len(pacer.took_us) // 2 :])
        mean = statistics.fmean(took)
        found.append(
            f"decide() with {agents:>3} agents: mean {mean:.0f} µs ({mean / calibration_us:.1f} calibrations of"
            f" {calibration_us:.1f}), p50 {took[len(took) // 2]:.0f}, p99 {took[int(len(took) * 0.99)]:.0f},"
            f" longest {took[-1]:.0f}; {len(took)} decisions"
        )
    return found


if __name__ == "__main__":
    print(*lines(), sep="\n")
