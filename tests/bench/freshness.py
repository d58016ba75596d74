"""How often the 90 % intervals of freshness hold the truth, on lists whose laws are known."""

from __future__ import annotations

from tests.bench.measure import Result, Stopwatch
from tests.freshness_coverage import WORLDS, World, held


def bench(times: int = 60) -> list[Result]:
    """`times`: how often each world is made."""
    return [_result(world, times) for world in WORLDS]


def _result(world: World, times: int) -> Result:
    watch = Stopwatch()
    found = held(world, range(times))
    cpu_s = watch.stop()
    each = ", ".join(f"{what} {share:.0%}" for what, share in found.items())
    return Result(
        name=f"intervals that hold the truth, {world.name}",
        figure=100 * sum(found.values()) / len(found),
        unit="%",
        target=85,
        peer=None,
        peer_name="",
        calibration_us=watch.calibration_us,
        count=times * len(world.sizes) * len(found),
        note=f"{each}; {cpu_s / times:.2f} s of CPU an estimate",
        higher_is_better=True,
    )
