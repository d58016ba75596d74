from __future__ import annotations

import pytest

from campaigns.disposition import STANDARD
from campaigns.outcome import FINAL, NOT_PLACED, TECHNICAL, Outcome
from campaigns.permission.past import PastAttempt
from campaigns.retry import (
    CONFIRMED_AFTER_S,
    DEFAULT_SCHEDULE,
    TECHNICAL_DELAYS_S,
    TECHNICAL_MAXIMUM,
    NoRetry,
    Retry,
    RetryRule,
    RetrySchedule,
    caller_id_turn,
    dead_positions,
    next_attempt,
)

NOW = 1_000_000.0
HOUR = 3_600.0
SCHEDULE = RetrySchedule(
    (
        ("busy", RetryRule((60.0, 300.0), 3)),
        ("no_answer", RetryRule((600.0, 900.0), 6, next_number=True)),
        ("invalid", RetryRule((), 9, next_number=True)),
        ("sale", RetryRule((), 0)),
    ),
    RetryRule((1000.0,), 1),
)


def after(
    key: str, count: int = 1, position: int = 0, phones: int = 1, dead: frozenset[int] = frozenset()
) -> Retry | NoRetry:
    return next_attempt(
        SCHEDULE,
        key=key,
        tries=((key, count), ("other", 5)),
        phone_position=position,
        phone_count=phones,
        now=NOW,
        dead=dead,
    )


def test_the_kth_result_waits_the_kth_delay_and_the_last_one_repeats() -> None:
    assert after("busy", 1) == Retry(NOW + 60, 0)
    assert after("busy", 2) == Retry(NOW + 300, 0)
    assert after("busy", 3) == Retry(NOW + 300, 0)
    assert after("busy", 4) == NoRetry("retries_used_up")


def test_without_next_number_the_same_number_is_tried_again() -> None:
    assert after("busy", 1, position=1, phones=3) == Retry(NOW + 60, 1)


def test_the_next_number_is_tried_at_once_and_a_full_round_waits() -> None:
    assert after("no_answer", 1, 0, 3) == Retry(NOW, 1)
    assert after("no_answer", 2, 1, 3) == Retry(NOW, 2)
    assert after("no_answer", 3, 2, 3) == Retry(NOW + 600, 0)
    assert after("no_answer", 6, 2, 3) == Retry(NOW + 900, 0)
    assert after("no_answer", 7, 0, 3) == NoRetry("retries_used_up")


def test_a_single_number_waits_each_time() -> None:
    assert after("no_answer", 1) == Retry(NOW + 600, 0)
    assert after("no_answer", 2) == Retry(NOW + 900, 0)


def test_an_invalid_number_leads_to_the_next_or_to_the_end() -> None:
    assert after("invalid", 1, 0, 2) == Retry(NOW, 1)
    assert after("invalid", 1, 1, 2, dead=frozenset({0, 1})) == NoRetry("no_number_left")
    assert after("invalid", 1, 0, 1, dead=frozenset({0})) == NoRetry("no_number_left")


def test_a_dead_last_number_leads_back_to_one_that_only_did_not_answer() -> None:
    assert after("invalid", 1, 1, 2, dead=frozenset({1})) == Retry(NOW + 1000, 0)
    assert after("invalid", 2, 2, 3, dead=frozenset({0, 2})) == Retry(NOW + 1000, 1)
    assert after("invalid", 10, 1, 2, dead=frozenset({1})) == NoRetry("retries_used_up")


def test_rounds_are_over_the_living_numbers() -> None:
    assert after("no_answer", 2, 2, 3, dead=frozenset({1})) == Retry(NOW + 600, 0)
    assert after("no_answer", 3, 2, 3, dead=frozenset({1})) == Retry(NOW + 900, 0)


def test_numbers_known_to_be_dead_are_passed_over() -> None:
    assert after("no_answer", 1, 0, 3, dead=frozenset({1})) == Retry(NOW, 2)
    assert after("no_answer", 2, 2, 3, dead=frozenset({0})) == Retry(NOW + 600, 1)
    assert after("busy", 1, 0, 2, dead=frozenset({0})) == Retry(NOW + 60, 1)
    assert after("busy", 1, 0, 2, dead=frozenset({0, 1})) == NoRetry("no_number_left")


def test_a_final_result_ends_it() -> None:
    assert after("sale") == NoRetry("no_retry")


def test_a_result_without_a_rule_has_the_default() -> None:
    assert after("something") == Retry(NOW + 1000, 0)
    assert after("something", 2) == NoRetry("retries_used_up")


@pytest.mark.parametrize("outcome", sorted(TECHNICAL | NOT_PLACED))
def test_faults_of_ours_wait_briefly_and_use_up_no_retry(outcome: Outcome) -> None:
    for count, delay in enumerate(TECHNICAL_DELAYS_S, start=1):
        assert after(outcome, count, 1, 2) == Retry(NOW + delay, 1)
    most = TECHNICAL_MAXIMUM if outcome in TECHNICAL else 99
    assert after(outcome, most, 1, 2) == Retry(NOW + TECHNICAL_DELAYS_S[-1], 1)


@pytest.mark.parametrize("outcome", sorted(TECHNICAL))
def test_a_number_that_no_route_reaches_for_weeks_is_closed_in_the_end(outcome: Outcome) -> None:
    assert after(outcome, TECHNICAL_MAXIMUM + 1, 1, 2) == NoRetry("route_faults")


