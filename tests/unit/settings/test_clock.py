from __future__ import annotations

import time

from dialer.clock import SystemClock, cpu_s, monotonic


def test_it_tells_utc() -> None:
    before = time.time()
    now = SystemClock().now()
    assert before - 1 <= now <= time.time() + 1


def test_work_takes_time() -> None:
    started, busy = monotonic(), cpu_s()
    sum(range(200_000))
    assert monotonic() > started
    assert cpu_s() >= busy
