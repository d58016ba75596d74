"""Mixes µ-law frames, all of one moment at once: numpy's cost is by the call, not by the sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dialer.media.g711 import ulaw_decode, ulaw_encode
from dialer.media.rtp import FRAME_SAMPLES

_LINEAR: NDArray[np.int32] = np.array(ulaw_decode(bytes(range(256))), dtype=np.int32)
_ULAW: NDArray[np.uint8] = np.frombuffer(ulaw_encode(range(-32_768, 32_768)), dtype=np.uint8)
"""By linear value + 32768."""


def mix(groups: Sequence[Sequence[bytes]]) -> list[bytes]:
    """Of each group of 20 ms µ-law frames (at least one in each) their sum, clipped."""
    if not groups:
        return []
    frames = b"".join(frame for group in groups for frame in group)
    linear = _LINEAR[np.frombuffer(frames, dtype=np.uint8)].reshape(-1, FRAME_SAMPLES)
    starts = np.cumsum([0, *(len(group) for group in groups[:-1])])
    sums = np.add.reduceat(linear, starts, axis=0)
    np.clip(sums, -32_768, 32_767, out=sums)
    mixed = _ULAW[sums + 32_768].tobytes()
    return [mixed[at : at + FRAME_SAMPLES] for at in range(0, len(mixed), FRAME_SAMPLES)]
