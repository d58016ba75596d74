from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import sim_trunk
from sim_trunk.population_file import parse_population, read_population
from sim_trunk.population_spec import FLAT_DAY, KeyChance, Keys, Outage, PopulationSpec
from sim_trunk.population_text import population_text

FOLDER = Path(sim_trunk.__file__).parent / "populations"


@pytest.mark.parametrize("name", ["realistic", "demo"])
def test_what_is_written_reads_as_what_it_was(name: str) -> None:
    spec = read_population(FOLDER / f"{name}.toml")
    text = population_text(spec, ["a remark", ""])
    assert text.startswith("# a remark\n#\n")
    assert replace(_without_lines(parse_population(text, "written")), file=spec.file) == _without_lines(spec)


def test_whatever_a_file_may_hold() -> None:
    spec = read_population(FOLDER / "realistic.toml")
    answering = replace(spec.answering, odds_by_hour=FLAT_DAY, odds_by_hour_weekend=FLAT_DAY)
    outage = Outage("main", 90.5, 600.0, 503)
    odd = replace(
        spec,
        answering=answering,
        network=replace(spec.network, outages=(outage,)),
        greetings=True,
        keys=Keys((KeyChance("1", 0.25),), (KeyChance("#", 1.0),)),
        file="written",
    )
    assert _without_lines(parse_population(population_text(odd), "written")) == _without_lines(odd)


def _without_lines(spec: PopulationSpec) -> PopulationSpec:
    """The lines of disposition codes are those of the file that they were read from."""
    codes = {
        persona: tuple(replace(chance, line=0) for chance in chances)
        for persona, chances in spec.agents.dispositions.items()
    }
    return replace(spec, agents=replace(spec.agents, dispositions=codes))
