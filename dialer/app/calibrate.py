"""A population that behaves as a campaign's people did, to try tomorrow with. The home is only read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dialer.app.installation import HomeView
from dialer.errors import InputError
from dialer.operations.moments import iso
from dialer.operations.open_campaign import read_campaign
from dialer.operations.run_audit import EVER, TELL_EVERY
from dialer.operations.run_report import check_period
from sim_trunk.calibration import ENOUGH, Calls
from sim_trunk.population import load_population
from sim_trunk.population_text import population_text


@dataclass(frozen=True, slots=True)
class Calibrated:
    """`text`: the population file. `attempts`: that it rests on. `kept`: its figures that are those of the
    template, for fewer than `ENOUGH` calls spoke of them."""

    text: str
    attempts: int
    kept: tuple[str, ...]


def calibrate(
    home: HomeView,
    name: str,
    since: float | None = None,
    until: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> Calibrated:
    """From the records of [since, until), None for all there are. What they do not tell comes from the home's own
    population.toml, else from the bundled one. Raises `UnknownName`, `InputError` when there are too few."""
    campaign = read_campaign(home.reader, name)
    check_period(since, until)
    calls = Calls({one.code: one for one in campaign.dispositions})
    low, high = since if since is not None else 0.0, until if until is not None else EVER
    for read, record in enumerate(home.reader.records(name, low, high), start=1):
        if progress is not None and read % TELL_EVERY == 0:
            progress(read)
        calls.add(record)
    if calls.attempts < ENOUGH:
        raise InputError(
            f"{name}: {calls.attempts} calls to numbers in service are too few to tell how its people behave; at"
            f" least {ENOUGH} are needed"
        )
    own = home.home / "population.toml"
    template = load_population(own if own.is_file() else None, 0).spec
    spec, kept = calls.population(template)
    period = f", {iso(since) or 'from the first'} to {iso(until) or 'the last'}"
    remarks = [
        f"The people of campaign {name}, by {calls.attempts:,} of its calls{period if since or until else ''}.",
        "The keys are explained in docs/reference/population-file.md.",
        *([f"Too few calls for, and so as in {_name_of(own)}: {', '.join(kept)}."] if kept else []),
    ]
    return Calibrated(population_text(spec, remarks), calls.attempts, kept)


def _name_of(own: Path) -> str:
    return "population.toml" if own.is_file() else "the bundled population"
