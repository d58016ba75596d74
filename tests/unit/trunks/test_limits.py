from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.trunks.limits import TrunkLimits
from dialer.trunks.trunk import Trunk


def limits(channels: int = 100, cps: float = 10.0, name: str = "a") -> TrunkLimits:
    return TrunkLimits(Trunk(name, "127.0.0.1", 5060, channels=channels, cps=cps))


def test_channels_bound_what_is_open() -> None:
    trunk = limits(channels=2)
    assert trunk.take(0.0)
    assert trunk.take(0.0)
    assert not trunk.take(10.0)
    trunk.release()
    assert trunk.take(10.0)


def test_a_quiet_minute_is_not_paid_back_as_a_burst() -> None:
    assert limits(cps=10).free(0.0) == 10
    trunk = limits(cps=10)
    trunk.free(0.0)
    assert trunk.free(60.0) == 10


def test_slow_trunks_say_when_the_next_call_may_go() -> None:
    trunk = limits(cps=0.5)
    assert trunk.take(0.0)
    assert trunk.free(0.0) == 0
    assert trunk.next_free(0.5) == pytest.approx(2.0)
    assert trunk.free(2.0) == 1


def test_a_channel_never_taken_can_not_be_released() -> None:
    with pytest.raises(ValueError, match="never taken"):
        limits().release()


@given(st.floats(0.2, 50.0), st.lists(st.floats(0.0, 3.0), max_size=80))
def test_never_faster_than_calls_per_second(cps: float, waits: list[float]) -> None:
    trunk, now, taken = limits(channels=10_000, cps=cps), 0.0, 0
    for wait in waits:
        now += wait
        while trunk.take(now):
            taken += 1
    assert taken <= max(1.0, cps) + cps * now + 1e-6


@given(st.floats(0.2, 50.0), st.lists(st.floats(0.0, 3.0), max_size=60))
def test_no_window_has_more_calls_than_its_length_allows(cps: float, waits: list[float]) -> None:
    trunk, now, moments = limits(channels=10_000, cps=cps), 0.0, []
    for wait in waits:
        now += wait
        while trunk.take(now):
            moments.append(now)
    depth = max(1.0, cps)
    for first, began in enumerate(moments):
        for last in range(first, len(moments)):
            assert last - first + 1 <= depth + cps * (moments[last] - began) + 1e-6


@given(st.lists(st.sampled_from(["take", "release", "wait"]), max_size=200), st.integers(1, 5))
def test_never_more_channels_than_there_are(steps: list[str], channels: int) -> None:
    trunk, now, open_calls = limits(channels=channels, cps=1_000.0), 0.0, 0
    for step in steps:
        if step == "take":
            open_calls += trunk.take(now)
        elif step == "release" and open_calls:
            trunk.release()
            open_calls -= 1
        else:
            now += 0.1
        assert trunk.in_use == open_calls <= channels
