from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.pacing import MODES, Snapshot, create

snapshots = st.builds(
    Snapshot,
    now_s=st.floats(0, 1e6),
    idle=st.integers(0, 50),
    talking_s=st.lists(st.floats(0, 500), max_size=50).map(tuple),
    wrapping_s=st.lists(st.floats(0, 100), max_size=20).map(tuple),
    ringing_s=st.lists(st.floats(0, 60), max_size=80).map(tuple),
    waiting_s=st.lists(st.floats(0, 2), max_size=10).map(tuple),
    lines_free=st.integers(0, 100),
    leads_ready=st.integers(0, 100),
)


def snapshot(idle: int = 0, talking: int = 0, wrapping: int = 0, ringing: int = 0, waiting: int = 0) -> Snapshot:
    return Snapshot(0.0, idle, (1.0,) * talking, (1.0,) * wrapping, (1.0,) * ringing, (1.0,) * waiting, 99, 99)


@given(snapshots, st.sampled_from(MODES), st.floats(1.0, 15.0))
def test_never_more_than_lines_and_leads_allow(given_snapshot: Snapshot, mode: str, ratio: float) -> None:
    n = create(mode, ratio=ratio).decide(given_snapshot)
    assert 0 <= n <= min(given_snapshot.lines_free, given_snapshot.leads_ready)


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        (snapshot(idle=5), 5),
        (snapshot(idle=5, ringing=3), 2),
        (snapshot(idle=5, ringing=3, waiting=2), 0),
        (snapshot(idle=1, talking=9, ringing=4), 0),
    ],
)
def test_progressive_has_one_call_per_idle_agent(seen: Snapshot, wanted: int) -> None:
    assert create("progressive").decide(seen) == wanted


@pytest.mark.parametrize(
    ("ratio", "seen", "wanted"),
    [
        (2.0, snapshot(idle=10), 20),
        (2.0, snapshot(idle=4, talking=6, ringing=5), 9),
        (1.5, snapshot(idle=1, talking=1, wrapping=1), 4),  # 4.5 rounds half up, one is talking
        (1.0, snapshot(talking=3, ringing=2), 0),
    ],
)
def test_power_fills_up_to_the_ratio(ratio: float, seen: Snapshot, wanted: int) -> None:
    assert create("power", ratio=ratio).decide(seen) == wanted


@pytest.mark.parametrize(
    ("mode", "options", "message"),
    [
        ("guess", {}, "unknown pacing mode"),
        ("power", {"ratio": 0.5}, "ratio"),
        ("power", {"ratio": 15.5}, "ratio"),
        ("progressive", {"abandon_target": 0.0}, "abandon_target"),
        ("progressive", {"grace_s": -1.0}, "grace_s"),
        ("progressive", {"window_s": ()}, "window_s"),
    ],
)
def test_wrong_options_are_named(mode: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        create(mode, **options)


def test_lines_pacing_keeps_so_many_calls_whoever_is_there() -> None:
    pacer = create("lines", lines=8)
    assert pacer.decide(snapshot()) == 8
    assert pacer.decide(snapshot(talking=1, ringing=2, waiting=1)) == 4
    assert pacer.decide(replace(snapshot(ringing=2), in_flow=7)) == 0
    with pytest.raises(ValueError, match="at least 1"):
        create("lines", lines=0)


@pytest.mark.parametrize(("mode", "wanted"), [("progressive", 1), ("power", 5)])
def test_whom_a_flow_speaks_with_may_want_an_agent_yet(mode: str, wanted: int) -> None:
    assert create(mode, ratio=2.0).decide(replace(snapshot(idle=4), in_flow=3)) == wanted
