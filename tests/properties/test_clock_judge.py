"""Whatever is done to a machine's clock: nothing is dialed but by a clock that has run steadily, and the time gone
by never goes back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.clock import CRAWL, STEP_S, SystemClock
from dialer.live.clock_judge import SETTLES_S, ClockJudge

STEPS = st.sampled_from([0.0, 0.0, 0.0, 0.3, -0.3, 2.0, -2.0, 60.0, -60.0, 3600.0, -3600.0, 7 * 3600.0, 86_400.0])
MOMENTS = st.lists(st.tuples(st.floats(0.0, 40.0), STEPS, st.booleans()), max_size=60)


@given(moments=MOMENTS, earliest=st.sampled_from([0.0, 1_800_000_500.0]))
def test_dialed_by_a_steady_clock_alone(moments: list[tuple[float, float, bool]], earliest: float) -> None:
    wall, steady = 1_800_000_000.0, 7.0
    clock = SystemClock(lambda: wall, lambda: steady)
    clock.not_before(earliest)
    judge = ClockJudge(wall, steady)
    latest, offset, stepped_at = clock.now(), wall - steady, float("-inf")
    for passes_s, step_s, ringing in moments:
        wall, steady = wall + passes_s + step_s, steady + passes_s
        if abs(wall - steady - offset) > STEP_S:
            offset, stepped_at = wall - steady, steady
        verdict = judge.look(wall, steady, clock.now(), lambda ringing=ringing: ringing)  # type: ignore[misc]
        if verdict.adopt:
            clock.adopt()
        now = clock.now()
        assert now >= latest
        latest = now
        if not verdict.doubt:
            assert steady - stepped_at >= SETTLES_S
            assert abs(now - wall) <= STEP_S + 1e-3
            assert now >= earliest


@given(moments=MOMENTS)
def test_a_clock_that_is_left_alone_is_trusted_again(moments: list[tuple[float, float, bool]]) -> None:
    wall, steady = 1_800_000_000.0, 7.0
    clock = SystemClock(lambda: wall, lambda: steady)
    judge = ClockJudge(wall, steady)
    behind_s = sum(-step for _, step, _ in moments if step < 0)
    last = [(SETTLES_S + 1.0, 0.0, False), (behind_s / CRAWL + 1.0, 0.0, False), (0.0, 0.0, False)]
    for passes_s, step_s, ringing in (*moments, *last):
        wall, steady = wall + passes_s + step_s, steady + passes_s
        verdict = judge.look(wall, steady, clock.now(), lambda ringing=ringing: ringing)  # type: ignore[misc]
        if verdict.adopt:
            clock.adopt()
    assert not verdict.doubt
