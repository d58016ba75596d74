from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.media.playback import Playback


def playback(sound: bytes, *, loop: bool = False) -> Playback:
    return Playback(1, sound, loop=loop, over=False, barge_in=False)


def test_the_last_frame_is_filled_up() -> None:
    it = playback(b"\x01" * 200)
    assert it.next() == b"\x01" * 160
    assert it.next() == b"\x01" * 40 + b"\xff" * 120
    assert it.next() is None


def test_nothing_is_over_at_once_even_as_a_loop() -> None:
    assert playback(b"").next() is None
    assert playback(b"", loop=True).next() is None


@given(st.binary(min_size=160, max_size=700), st.integers(1, 20))
def test_a_loop_has_no_hole(sound: bytes, frames: int) -> None:
    it = playback(sound, loop=True)
    heard = b"".join(it.next() or b"" for _ in range(frames))
    assert heard == (sound * 30)[: 160 * frames]
