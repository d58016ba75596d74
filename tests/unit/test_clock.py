from __future__ import annotations

import time

import pytest

from dialer.clock import SystemClock


class Moments:
    """The two clocks of a machine."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.system, self.monotonic = 1_000_000.0, 50.0
        patch.setattr(time, "time", lambda: self.system)
        patch.setattr(time, "monotonic", lambda: self.monotonic)

    def pass_(self, seconds: float) -> None:
        self.system += seconds
        self.monotonic += seconds


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Moments:
    return Moments(monkeypatch)


def test_a_clock_that_runs_on_is_left_alone(moments: Moments) -> None:
    clock = SystemClock()
    moments.pass_(3_600.0)
    moments.system += 0.4  # as far as two readings and a kernel that slews may differ
    assert clock.follow() == 0.0
    assert clock.now() == 1_003_600.0


def test_a_machine_that_slept_or_was_set_right_is_followed(moments: Moments) -> None:
    """Else phones would ring by the hour of before."""
    clock = SystemClock()
    moments.pass_(10.0)
    moments.system += 7_200.0
    assert clock.follow() == 7_200.0
    assert clock.now() == 1_007_210.0
    assert clock.follow() == 0.0


def test_a_clock_that_is_put_back_is_told_and_not_followed(moments: Moments) -> None:
    clock = SystemClock()
    moments.system -= 60.0
    assert clock.follow() == -60.0
    assert clock.now() == 1_000_000.0
