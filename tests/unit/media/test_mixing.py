from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.media.g711 import ulaw_decode, ulaw_encode
from dialer.media.mixing import mix

FRAMES = st.binary(min_size=160, max_size=160)


def plainly(frames: list[bytes]) -> bytes:
    """Sample by sample, as the numpy way should come to."""
    sums = [sum(samples) for samples in zip(*(ulaw_decode(frame) for frame in frames), strict=True)]
    return ulaw_encode(max(-32_768, min(32_767, total)) for total in sums)


@given(st.lists(st.lists(FRAMES, min_size=1, max_size=3), max_size=4))
def test_each_group_becomes_the_clipped_sum_of_its_frames(groups: list[list[bytes]]) -> None:
    assert mix(groups) == [plainly(group) for group in groups]


def test_one_frame_stays_as_it_is() -> None:
    frame = ulaw_encode(range(-32_000, 32_000, 400))
    assert mix([[frame]]) == [frame]
