"""Chances of single calls, in worlds whose true chances are known."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from campaigns.answer_chance import AnswerChance, Traits

CALLS = 6_000
Call = tuple[Traits, float]


def logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def hours_and_kinds(rng: random.Random, n: int) -> Call:
    """Evenings are better, mobiles worse; the colour of the card says nothing."""
    hour, mobile = rng.randrange(9, 20), rng.random() < 0.5
    odds = -1.0 + (1.2 if hour >= 17 else 0.0) - (1.5 if mobile else 0.0)
    return (("hour", hour), ("mobile", mobile), ("colour", rng.randrange(20))), logistic(odds)


def nothing_tells(rng: random.Random, n: int) -> Call:
    return (("hour", rng.randrange(9, 20)), ("colour", rng.randrange(20))), 0.3


def the_level_changes(rng: random.Random, n: int) -> Call:
    traits, p = hours_and_kinds(rng, n)
    return traits, logistic(math.log(p / (1 - p)) + (1.5 if n // 600 % 2 else -0.5))


def foretold(world: Callable[[random.Random, int], Call], seed: int = 4) -> list[tuple[float, bool, float]]:
    """Of each call after the first thousand: what was said before, what came, and the true chance."""
    rng, chances, found = random.Random(seed), AnswerChance(), []
    for n in range(CALLS):
        traits, p = world(rng, n)
        happened = rng.random() < p
        if n >= 1_000:
            found.append((chances.of(traits), happened, p))
        chances.learn(traits, happened=happened)
    return found


def loss(pairs: list[tuple[float, bool]]) -> float:
    return -sum(math.log(p if happened else 1 - p) for p, happened in pairs) / len(pairs)


@pytest.mark.parametrize("world", [hours_and_kinds, nothing_tells, the_level_changes])
def test_of_calls_said_to_have_a_chance_as_many_are_answered(world: Callable[[random.Random, int], Call]) -> None:
    calls = sorted(foretold(world))
    fifth = len(calls) // 5
    for begin in range(0, 5 * fifth, fifth):
        part = calls[begin : begin + fifth]
        said = sum(p for p, _, _ in part) / fifth
        assert said == pytest.approx(sum(happened for _, happened, _ in part) / fifth, abs=0.05)


@pytest.mark.parametrize(("world", "near"), [(hours_and_kinds, 0.85), (the_level_changes, 0.7)])
def test_most_of_what_can_be_known_is_learned(world: Callable[[random.Random, int], Call], near: float) -> None:
    calls = foretold(world)
    usual = sum(happened for _, happened, _ in calls) / len(calls)
    average, ours, truth = (
        loss([(of(call), call[1]) for call in calls])
        for of in (lambda _: usual, lambda call: call[0], lambda call: call[2])
    )
    assert ours < average - near * (average - truth)


def test_where_nothing_tells_it_is_no_worse_than_the_average() -> None:
    calls = foretold(nothing_tells)
    assert loss([(p, happened) for p, happened, _ in calls]) < loss([(0.3, h) for _, h, _ in calls]) + 0.004


def test_traits_that_tell_much_are_trusted_and_others_are_not() -> None:
    trust = {}
    for world in (hours_and_kinds, nothing_tells):
        rng, chances = random.Random(7), AnswerChance()
        for n in range(3_000):
            traits, p = world(rng, n)
            chances.learn(traits, happened=rng.random() < p)
        trust[world] = chances.trust
    assert trust[hours_and_kinds] > 0.9
    assert trust[nothing_tells] < trust[hours_and_kinds]


def test_before_any_call_all_are_alike() -> None:
    assert AnswerChance(0.2).of((("hour", 9),)) == pytest.approx(0.2, abs=0.02)


def test_a_hundred_answers_in_a_row_are_not_certainty() -> None:
    chances = AnswerChance()
    for _ in range(100):
        chances.learn((("hour", 9),), happened=True)
    assert 0.9 < chances.of((("hour", 9),)) < 1.0
