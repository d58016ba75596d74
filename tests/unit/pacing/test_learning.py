"""What the predictive pacer learns: how long things last, how long calls ring, how many are answered."""

from __future__ import annotations

import random

import numpy as np
import pytest

from dialer.pacing.answer_rate import AnswerRate
from dialer.pacing.durations import Durations
from dialer.pacing.ring_times import EDGES, RingTimes

NONE = np.empty(0)


def test_a_duration_is_as_assumed_before_anything_was_seen() -> None:
    law = Durations(120.0, 400.0).cumulative(NONE)
    assert law.ends_within(np.array([0.0]), np.array([12.0]))[0, 0] == pytest.approx(1 - np.exp(-0.1), rel=1e-6)


def test_a_duration_is_learned_from_its_ends() -> None:
    rng, talks = random.Random(1), Durations(120.0, 2_000.0)
    for _ in range(3_000):
        talks.ended(rng.expovariate(1 / 60))
    ends = talks.cumulative(NONE).ends_within(np.array([0.0, 30.0, 100.0]), np.array([20.0]))[:, 0]
    assert ends == pytest.approx([1 - np.exp(-1 / 3)] * 3, abs=0.05)


@pytest.mark.parametrize("mean_s", [20.0, 150.0, 600.0])
def test_a_duration_knows_its_mean(mean_s: float) -> None:
    rng, talks = random.Random(3), Durations(120.0, 100_000.0)
    seen = [rng.expovariate(1 / mean_s) for _ in range(20_000)]
    for talk_s in seen:
        talks.ended(talk_s)
    assert talks.cumulative(NONE).mean_s == pytest.approx(sum(seen) / len(seen), rel=0.02)


def test_what_goes_on_is_evidence_that_it_does_not_end_early() -> None:
    talks = Durations(120.0, 400.0)
    for _ in range(5):
        talks.ended(10.0)
    alone = talks.cumulative(NONE).ends_within(np.array([9.0]), np.array([3.0]))[0, 0]
    beside_others = talks.cumulative(np.full(200, 60.0)).ends_within(np.array([9.0]), np.array([3.0]))[0, 0]
    assert beside_others < alone / 4


def test_older_durations_are_forgotten() -> None:
    rng, talks = random.Random(2), Durations(120.0, 100.0)
    for mean in (30, 300):
        for _ in range(1_000):
            talks.ended(rng.expovariate(1 / mean))
    assert talks.cumulative(NONE).ends_within(np.array([0.0]), np.array([30.0]))[0, 0] < 0.15


def test_ring_times_are_not_taken_for_short_because_the_short_ones_are_over_first() -> None:
    """A hundred calls, 13 s after their launch: those that will be answered later are among the ones that ring."""
    rings = RingTimes(600.0)
    for second in range(4, 13):
        for _ in range(3):
            rings.answered(second + 0.1)
    answered, still = rings.laws(np.full(73, 13.0))
    assert answered[np.searchsorted(EDGES, 13.0)] < 0.75
    assert answered[-1] == pytest.approx(1.0)
    assert still[0] == 1.0
    assert still[-1] == pytest.approx(0.0)


def test_the_rate_of_a_steady_world_is_found() -> None:
    rng, rate = random.Random(3), AnswerRate()
    for at in range(4_000):
        rate.resolved(float(at), answered=rng.random() < 0.3)
    rate.settle(1e9)
    p, error = rate.estimate(NONE)
    assert p == pytest.approx(0.3, abs=0.05)
    assert error < 0.05


def test_a_change_is_followed() -> None:
    rng, rate = random.Random(4), AnswerRate()
    for at in range(3_000):
        rate.resolved(float(at), answered=rng.random() < 0.4)
    for at in range(3_000, 3_150):
        rate.resolved(float(at), answered=rng.random() < 0.1)
    rate.settle(1e9)
    assert rate.estimate(NONE)[0] < 0.22


def test_quick_failures_are_not_the_whole_of_a_beginning() -> None:
    """A hundred calls launched at once; after four seconds a tenth have failed and none can have been answered."""
    rate = AnswerRate()
    for _ in range(10):
        rate.resolved(0.0, answered=False)
    for _ in range(4):  # Newton's steps go on from where the last estimate was
        p, _ = rate.estimate(np.full(90, 0.8 / 0.98))
    assert p > 0.3


def test_calls_are_learned_from_in_the_order_of_their_launch() -> None:
    """Of two at a time the answer is there at once, the failure late; no pause in dialing makes the rate look
    worse."""
    rate = AnswerRate()
    for at in range(200):
        rate.resolved(float(at), answered=True)
    for at in range(200):
        rate.resolved(at + 0.5, answered=False)
    rate.settle(1e9)
    assert rate.estimate(NONE)[0] == pytest.approx(0.5, abs=0.05)


def test_machines_are_no_answers() -> None:
    rate = AnswerRate()
    for at in range(600):
        rate.resolved(float(at), answered=at % 2 == 0)
        if at % 4 == 0:
            rate.not_a_person()
        rate.settle(float(at))
    assert rate.estimate(NONE)[0] == pytest.approx(0.25, abs=0.04)
