from __future__ import annotations

import pytest

from dialer.clock import SystemClock


class Host:
    """The two clocks of a machine."""

    def __init__(self) -> None:
        self.system, self.steady = 1_000_000.0, 50.0
        self.clock = SystemClock(lambda: self.system, lambda: self.steady)

    def pass_(self, seconds: float) -> None:
        self.system += seconds
        self.steady += seconds


@pytest.fixture
def host() -> Host:
    return Host()


def test_a_second_is_a_second_whatever_becomes_of_the_systems_clock(host: Host) -> None:
    host.pass_(3_600.0)
    host.system += 7_200.0
    assert host.clock.now() == 1_003_600.0
    assert host.clock.read() == (1_010_800.0, 3_650.0)


def test_a_clock_that_is_put_ahead_is_gone_by_once_it_is_adopted(host: Host) -> None:
    host.system += 7_200.0
    host.clock.adopt()
    assert host.clock.now() == 1_007_200.0


def test_time_passes_at_half_its_pace_until_a_clock_that_was_put_back_has_caught_up(host: Host) -> None:
    host.pass_(10.0)
    host.system -= 60.0
    host.clock.adopt()
    assert host.clock.now() == 1_000_010.0
    host.pass_(60.0)
    assert host.clock.now() == 1_000_040.0
    host.pass_(60.0)
    assert host.clock.now() == 1_000_070.0 == host.system
    host.pass_(60.0)
    assert host.clock.now() == 1_000_130.0


def test_nothing_is_answered_that_is_before_what_is_on_record(host: Host) -> None:
    host.clock.not_before(1_000_100.0)
    assert host.clock.now() == 1_000_100.0
    host.pass_(300.0)
    assert host.clock.now() == 1_000_300.0
    host.clock.not_before(1_000_100.0)
    assert host.clock.now() == 1_000_300.0
