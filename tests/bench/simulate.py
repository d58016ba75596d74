"""Eight hours of twenty agents in virtual time: what `dialer simulate` does once it is imported."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dialer.app.installation import HomeView, example_files, open_home, read_home
from dialer.app.simulate import SimulationOptions, run_simulation
from dialer.clock import monotonic
from dialer.operations.import_list import ImportOptions, import_list
from lists.sample import csv_text, generate
from sim_trunk.population import BUNDLED
from tests.bench.lists import NOON
from tests.bench.measure import Result, Stopwatch

TARGET_S = 10.0
AGENTS = 20

CAMPAIGN = """
name = "bench"
lists = ["people"]
rules = "fictional"
trunks = ["sim"]
caller_ids = ["+442079460999"]
ring_timeout = "25s"
wrapup_limit = "60s"
[pacing]
{pacing}
[hours]
daily = "09:00-20:00"
"""
_MODES = {"progressive": 'mode = "progressive"', "power 1.2": 'mode = "power"\nratio = 1.2'}


def bench(count: int = 25_000, hours: float = 8.0) -> list[Result]:
    """`count`: leads of the list. Copy of the list, run, report and audit are all in the figure."""
    with _home(count) as view:
        return [_simulate(view, mode, pacing, count, hours) for mode, pacing in _MODES.items()]


def _simulate(view: HomeView, mode: str, pacing: str, leads: int, hours: float) -> Result:
    file = view.home / "bench.toml"
    file.write_text(CAMPAIGN.format(pacing=pacing), encoding="utf-8")
    options = SimulationOptions(str(file), AGENTS, hours, NOON, BUNDLED / "realistic.toml", seed=1)
    watch = Stopwatch()
    result = run_simulation(view, options)
    cpu_s = watch.stop()
    if result.report.violations:
        raise RuntimeError(f"{result.report.violations} violations")
    (run,) = result.runs
    note = f"{hours:g} h × {AGENTS} agents, {leads} leads: {run.placed} calls, {run.events} events"
    target = TARGET_S * hours / 8.0
    return Result(f"simulate {mode}", cpu_s, "s CPU", target, None, "", watch.calibration_us, 1, note)


@contextmanager
def _home(leads: int) -> Iterator[HomeView]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "dialer.toml").write_bytes(example_files()["dialer.toml"])
        people = home / "people.csv"
        people.write_text(csv_text(generate(leads, 1)), encoding="utf-8")
        with open_home(home, "benchmark") as owned:
            import_list(
                people,
                ImportOptions(list_name="people"),
                write=owned.write,
                reader=owned.reader,
                now=NOON,
                clock=monotonic,
            )
        with read_home(home) as view:
            yield view
