"""Whom a campaign met is found again in its records, and a simulation with them comes to the same."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import sim_trunk
from sim_trunk.calibration import Calls
from sim_trunk.population import Population
from sim_trunk.population_file import parse_population, read_population
from sim_trunk.population_spec import PopulationSpec
from sim_trunk.population_text import population_text
from tests.simulation.day import Day, campaign_text, run_day

POPULATIONS = Path(sim_trunk.__file__).parent / "populations"
TRUE = read_population(POPULATIONS / "realistic.toml")


def day_with(spec: PopulationSpec, seed: int) -> Day:
    text = campaign_text("progressive", hours="06:00-22:00")
    return run_day(Population(spec, seed), text, agents=16, hours=1.5, leads=1_600, places=1, seed=seed)


@cache
def calibrated() -> tuple[Day, PopulationSpec, tuple[str, ...]]:
    day = day_with(TRUE, 5)
    calls = Calls({one.code: one for one in day.campaign.dispositions})
    for record in day.records:
        calls.add(record)
    spec, kept = calls.population(TRUE)
    return day, parse_population(population_text(spec), "calibrated"), kept


def test_people_are_found_in_the_records() -> None:
    day, found, kept = calibrated()
    assert len(day.records) > 1_000
    assert found.numbers.invalid == pytest.approx(TRUE.numbers.invalid, abs=0.012)
    assert found.numbers.wrong_person == pytest.approx(TRUE.numbers.wrong_person, abs=0.03)
    assert found.numbers.gatekeeper == pytest.approx(TRUE.numbers.gatekeeper, abs=0.04)
    assert found.ringing.person.mean_s == pytest.approx(TRUE.ringing.person.mean_s, rel=0.1)
    assert found.ringing.voicemail.mean_s == pytest.approx(TRUE.ringing.voicemail.mean_s, rel=0.15)
    assert found.talk["right_party"].mean_s == pytest.approx(150.0, rel=0.2)  # type: ignore[index]
    assert found.agents.wrap.mean_s == pytest.approx(TRUE.agents.wrap.mean_s, rel=0.15)
    # From half past one in the afternoon in London; the other hours nobody called.
    assert found.answering.odds_by_hour[3] == pytest.approx(1.0, abs=0.01)
    # Machines are hung up on by agents: how long they would have spoken is not seen.
    assert {"talk.voicemail", "agents.dispositions.announcement"} <= set(kept)


def test_a_simulation_with_them_comes_to_the_same() -> None:
    day, found, _ = calibrated()
    again = [day_with(found, seed) for seed in (11, 12)]
    for figure in ("live", "machine", "rpc"):
        was = sum(getattr(record, figure) for record in day.records)
        now = [sum(getattr(record, figure) for record in one.records) for one in again]
        assert was == pytest.approx(sum(now) / len(now), rel=0.2), figure
    was_talked = sum(record.talk_s for record in day.records)
    now_talked = [sum(record.talk_s for record in one.records) for one in again]
    assert was_talked == pytest.approx(sum(now_talked) / len(now_talked), rel=0.2)


def test_of_few_calls_the_template_stays() -> None:
    day, _, _ = calibrated()
    calls = Calls({one.code: one for one in day.campaign.dispositions})
    for record in day.records[:20]:
        calls.add(record)
    spec, kept = calls.population(TRUE)
    assert (spec.numbers, spec.answering, spec.unanswered) == (TRUE.numbers, TRUE.answering, TRUE.unanswered)
    assert {"numbers", "answer", "unanswered", "talk.right_party"} <= set(kept)
