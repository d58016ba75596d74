from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from lists.lead import NumberKind, PhoneNumber, ZoneSource
from sim_trunk.callee import CallPlan, Persona, Quirk
from sim_trunk.population import Population, load_population
from sim_trunk.population_file import parse_population
from tests.unit.sim_trunk.people import CERTAIN, REALISTIC, changed, population_with, spec_with

NOON = 1_795_435_200.0  # Monday 23 November 2026, 12:00 in London
NUMBERS = [f"+4420794{n:05d}" for n in range(2_000)]
ONE = NUMBERS[0]


def plans(population: Population, at: float = NOON) -> list[CallPlan]:
    return [population.plan(number, 1, at) for number in NUMBERS]


def share(population: Population, at: float = NOON) -> float:
    found = plans(population, at)
    return sum(plan.final == 200 for plan in found) / len(found)


def test_the_same_seed_meets_the_same_people_in_any_order() -> None:
    first, second = population_with(5), population_with(5)
    forward = [first.plan(number, 1, NOON) for number in NUMBERS[:200]]
    backward = [second.plan(number, 1, NOON) for number in reversed(NUMBERS[:200])]
    assert forward == backward[::-1]
    assert plans(population_with(6))[:200] != forward


def test_the_next_call_to_a_number_goes_otherwise_but_the_number_stays_what_it_is() -> None:
    population = population_with(numbers__invalid=0.5)
    calls = {number: [population.plan(number, nth, NOON) for nth in range(1, 6)] for number in NUMBERS[:100]}
    for found in calls.values():
        assert len({plan.final == 404 for plan in found}) == 1
    assert any(len({plan.final for plan in found}) > 1 for found in calls.values())


def test_only_the_local_hour_matters_of_the_moment() -> None:
    population = population_with()
    assert population.plan(ONE, 1, NOON) == population.plan(ONE, 1, NOON + 3_599.0)


def test_the_answer_probability_is_that_of_the_file() -> None:
    flat: dict[str, Any] = {
        "answer__odds_by_hour": [1] * 24,
        "answer__odds_by_hour_weekend": [1] * 24,
        "answer__spread": 0,
    }
    assert share(population_with(**CERTAIN, **flat)) == pytest.approx(0.30, abs=0.03)
    flat["answer__probability"] = 0.6
    assert share(population_with(**CERTAIN, **flat)) == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize(("probability", "answered"), [(0, 0.0), (1, 1.0)])
def test_nobody_and_everybody_answers(probability: int, answered: float) -> None:
    assert share(population_with(**CERTAIN, answer__probability=probability)) == answered


def test_the_hour_multiplies_the_odds() -> None:
    population = population_with(answer__spread=0)
    noon, evening, night = (population.answer_probability(ONE, NOON + hours * 3_600.0) for hours in (0, 6, 14))
    odds = 0.3 / 0.7
    assert noon == pytest.approx(1.05 * odds / (1 + 1.05 * odds))
    assert evening == pytest.approx(1.45 * odds / (1 + 1.45 * odds))
    assert night < 0.03 < noon < evening


def test_weekends_have_a_table_of_their_own() -> None:
    population = population_with(answer__odds_by_hour_weekend=[0] * 24)
    assert population.answer_probability(ONE, NOON) > 0.1
    assert population.answer_probability(ONE, NOON - 86_400.0) == 0.0


def test_at_weight_zero_nobody_answers_even_who_always_does() -> None:
    population = population_with(answer__probability=1, answer__odds_by_hour=[0] * 24)
    assert population.answer_probability(ONE, NOON) == 0.0
    assert population.answer_probability(ONE, NOON - 86_400.0) == 1.0


def test_an_unknown_place_is_called_at_an_hour_of_weight_one() -> None:
    nowhere = Population(spec_with(answer__spread=0), 1, zone_of=lambda _number: None)
    assert nowhere.answer_probability("+80012345678", NOON) == pytest.approx(0.3)


def test_numbers_differ_by_the_spread() -> None:
    alike = {population_with(answer__spread=0).answer_probability(number, NOON) for number in NUMBERS[:50]}
    unlike = [population_with(answer__spread=1).answer_probability(number, NOON) for number in NUMBERS[:50]]
    assert len(alike) == 1
    assert min(unlike) < 0.2 < 0.45 < max(unlike)


