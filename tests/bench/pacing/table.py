"""`python -m tests.bench.pacing`: busy time at a given share of abandoned calls, ours beside the others'.

Each cell is the mean over seeds, with its 95 % interval. The others are given what hindsight knows: of the power
ratios, VICIdial maximum levels and expected-value margins that were tried, the one that kept agents busiest with
at most the target abandoned over all seeds.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import Pool

from dialer.pacing import Pacer, create
from dialer.pacing.expected_value import ExpectedValuePacer
from dialer.pacing.vicidial import AdaptPacer, Method
from tests.bench.pacing.world import Scenario, World, gamma, lognormal, mixture

TARGET = 0.03
SHIFT_H = 8.0
STEADY = ("p=0.1", "p=0.3", "p=0.5")
CHANGING = (
    "hourly",
    "talks shorter",
    "talks longer",
    "rings shorter",
    "rings longer",
    "halved",
    "doubled",
    "outage",
)
WORLDS = (*STEADY, "gamma", "mixture", "machines", *CHANGING, "mass pause")
HOURLY_P = (0.35, 0.20, 0.28, 0.12, 0.30, 0.15, 0.25, 0.40)
RATIOS = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.25, 2.5, 2.75, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0)
LEVELS = (3.0, 4.0, 6.0, 9.0, 15.0)
MARGINS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0)


@dataclass(frozen=True, slots=True)
class Cell:
    """Of several seeds: share of the agents' time in talk and wrap-up, share of live answers abandoned, how many
    shifts were above the target; `setting`: of the pacer, where hindsight chose it."""

    pacer: str
    world: str
    agents: int
    seeds: int
    busy: float
    busy_interval: float
    abandonment: float
    shifts_over: int
    worst: float
    setting: str = ""


def _hourly(at_s: float) -> float:
    return HOURLY_P[min(int(at_s // 3_600), len(HOURLY_P) - 1)]


def _from_half(hours: float, before: float, after: float) -> Callable[[float], float]:
    """What changes in the middle of the shift, from one moment to the next."""
    return lambda at: before if at < hours * 1_800.0 else after


def world(name: str, agents: int, hours: float) -> Scenario:
    """By name: `p=0.3` and the like, or one of those below. Raises `ValueError` for another."""
    if name.startswith("p="):
        p = float(name[2:])
        return Scenario(agents, hours, lambda _: p)
    match name:
        case "hourly":
            return Scenario(agents, hours, _hourly)
        case "gamma":
            return Scenario(agents, hours, talk=gamma(150.0, 1.0), wrap=gamma(25.0, 0.8), ring=gamma(11.5, 0.55))
        case "mixture":
            parts = mixture((0.5, lognormal(20.0, 0.3)), (0.5, lognormal(200.0, 0.5)))
            return Scenario(agents, hours, talk=parts)
        case "machines":
            return Scenario(agents, hours, machine=0.25)
        case "halved":
            return Scenario(agents, hours, _from_half(hours, 0.4, 0.2))
        case "doubled":
            return Scenario(agents, hours, _from_half(hours, 0.15, 0.3))
        case "talks shorter":
            return Scenario(agents, hours, talk_factor=_from_half(hours, 1.0, 0.67))
        case "talks longer":
            return Scenario(agents, hours, talk_factor=_from_half(hours, 1.0, 1.5))
        case "rings shorter":
            return Scenario(agents, hours, ring_factor=_from_half(hours, 1.0, 0.5))
        case "rings longer":
            return Scenario(agents, hours, ring_factor=_from_half(hours, 1.0, 1.5))
        case "outage":
            return Scenario(agents, hours, open_at=lambda at: not 7_200 <= at < 7_500)
        case "mass pause":
            return Scenario(agents, hours, agents_at=lambda at: agents // 2 if 7_200 <= at < 9_000 else agents)
    raise ValueError(f"no world {name!r}")


def _pacers(name: str) -> Iterator[tuple[str, Callable[[], Pacer]]]:
    """The pacer in every setting that is tried, each with what it is called."""
    window = SHIFT_H * 3_600.0
    match name:
        case "predictive":
            yield "", lambda: create("predictive", abandon_target=TARGET, window_s=window)
        case "progressive":
            yield "", lambda: create("progressive")
        case "power":
            for ratio in RATIOS:
                yield f"ratio {ratio:g}", lambda ratio=ratio: create("power", ratio=ratio)  # type: ignore[misc]
        case "expected value":
            for margin in MARGINS:
                yield f"margin {margin:g}", lambda margin=margin: ExpectedValuePacer(margin)  # type: ignore[misc]
        case _:
            for level in LEVELS:
                for target in (0.0, 1.0):
                    yield (
                        f"most {level:g}, target {target:g}",
                        lambda level=level, target=target: AdaptPacer(  # type: ignore[misc]
                            Method(name.removeprefix("adapt ")), TARGET, most=level, target=target
                        ),
                    )


PACERS = ("predictive", "progressive", "power", "adapt hard", "adapt tapered", "adapt average", "expected value")


def _shift(job: tuple[str, int, str, int, float, int]) -> tuple[float, float]:
    pacer, setting, where, agents, hours, seed = job
    make = list(_pacers(pacer))[setting][1]
    # A table of steady worlds begins when it is steady; a world that changes is taken whole, with its cold start.
    warm_s = 900.0 if where.startswith("p=") else 0.0
    shift = World(world(where, agents, hours), make(), seed, warm_s=warm_s).run()
    return shift.busy, shift.abandonment


def cell(pool: object, pacer: str, where: str, agents: int, hours: float, seeds: int) -> Cell:
    """The best setting of a pacer: the busiest one that keeps the target, or that which misses it least."""
    settings = [name for name, _ in _pacers(pacer)]
    jobs = [
        (pacer, setting, where, agents, hours, seed) for setting in range(len(settings)) for seed in range(seeds)
    ]
    results = pool.map(_shift, jobs, chunksize=1)  # type: ignore[attr-defined]
    found = []
    for place, name in enumerate(settings):
        busy, abandonment = zip(*results[place * seeds : (place + 1) * seeds], strict=True)
        spread = 1.96 * statistics.stdev(busy) / math.sqrt(seeds) if seeds > 1 else math.nan
        mean = statistics.fmean(abandonment)
        over = sum(share > TARGET for share in abandonment)
        found.append(
            Cell(pacer, where, agents, seeds, statistics.fmean(busy), spread, mean, over, max(abandonment), name)
        )
    kept = [one for one in found if one.abandonment <= TARGET * 1.005]
    return max(kept, key=lambda one: one.busy) if kept else min(found, key=lambda one: one.abandonment)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pacing", description=__doc__)
    parser.add_argument("--pacers", default=",".join(PACERS), help="separated by commas")
    parser.add_argument("--worlds", default=",".join(WORLDS), help="separated by commas")
    parser.add_argument("--agents", default="5,10,20,50,100,300", help="separated by commas")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--hours", type=float, default=SHIFT_H)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="a line of JSON a cell")
    options = parser.parse_args()
    with Pool(options.processes) as pool:
        for where in options.worlds.split(","):
            for agents in map(int, options.agents.split(",")):
                for pacer in options.pacers.split(","):
                    started = time.monotonic()
                    one = cell(pool, pacer, where, agents, options.hours, options.seeds)
                    if options.json:
                        values = {name: getattr(one, name) for name in Cell.__slots__}
                        print(json.dumps(values), flush=True)
                        continue
                    print(
                        f"{where:>10} {agents:>4} agents  {one.pacer:<15} busy {one.busy:6.1%}"
                        f" ± {one.busy_interval:.1%}"
                        f"  abandoned {one.abandonment:.2%}  over {one.shifts_over}/{one.seeds}"
                        f" worst {one.worst:.2%}  {one.setting}  [{time.monotonic() - started:.0f} s]",
                        flush=True,
                    )
    return 0
