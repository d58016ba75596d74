"""µ-law to linear samples and back for whole stretches of sound, by numpy's tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dialer.media.g711 import ulaw_decode, ulaw_encode

_LINEAR: NDArray[np.int16] = np.array(ulaw_decode(bytes(range(256))), dtype=np.int16)
_ULAW: NDArray[np.uint8] = np.frombuffer(ulaw_encode(range(-32_768, 32_768)), dtype=np.uint8)
"""By linear value + 32768."""


def decode(ulaw: bytes) -> NDArray[np.int16]:
    """µ-law as 16-bit linear samples."""
    return _LINEAR[np.frombuffer(ulaw, dtype=np.uint8)]


def encode(samples: NDArray[np.int16] | NDArray[np.int32]) -> bytes:
    """Linear samples of 16 bits as µ-law."""
    return _ULAW[samples.astype(np.int32, copy=False) + 32_768].tobytes()