def test_lasting_shares_are_those_of_the_file() -> None:
    population = population_with(
        numbers__invalid=0.2, numbers__changed=0.1, numbers__wrong_person=0.25, numbers__gatekeeper=0.25
    )
    traits = [population.traits(number) for number in NUMBERS]
    outs = Counter(trait.out_of_service for trait in traits)
    assert outs[404, 1] / len(traits) == pytest.approx(0.2, abs=0.03)
    assert outs[410, 22] / len(traits) == pytest.approx(0.1, abs=0.03)
    assert sum(trait.wrong_person for trait in traits) / len(traits) == pytest.approx(0.25, abs=0.03)
    assert sum(trait.gatekeeper for trait in traits) / len(traits) == pytest.approx(0.25, abs=0.03)
    assert not any(trait.wrong_person and trait.gatekeeper for trait in traits)


@pytest.mark.parametrize(
    ("cause", "status", "q850"),
    [
        ("unanswered__busy", 486, {17}),
        ("unanswered__unreachable", 480, {20}),
        ("unanswered__congestion", 503, {34, 42}),
        ("unanswered__declined", 603, {21}),
        ("unanswered__timeout", 408, {102}),
    ],
)
def test_failures_come_back_as_their_status(cause: str, status: int, q850: set[int]) -> None:
    found = plans(population_with(**{**CERTAIN, "answer__probability": 0, cause: 1}))
    assert {plan.final for plan in found} == {status}
    assert {plan.q850 for plan in found} == q850
    if cause == "unanswered__declined":
        assert all(plan.pdd_s < plan.ring_s for plan in found)
    else:
        assert all(2.0 <= plan.ring_s <= 5.0 <= 5.0 and plan.pdd_s >= plan.ring_s for plan in found)


def test_numbers_out_of_service_fail_whatever_the_hour() -> None:
    found = plans(population_with(**{**CERTAIN, "numbers__invalid": 1, "answer__probability": 1}))
    assert {(plan.final, plan.q850) for plan in found} == {(404, 1)}


