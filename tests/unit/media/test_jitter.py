from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from dialer.media.jitter import MAX_DELAY, MIN_DELAY, JitterBuffer


def frame(n: int) -> bytes:
    return bytes([n % 250 + 1]) * 160


def play(delays_s: list[float], lost: frozenset[int] = frozenset()) -> list[bytes | None]:
    """Frames that leave the buffer while packet n arrives at 20 ms times n and its delay."""
    buffer = JitterBuffer()
    arrivals = sorted((0.02 * n + delay_s, n) for n, delay_s in enumerate(delays_s) if n not in lost)
    played = []
    at = 0.0
    while at < 0.02 * len(delays_s) + 0.5:
        while arrivals and arrivals[0][0] <= at:
            arrived, n = arrivals.pop(0)
            buffer.put(1, 160 * n, frame(n), arrived)
        played.append(buffer.pull())
        at += 0.02
    return played


def test_an_even_stream_comes_out_whole_and_in_order() -> None:
    heard = [sound for sound in play([0.0] * 100) if sound is not None]
    assert heard == [frame(n) for n in range(100)]


def test_a_jittery_stream_is_evened_out() -> None:
    rng = random.Random(3)
    played = play([rng.uniform(0.0, 0.05) for _ in range(500)])
    heard = [sound for sound in played if sound is not None]
    whole = [sound for sound in heard[100:] if len(set(sound)) == 1 and sound[0] != 0xFF]
    assert len(whole) > 0.95 * 400


def test_a_lost_packet_is_silence() -> None:
    heard = [sound for sound in play([0.0] * 20, lost=frozenset({10})) if sound is not None]
    assert heard[10] == b"\xff" * 160
    assert heard[11] == frame(11)


def test_packets_of_ten_and_thirty_ms() -> None:
    buffer = JitterBuffer()
    for n in range(4):
        buffer.put(1, 80 * n, bytes([n + 1]) * 80, 0.01 * n)
    buffer.put(1, 320, b"\x09" * 240, 0.04)
    heard = [buffer.pull() for _ in range(4)]
    assert heard[:3] == [b"\x01" * 80 + b"\x02" * 80, b"\x03" * 80 + b"\x04" * 80, b"\x09" * 160]
    assert heard[3] == b"\x09" * 80 + b"\xff" * 80


def test_the_delay_shrinks_again() -> None:
    buffer = JitterBuffer()
    for n in range(20):
        buffer.put(1, 160 * n, frame(n), 0.0)  # a burst: far too much is waiting
    waiting = 20
    for n in range(20, 1_000):
        buffer.put(1, 160 * n, frame(n), 0.02 * (n - 19))
        if buffer.pull() is not None:
            waiting = n
    last = frame(waiting)
    played = [buffer.pull() for _ in range(20)]
    assert played.index(last) <= 4


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 0xFFFFFFFF), st.integers(1, 480), st.booleans()), max_size=100
    )
)
def test_whatever_comes_frames_are_whole_and_memory_bounded(packets: list[tuple[int, int, int, bool]]) -> None:
    buffer = JitterBuffer()
    for n, (source, timestamp, length, pulls) in enumerate(packets):
        buffer.put(source, timestamp, b"\x01" * length, 0.01 * n)
        assert MIN_DELAY <= buffer.delay <= MAX_DELAY
        assert len(buffer._data) <= 100 * 160 + 480
        if pulls:
            sound = buffer.pull()
            assert sound is None or len(sound) == 160
