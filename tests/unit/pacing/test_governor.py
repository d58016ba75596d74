from __future__ import annotations

import random

import pytest

from dialer.pacing.governor import LEAST_RISK, Governor

HOUR = 3_600.0


def test_one_more_abandonment_than_the_window_can_bear_is_not_risked() -> None:
    governor = Governor(0.03, (8 * HOUR,))
    for at in range(10):
        governor.answered(float(at) * 600, abandoned=at == 9)
    assert governor.risk(8 * HOUR - 1.0) == LEAST_RISK


def test_what_is_saved_is_spent_and_what_is_overspent_is_saved() -> None:
    governor = Governor(0.03, (8 * HOUR,))
    for at in range(400):
        governor.answered(at * 15.0, abandoned=False)
    generous = governor.risk(6_000.0)
    for at in range(400, 430):
        governor.answered(at * 15.0, abandoned=True)
    assert generous > 0.05
    assert governor.risk(6_450.0) < generous / 3


@pytest.mark.parametrize("seed", range(5))
def test_people_abandoned_with_the_chance_it_allows_are_as_many_as_the_target(seed: int) -> None:
    rng, governor = random.Random(seed), Governor(0.03, (8 * HOUR,))
    abandoned = 0
    for answer in range(1_600):
        at = answer * 18.0
        lost = rng.random() < governor.risk(at)
        abandoned += lost
        governor.answered(at, abandoned=lost)
    assert 0.024 <= abandoned / 1_600 <= 0.03


def test_answers_that_were_no_persons_give_no_allowance() -> None:
    """One in two is a machine that only an agent can tell; of the people the target is kept all the same."""
    rng, governor = random.Random(5), Governor(0.03, (8 * HOUR,))
    live = abandoned = 0
    for answer in range(3_200):
        at = answer * 9.0
        lost = rng.random() < governor.risk(at)
        governor.answered(at, abandoned=lost)
        if not lost and rng.random() < 0.5:
            governor.retract(at)
        else:
            live, abandoned = live + 1, abandoned + lost
    assert 0.024 <= abandoned / live <= 0.03


def test_the_strictest_of_several_windows_rules() -> None:
    """After a night a new shift has begun, but not a new day."""
    day, shift = Governor(0.03, (24 * HOUR, 8 * HOUR)), Governor(0.03, (8 * HOUR,))
    for at in range(200):
        for governor in (day, shift):
            governor.answered(at * 15.0, abandoned=at % 4 == 0)
    for at in range(60):
        for governor in (day, shift):
            governor.answered(10 * HOUR + at * 15.0, abandoned=False)
    now = 10 * HOUR + 900.0
    assert day.risk(now) == LEAST_RISK
    assert shift.risk(now) > LEAST_RISK


def test_a_window_forgets_what_is_older_than_it() -> None:
    governor = Governor(0.03, (8 * HOUR,))
    for at in range(200):
        governor.answered(at * 15.0, abandoned=at % 4 == 0)
    for at in range(200):
        governor.answered(12 * HOUR + at * 15.0, abandoned=False)
    assert governor.risk(12 * HOUR + 3_000.0) > 0.012


def test_what_was_before_a_restart_is_on_the_allowance() -> None:
    governor = Governor(0.03, (24 * HOUR, 8 * HOUR))
    governor.answered(20 * HOUR, abandoned=False)
    before = governor.risk(20 * HOUR)
    governor.recall([(2 * HOUR, 400, 40), (19 * HOUR, 10, 0)])
    assert before > LEAST_RISK
    assert governor.risk(20 * HOUR) == LEAST_RISK
    assert governor.risk(27 * HOUR) > LEAST_RISK  # the bad hour has left both windows
