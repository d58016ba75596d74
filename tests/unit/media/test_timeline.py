from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.media.timeline import SILENCE, Timeline


def frame(n: int) -> bytes:
    return bytes([n % 200 + 1]) * 160


def test_the_first_packet_lies_where_it_arrived_and_the_rest_by_timestamp() -> None:
    line = Timeline(100.0)
    for n in range(3):
        line.put(1, 5_000 + 160 * n, frame(n), 100.1 + 0.021 * n)
    assert line.take(800) == SILENCE * 800
    assert line.take(1_440) == frame(0) + frame(1) + frame(2) + SILENCE * 160


def test_packets_overtaken_and_lost() -> None:
    line = Timeline(0.0)
    for n in (0, 2, 1, 4):
        line.put(1, 160 * n, frame(n), 0.02 * n)
    assert line.take(800) == frame(0) + frame(1) + frame(2) + SILENCE * 160 + frame(4)


def test_what_comes_after_its_time_was_taken_is_left_out() -> None:
    line = Timeline(0.0)
    line.put(1, 0, frame(0), 0.0)
    assert line.take(480) == frame(0) + SILENCE * 320
    line.put(1, 160, frame(1), 0.07)
    line.put(1, 480, frame(3), 0.07)
    assert line.take(640) == frame(3)


def test_a_new_source_and_a_clock_that_ran_away_are_placed_by_arrival() -> None:
    line = Timeline(0.0)
    line.put(1, 0, frame(0), 0.0)
    line.put(2, 99_000, frame(1), 0.1)
    line.put(2, 99_160 + 80_000, frame(2), 0.2)
    assert line.take(1_760)[800:] == frame(1) + SILENCE * 640 + frame(2)


def test_a_clock_that_runs_slower_is_noticed() -> None:
    line = Timeline(0.0)
    for n in range(4_000):
        line.put(1, 160 * n, frame(n), 0.0201 * n)
        if n % 50 == 0:
            line.settle(0.0201 * n)
    assert abs(line.end - 4_000 * 0.0201 * 8_000) < 2_800


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 2), st.integers(1, 400)), max_size=80), st.data())
def test_as_much_as_was_asked_for_is_taken_whatever_comes(
    packets: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    line = Timeline(0.0)
    taken, upto = b"", 0
    for n, (position, source, length) in enumerate(packets):
        line.put(source, 160 * position, b"\x01" * length, n / 50)
        if data.draw(st.booleans()):
            upto += data.draw(st.integers(-50, 500))
            taken += line.take(upto)
            upto = len(taken)
    assert len(taken) == upto
