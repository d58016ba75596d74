"""Killed at any moment and started again: nothing lost, nothing repeated, caps hold, no call left at the carrier.

`KILLS=200 make test ARGS="tests/kills"` is the long form; the short one dies once at every moment.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from dialer.storage.database import open_reader
from tests.kills.centre import ALL_MOMENTS, Life, call_centre, run_dialer
from tests.kills.judge import carrier_calls, judge, longest_left_s

KILLS = int(os.environ.get("KILLS", len(ALL_MOMENTS)))
SECONDS_A_LIFE = 12
LEFT_AT_MOST_S = 8.0
"""A call of a dead process is over when later ones have been at work for so long, one whose answer was not taken
when they have heard it again and been at work for so long."""


@pytest.mark.long
@pytest.mark.timeout(120 + KILLS * SECONDS_A_LIFE)
def test_killed_at_any_moment(tmp_path: Path, store_address: str) -> None:
    home = tmp_path / "home"
    with call_centre(home, store_address, seed=KILLS, lives=KILLS) as centre:
        for life in range(KILLS):
            centre.live_and_die(ALL_MOMENTS[life % len(ALL_MOMENTS)])
        # One more life at work, that ends as lives should.
        ready_s, ready_at = centre.start(), time.time()
        time.sleep(2.0)
        run_dialer(home, "campaign", "stop", "killed")
        centre.end()
        lives = [*centre.lives, Life("ended", ready_s, ready_at, time.time())]
    calls = carrier_calls(centre.carrier_log)
    reader = open_reader(store_address)
    try:
        verdict = judge(reader.attempts("killed"), calls, centre.wire.invites)
        assert not reader.open_attempts()
    finally:
        reader.close()
    left_s = longest_left_s(calls, lives)
    audit = json.loads(run_dialer(home, "audit", "killed", "--json"))
    print(f"\n{KILLS} kills: {verdict}; longest left {left_s:.1f} s; audit {audit}")
    assert verdict.answered > 0
    assert left_s <= LEFT_AT_MOST_S
