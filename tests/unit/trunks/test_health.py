from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.trunks.health import LONGEST_HOLD_S, CallEnd, HealthRules, TrunkHealth, TrunkState

RULES = HealthRules(ner_min=0.5, window_s=100.0, sample=4, pause_s=10.0, options_missed=2)
GOOD, BAD = CallEnd(True), CallEnd(False, 503)


def health(rules: HealthRules = RULES) -> TrunkHealth:
    return TrunkHealth("main", rules)


def test_503_with_retry_after_holds_the_trunk_for_so_long() -> None:
    trunk = health()
    news = trunk.ended(CallEnd(False, 503, retry_after_s=30.0), 0.0)
    assert news is not None
    assert news.code == "trunk_held"
    assert (trunk.state(29.9), trunk.room(29.9), trunk.opens_at(0.0)) == (TrunkState.HELD, 0, 30.0)
    assert trunk.ended(CallEnd(False, 503, retry_after_s=5.0), 1.0) is None, "told once"
    assert trunk.state(30.0) is TrunkState.OPEN


def test_no_carrier_holds_a_trunk_for_days() -> None:
    trunk = health()
    trunk.ended(CallEnd(False, 503, retry_after_s=1e9), 0.0)
    assert trunk.state(LONGEST_HOLD_S) is TrunkState.OPEN


@pytest.mark.parametrize(("status", "after"), [(401, 1), (407, 1), (488, 3)])
def test_a_trunk_stops_when_only_a_person_can_mend_it(status: int, after: int) -> None:
    trunk = health()
    end = CallEnd(False, status, after, "because")
    news = [trunk.ended(end, float(n)) for n in range(after)]
    assert [one is None for one in news] == [True] * (after - 1) + [False]
    last = news[-1]
    assert last is not None
    assert last.code == "trunk_stopped"
    assert "dialer trunk release main" in last.text
    assert (trunk.state(1e9), trunk.opens_at(0.0)) == (TrunkState.STOPPED, None)
    trunk.released()
    assert trunk.state(0.0) is TrunkState.OPEN


def test_only_a_row_of_the_same_stops_it() -> None:
    trunk = health()
    for end in (CallEnd(False, 488, 3), CallEnd(False, 488, 3), GOOD, CallEnd(False, 488, 3)):
        trunk.ended(end, 0.0)
    assert not trunk.stopped


def test_a_trunk_that_gets_too_few_through_is_paused_and_then_tried_by_single_calls() -> None:
    trunk = health()
    news = [trunk.ended(end, 1.0) for end in (GOOD, BAD, BAD, BAD)]
    assert [one and one.code for one in news] == [None, None, None, "trunk_paused"]
    assert (trunk.state(5.0), trunk.room(5.0)) == (TrunkState.PAUSED, 0)
    assert (trunk.state(11.0), trunk.room(11.0)) == (TrunkState.PROBING, 1)
    trunk.placed()
    assert trunk.room(11.0) == 0
    assert trunk.ended(BAD, 12.0) is None
    assert trunk.opens_at(12.0) == 12.0 + 20.0, "twice as long"
    trunk.placed()
    news = [trunk.ended(GOOD, 33.0)]
    assert [one and one.code for one in news] == ["trunk_recovered"]
    assert trunk.state(33.0) is TrunkState.OPEN
    assert trunk.ner(33.0) is None


def test_a_trunk_that_dies_is_left_after_a_few_calls_however_many_it_carried_before() -> None:
    trunk = health(HealthRules(ner_min=0.5, window_s=1_000.0, sample=10))
    for n in range(500):
        trunk.ended(GOOD, n * 0.1)
    failed = 0
    while trunk.state(51.0) is TrunkState.OPEN:
        trunk.ended(BAD, 51.0)
        failed += 1
    assert failed == 6


def test_a_call_from_before_the_pause_does_not_pass_for_a_probe() -> None:
    trunk = health()
    for _ in range(4):
        trunk.ended(BAD, 1.0)
    assert trunk.state(12.0) is TrunkState.PROBING
    trunk.placed()
    assert trunk.ended(CallEnd(True, placed_at=0.5), 12.0) is None
    assert (trunk.state(12.0), trunk.room(12.0)) == (TrunkState.PROBING, 0)


def test_too_few_calls_say_nothing_and_old_ones_neither() -> None:
    trunk = health()
    for at in (0.0, 1.0, 2.0, 200.0, 201.0):
        assert trunk.ended(BAD, at) is None
    assert trunk.state(201.0) is TrunkState.OPEN


def test_options_unanswered_silence_it_until_one_is_answered() -> None:
    trunk = health()
    assert trunk.asked(False) is None
    assert trunk.asked(True) is None
    news = [trunk.asked(False), trunk.asked(False), trunk.asked(False)]
    assert [one and one.code for one in news] == [None, "trunk_silent", None]
    assert (trunk.state(1e9), trunk.room(1e9), trunk.opens_at(0.0)) == (TrunkState.SILENT, 0, None)
    back = trunk.asked(True)
    assert back is not None
    assert back.code == "trunk_answers"
    assert trunk.state(0.0) is TrunkState.OPEN


ends = st.sampled_from(
    [GOOD, BAD, CallEnd(False, 503, retry_after_s=7.0), CallEnd(False, 488, 3, "x"), CallEnd(True, 486)]
)


@given(st.lists(st.tuples(st.floats(0, 40), st.one_of(ends, st.booleans(), st.none())), max_size=80))
def test_it_always_opens_again_by_itself_or_says_that_it_cannot(
    steps: list[tuple[float, CallEnd | bool | None]],
) -> None:
    trunk, now = health(), 0.0
    for wait, what in steps:
        now += wait
        if isinstance(what, CallEnd):
            trunk.placed()
            trunk.ended(what, now)
        elif what is None:
            trunk.released()
        else:
            trunk.asked(what)
        state, opens_at = trunk.state(now), trunk.opens_at(now)
        assert (trunk.room(now) > 0) == (state in (TrunkState.OPEN, TrunkState.PROBING))
        if state in (TrunkState.PAUSED, TrunkState.HELD):
            assert opens_at is not None
            assert trunk.room(opens_at) > 0
        else:
            assert opens_at is None
