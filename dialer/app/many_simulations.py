"""The same campaign simulated under several seeds, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from campaigns.errors import CampaignsError
from dialer.app.installation import read_home
from dialer.app.simulate import SimulationOptions, run_simulation
from dialer.errors import DialerError, InputError
from dialer.operations.apart import start_apart
from dialer.operations.simulated_figures import figures_of

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SimulatedRun:
    """`summary`: `Report.as_dict`; `days`: `SimulatedDay.as_dict` each; `above_abandon_cap`: more people found no
    agent than the rules allow."""

    seed: int
    summary: Mapping[str, Any]
    days: tuple[Mapping[str, Any], ...]
    notices: tuple[str, ...]
    above_abandon_cap: bool
    hours: float

    @property
    def figures(self) -> dict[str, float]:
        return figures_of(self.summary, self.hours)


class SimulationFailed(DialerError):
    """One of the processes ended without a result."""


def simulate_many(
    home: Path, options: SimulationOptions, runs: int, told: Told = lambda done, of: None
) -> tuple[SimulatedRun, ...]:
    """`runs` simulations, with seeds from that of the options on, by seed. `told`: how many of how many are done.
    Raises as `run_simulation`, `SimulationFailed`."""
    if runs < 1:
        raise InputError("--runs: at least 1")
    seeds = range(options.seed, options.seed + runs)
    workers = min(runs, os.cpu_count() or 1)
    found: dict[int, SimulatedRun] = {}
    with read_home(home):
        pass  # whatever is wrong with it is told once, and a database of an earlier version prepared once
    for run in _here(home, options, seeds) if workers == 1 else _apart(home, options, seeds, workers):
        found[run.seed] = run
        told(len(found), runs)
    return tuple(found[seed] for seed in seeds)


def _here(home: Path, options: SimulationOptions, seeds: Sequence[int]) -> Iterator[SimulatedRun]:
    with read_home(home) as view:
        for seed in seeds:
            result = run_simulation(view, replace(options, seed=seed))
            yield SimulatedRun(
                seed,
                result.report.as_dict(),
                tuple(day.as_dict() for day in result.days),
                result.notices,
                result.report.above_abandon_cap,
                options.hours * len(result.days),
            )


def _apart(home: Path, options: SimulationOptions, seeds: Sequence[int], workers: int) -> Iterator[SimulatedRun]:
    context = get_context("spawn")
    working: dict[Connection, BaseProcess] = {}
    try:
        for first in range(workers):
            ours, theirs = context.Pipe(duplex=False)
            process: BaseProcess = context.Process(
                target=partial(_work, theirs, home, options, seeds[first::workers])
            )
            start_apart(process)
            theirs.close()
            working[ours] = process
        yield from _received(working)
    finally:
        for ours, process in working.items():
            ours.close()
            process.kill()  # all that it knows has been sent, or nobody wants the rest
            process.join()


def _received(working: Mapping[Connection, BaseProcess]) -> Iterator[SimulatedRun]:
    open_ones = set(working)
    while open_ones:
        for ours in wait(list(open_ones)):
            if not isinstance(ours, Connection):
                raise TypeError(f"waited for pipes, and {ours!r} came")
            try:
                said: SimulatedRun | str | None = ours.recv()
            except EOFError as error:
                raise SimulationFailed("a process that simulates has ended early; start it again") from error
            if said is None:
                open_ones.remove(ours)
            elif isinstance(said, str):
                raise InputError(said)
            else:
                yield said


def _work(theirs: Connection, home: Path, options: SimulationOptions, seeds: Sequence[int]) -> None:
    """In another process."""
    try:
        for run in _here(home, options, seeds):
            theirs.send(run)
        theirs.send(None)
    except (DialerError, CampaignsError) as error:
        theirs.send(str(error))
