from __future__ import annotations

import time

import pytest

from dialer.clock import SystemClock, cpu_s, monotonic


def test_it_tells_utc() -> None:
    before = time.time()
    now = SystemClock().now()
    assert before - 1 <= now <= time.time() + 1


def test_a_step_of_the_systems_clock_does_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    monkeypatch.setattr(time, "monotonic", lambda: 50.0)
    clock = SystemClock()
    assert clock.now() == 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: 2_000_000.0)
    monkeypatch.setattr(time, "monotonic", lambda: 53.5)
    assert clock.now() == 1_000_003.5


def test_work_takes_time() -> None:
    started, busy = monotonic(), cpu_s()
    sum(range(200_000))
    assert monotonic() > started
    assert cpu_s() >= busy
