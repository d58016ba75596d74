from __future__ import annotations

import pytest

from dialer.sip.timers import SipTimers, TimerQueue


class Sleeper:
    def __init__(self, queue: TimerQueue, name: str, log: list[tuple[str, float]]) -> None:
        self.queue = queue
        self.name = name
        self.log = log
        self.due_at: float | None = None
        self.again_at: float | None = None

    def on_timer(self, now: float) -> None:
        self.log.append((self.name, now))
        if self.again_at is not None:
            self.queue.wake(self, self.again_at)
            self.again_at = None


def test_defaults_are_those_of_the_rfc() -> None:
    timers = SipTimers()
    assert (timers.t1_s, timers.t2_s, timers.t4_s, timers.timeout_s, timers.d_s) == (0.5, 4.0, 5.0, 32.0, 32.0)


@pytest.mark.parametrize(("t1_s", "t2_s", "t4_s"), [(0, 4, 5), (5, 4, 5), (0.5, 4, 0)])
def test_impossible_timers(t1_s: float, t2_s: float, t4_s: float) -> None:
    with pytest.raises(ValueError, match=r"T[14]"):
        SipTimers(t1_s, t2_s, t4_s)


def test_the_earliest_first_and_those_of_one_moment_in_order() -> None:
    queue, log = TimerQueue(), list[tuple[str, float]]()
    for name, at in (("b", 2.0), ("a", 1.0), ("c", 2.0), ("d", 9.0)):
        queue.wake(Sleeper(queue, name, log), at)
    assert queue.next_deadline() == 1.0
    queue.fire(3.0)
    assert log == [("a", 3.0), ("b", 3.0), ("c", 3.0)]
    assert queue.next_deadline() == 9.0


def test_only_the_last_wish_counts() -> None:
    queue, log = TimerQueue(), list[tuple[str, float]]()
    sleeper = Sleeper(queue, "a", log)
    for at in (1.0, 5.0, None, 3.0):
        queue.wake(sleeper, at)
    assert queue.next_deadline() == 3.0
    queue.fire(10.0)
    assert log == [("a", 10.0)]
    assert queue.next_deadline() is None
    assert len(queue) == 0


def test_whoever_is_woken_may_want_the_same_moment_again() -> None:
    queue, log = TimerQueue(), list[tuple[str, float]]()
    sleeper = Sleeper(queue, "a", log)
    queue.wake(sleeper, 1.0)
    sleeper.again_at = 2.0
    queue.fire(2.0)
    assert log == [("a", 2.0), ("a", 2.0)]