def test_who_does_not_answer_rings_out_or_for_ever() -> None:
    silent: dict[str, Any] = {**CERTAIN, "answer__probability": 0, "unanswered__rings_forever": 0.4}
    found = plans(population_with(**silent))
    for_ever = [plan for plan in found if math.isinf(plan.ring_s)]
    assert len(for_ever) / len(found) == pytest.approx(0.4, abs=0.04)
    rung_out = sorted(plan.ring_s for plan in found if math.isfinite(plan.ring_s))
    assert 26.0 <= rung_out[0] < 26.1
    assert rung_out[len(rung_out) // 2] == pytest.approx(28.0, abs=0.3)
    assert 29.9 < rung_out[-1] <= 30.0
    assert {(plan.final, plan.q850) for plan in found} == {(480, 19)}


@pytest.mark.parametrize(
    ("trait", "persona", "answer"),
    [
        ("numbers__wrong_person", Persona.WRONG_PERSON, 1),
        ("numbers__gatekeeper", Persona.GATEKEEPER, 1),
        ("numbers__voicemail", Persona.VOICEMAIL, 0),
        ("numbers__screening", Persona.SCREENING, 0),
        ("quirks__false_answer", Persona.SILENCE, 1),
        ("quirks__announcement", Persona.ANNOUNCEMENT, 1),
    ],
)
def test_who_is_heard(trait: str, persona: Persona, answer: int) -> None:
    values: dict[str, Any] = {**CERTAIN, "answer__probability": answer, "numbers__gatekeeper_answers": 1, trait: 1}
    found = plans(population_with(**values))
    assert {(plan.final, plan.persona) for plan in found} == {(200, persona)}


def test_a_gatekeeper_does_not_always_pick_up() -> None:
    values: dict[str, Any] = {
        **CERTAIN,
        "answer__probability": 1,
        "numbers__gatekeeper": 1,
        "numbers__gatekeeper_answers": 0.25,
    }
    heard = Counter(plan.persona for plan in plans(population_with(**values)))
    assert set(heard) == {Persona.GATEKEEPER, Persona.RIGHT_PARTY}
    assert heard[Persona.GATEKEEPER] / heard.total() == pytest.approx(0.25, abs=0.04)


@pytest.mark.parametrize("cause", ["unanswered__busy", "unanswered__unreachable"])
def test_voicemail_takes_busy_calls_at_once_and_others_after_ringing(cause: str) -> None:
    silent: dict[str, Any] = {**CERTAIN, "answer__probability": 0, "numbers__voicemail": 1}
    ringing = plans(population_with(**silent))
    busy = plans(population_with(**{**silent, cause: 1}))
    assert {plan.final for plan in ringing + busy} == {200}
    assert {plan.persona for plan in ringing + busy} == {Persona.VOICEMAIL}
    assert sum(plan.ring_s for plan in busy) < 0.5 * sum(plan.ring_s for plan in ringing)


@pytest.mark.parametrize(
    ("rate", "quirk", "answer"),
    [
        ("quirks__no_provisional", Quirk.NO_PROVISIONAL, 1),
        ("quirks__lost_ack", Quirk.LOST_ACK, 1),
        ("quirks__bye_crossing", Quirk.BYE_CROSSING, 1),
        ("quirks__answer_after_cancel", Quirk.ANSWER_AFTER_CANCEL, 0),
        ("quirks__progress_then_unavailable", Quirk.PROGRESS_THEN_UNAVAILABLE, 0),
        ("quirks__no_response", Quirk.NO_RESPONSE, 0),
    ],
)
def test_quirks_happen_at_their_rate(rate: str, quirk: Quirk, answer: int) -> None:
    values: dict[str, Any] = {**CERTAIN, "answer__probability": answer}
    assert {plan.quirk for plan in plans(population_with(**values))} == {Quirk.NONE}
    found = Counter(plan.quirk for plan in plans(population_with(**{**values, rate: 0.3})))
    assert set(found) == {Quirk.NONE, quirk}
    assert found[quirk] / found.total() == pytest.approx(0.3, abs=0.04)


def test_a_changed_rate_moves_only_what_it_is_about() -> None:
    """The people are the same ones, so that two populations can be compared call by call."""
    before, after = plans(population_with()), plans(population_with(unanswered__busy=0.2))
    for was, now in zip(before, after, strict=True):
        assert (was.patience_s, was.final == 404) == (now.patience_s, now.final == 404)
        if was.final == 200 and was.persona is Persona.RIGHT_PARTY:
            assert was == now


def test_known_numbers_are_not_parsed_unless_the_list_states_their_zone() -> None:
    asked: list[str] = []

    def zone_of(number: str) -> str:
        asked.append(number)
        return "Europe/London"

    population = Population(spec_with(), 1, zone_of)
    derived = PhoneNumber(NUMBERS[1], "GB", NumberKind.FIXED, ("Europe/London",), ZoneSource.NUMBER)
    stated = PhoneNumber(NUMBERS[2], "GB", NumberKind.FIXED, ("Asia/Tokyo",), ZoneSource.STATED)
    population.know((derived, stated))
    population.answer_probability(NUMBERS[1], NOON)
    population.answer_probability(NUMBERS[2], NOON)
    assert asked == [NUMBERS[2]]


def test_the_bundled_realistic_population_answers_about_three_times_in_ten() -> None:
    population = load_population(None, seed=1)
    hours = [NOON + hour * 3_600.0 for hour in range(-3, 8)]
    found = [population.plan(number, n, at) for n, at in enumerate(hours, 1) for number in NUMBERS[:300]]
    people = sum(plan.final == 200 and plan.persona is not Persona.VOICEMAIL for plan in found)
    assert people / len(found) == pytest.approx(0.30, abs=0.03)


KEYS = """
[keys]
after = { mean_s = 4.0, cv = 0.0 }
most = 3
[keys.first]
1 = 0.25
9 = 0.25
[keys.further]
2 = 1.0
"""


def with_keys(text: str, seed: int = 1) -> Population:
    body = changed(REALISTIC.partition("[keys]")[0], **CERTAIN, answer__probability=1) + text
    return Population(parse_population(body, "population.toml"), seed, zone_of=lambda _number: "Europe/London")


def test_some_people_press_keys_and_go_on_as_the_file_says() -> None:
    population = with_keys(KEYS)
    pressed = [population.plan(f"+44207946{n:04d}", 1, NOON).presses for n in range(2_000)]
    first = Counter(keys[0][1] for keys in pressed if keys)
    assert 440 < first["1"] < 560
    assert 440 < first["9"] < 560
    assert {keys[1:] for keys in pressed if keys} == {((4.0, "2"), (4.0, "2"))}
    assert all(keys[0][0] == 4.0 for keys in pressed if keys)


def test_keys_change_nothing_else_about_a_call() -> None:
    with_them, without = with_keys(KEYS), with_keys("")
    for n in range(200):
        number = f"+44207946{n:04d}"
        plan = without.plan(number, 1, NOON)
        assert plan.presses == ()
        assert replace(with_them.plan(number, 1, NOON), presses=()) == plan


def test_the_same_call_presses_the_same_keys() -> None:
    assert with_keys(KEYS).plan("+442079460001", 2, NOON) == with_keys(KEYS).plan("+442079460001", 2, NOON)