def test_a_schedule_may_set_the_delay_after_faults_of_ours() -> None:
    schedule = RetrySchedule((("congestion", RetryRule((5.0,), 0)),))
    for count in (1, TECHNICAL_MAXIMUM):
        answer = next_attempt(
            schedule, key="congestion", tries={"congestion": count}, phone_position=0, phone_count=1, now=NOW
        )
        assert answer == Retry(NOW + 5, 0)


@pytest.mark.parametrize("outcome", sorted(FINAL))
def test_no_schedule_overrides_a_final_outcome(outcome: Outcome) -> None:
    eager = RetrySchedule(((outcome.value, RetryRule((1.0,), 100)),))
    answer = next_attempt(eager, key=outcome, tries=(), phone_position=0, phone_count=3, now=NOW)
    assert answer == NoRetry("no_retry")


def test_the_default_schedule_ends_for_every_result() -> None:
    keys = [outcome.value for outcome in Outcome if outcome not in TECHNICAL | NOT_PLACED]
    for key in [*keys, *(disposition.code for disposition in STANDARD), "none"]:
        answer: Retry | NoRetry = Retry(NOW, 0)
        count = 0
        while isinstance(answer, Retry):
            count += 1
            assert count < 50, key
            at, position = answer.at, answer.phone_position
            answer = next_attempt(
                DEFAULT_SCHEDULE, key=key, tries={key: count}, phone_position=position, phone_count=3, now=at
            )


def test_final_dispositions_are_final_in_the_default_schedule() -> None:
    for disposition in STANDARD:
        answer = next_attempt(
            DEFAULT_SCHEDULE,
            key=disposition.code,
            tries={disposition.code: 1},
            phone_position=0,
            phone_count=1,
            now=NOW,
        )
        ends = disposition.final or disposition.wrong_number
        assert isinstance(answer, NoRetry) == ends, disposition.code


def test_dead_numbers_are_read_from_their_results() -> None:
    numbers = ("+1", "+2", "+3")
    results = [past("+2", "not_in_use"), past("+1", "busy"), past("+3", "changed"), past("+9", "changed")]
    assert dead_positions(numbers, results) == {1, 2}


def past(number: str, outcome: str, at: float = NOW, trunk: str = "a") -> PastAttempt:
    return PastAttempt(number, "c", at, outcome, None, trunk)


@pytest.mark.parametrize(
    ("second", "dead"),
    [
        (past("+1", "busy", NOW + 30 * HOUR), False),
        (past("+1", "invalid", NOW + 60.0), False),  # the same route, the same fault of it perhaps
        (past("+1", "invalid", NOW + 60.0, "b"), True),
        (past("+1", "invalid", NOW + CONFIRMED_AFTER_S), True),
        (past("+2", "invalid", NOW + 30 * HOUR, "b"), False),
    ],
)
def test_an_unallocated_number_is_believed_once_it_is_confirmed(second: PastAttempt, dead: bool) -> None:
    first = past("+1", "invalid")
    assert dead_positions(["+1"], [first]) == frozenset()
    assert dead_positions(["+1"], [first, second]) == (frozenset({0}) if dead else frozenset())


def test_an_unallocated_number_is_asked_again_late_enough_to_confirm_it() -> None:
    again = next_attempt(
        DEFAULT_SCHEDULE, key="invalid", tries={"invalid": 1}, phone_position=0, phone_count=1, now=NOW
    )
    assert isinstance(again, Retry)
    assert again.at - NOW >= CONFIRMED_AFTER_S
    confirmed = next_attempt(
        DEFAULT_SCHEDULE, key="invalid", tries={"invalid": 2}, phone_position=0, phone_count=1, now=NOW, dead={0}
    )
    assert confirmed == NoRetry("no_number_left")


def test_a_rule_that_wants_another_daypart_asks_for_one_after_its_delay() -> None:
    rule = RetryRule((600.0,), 3, other_daypart=True, within_s=86_400.0)
    asked: list[tuple[int, float, float]] = []

    def other(position: int, since: float, within_s: float) -> float:
        asked.append((position, since, within_s))
        return NOW + 7_777

    found = next_attempt(
        RetrySchedule((("no_answer", rule),)),
        key="no_answer",
        tries=(("no_answer", 1),),
        phone_position=1,
        phone_count=2,
        now=NOW,
        other_daypart=other,
        drawn=0.5,
    )
    assert (found, asked) == (Retry(NOW + 7_777, 1), [(1, NOW + 600, 86_400.0)])


def test_without_a_daypart_in_time_the_delay_stands_and_jitter_only_adds_to_it() -> None:
    rule = RetryRule((600.0,), 3, jitter_s=100.0, other_daypart=True)
    for drawn, at in ((0.0, NOW + 600), (0.5, NOW + 650)):
        assert next_attempt(
            RetrySchedule((("busy", rule),)),
            key="busy",
            tries=(("busy", 1),),
            phone_position=0,
            phone_count=1,
            now=NOW,
            other_daypart=lambda *_: None,
            drawn=drawn,
        ) == Retry(at, 0)


def test_a_caller_id_is_kept_until_a_result_wants_another() -> None:
    assert caller_id_turn(SCHEDULE, 7, (("busy", 3),)) is None
    schedule = RetrySchedule(
        (("busy", RetryRule((60.0,), 3)), ("rejected", RetryRule((60.0,), 3, other_caller_id=True)))
    )
    assert caller_id_turn(schedule, 7, ()) == caller_id_turn(schedule, 7, (("busy", 3),)) == 7
    assert caller_id_turn(schedule, 7, (("busy", 3), ("rejected", 2))) == 9
