"""Populations for tests: the bundled files with a few values changed, so that one thing happens for certain."""

from __future__ import annotations

import re
from typing import Any

from sim_trunk.population import BUNDLED, Population
from sim_trunk.population_file import parse_population
from sim_trunk.population_spec import PopulationSpec

REALISTIC = (BUNDLED / "realistic.toml").read_text()
DEMO = (BUNDLED / "demo.toml").read_text()


def changed(text: str, **values: object) -> str:
    """The file with these keys given other values: `answer__probability=1` for `probability` in `[answer]`."""
    for name, value in values.items():
        table, _, key = name.rpartition("__")
        header = re.escape(f"[{table.replace('__', '.')}]")
        pattern = rf"(?ms)(^{header}$.*?^{key} = )(\[.*?\]|\{{.*?\}}|[^#\n]*)"
        text, count = re.subn(pattern, rf"\g<1>{value} ", text, count=1)
        assert count == 1, f"no {key} in [{table}]"
    return text


def spec_with(**values: object) -> PopulationSpec:
    """The realistic population with some values changed."""
    return parse_population(changed(REALISTIC, **values), "population.toml")


def population_with(seed: int = 1, **values: object) -> Population:
    """As `spec_with`, its numbers all in London."""
    return Population(spec_with(**values), seed, zone_of=lambda _number: "Europe/London")


CERTAIN: dict[str, Any] = {
    "numbers__invalid": 0,
    "numbers__changed": 0,
    "numbers__wrong_person": 0,
    "numbers__gatekeeper": 0,
    "numbers__voicemail": 0,
    "numbers__screening": 0,
    "quirks__no_provisional": 0,
    "quirks__lost_ack": 0,
    "quirks__bye_crossing": 0,
    "quirks__false_answer": 0,
    "quirks__announcement": 0,
    "quirks__answer_after_cancel": 0,
    "quirks__progress_then_unavailable": 0,
    "quirks__no_response": 0,
    "unanswered__busy": 0,
    "unanswered__unreachable": 0,
    "unanswered__congestion": 0,
    "unanswered__declined": 0,
    "unanswered__timeout": 0,
}
"""Everything that is left to chance turned off: with an answer probability of 1 the right party answers, with 0
the phone rings on."""
