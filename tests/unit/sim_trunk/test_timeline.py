from __future__ import annotations

import pytest

from sim_trunk.timeline import Timeline


def test_things_happen_in_order_and_equal_moments_as_they_were_set() -> None:
    timeline = Timeline(100.0)
    seen: list[tuple[str, float]] = []
    for name, delay_s in (("c", 2.0), ("a", 1.0), ("d", 2.0), ("b", 1.0)):
        timeline.after(delay_s, lambda what: seen.append((what, timeline.now)), name)
    while timeline.next_at is not None:
        timeline.step()
    assert seen == [("a", 101.0), ("b", 101.0), ("c", 102.0), ("d", 102.0)]


def test_what_happens_may_set_more_even_for_now() -> None:
    timeline = Timeline(0.0)
    seen: list[float] = []

    def again(left: int) -> None:
        seen.append(timeline.now)
        if left:
            timeline.after(0.0, again, left - 1)

    timeline.after(-5.0, again, 2)
    while timeline.next_at is not None:
        timeline.step()
    assert seen == [0.0, 0.0, 0.0]


def test_an_empty_timeline_has_no_next_step() -> None:
    timeline = Timeline(0.0)
    assert timeline.next_at is None
    with pytest.raises(IndexError):
        timeline.step()
