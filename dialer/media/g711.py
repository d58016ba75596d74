"""G.711: µ-law and A-law, 16-bit linear samples to and from one octet (ITU-T G.711, tables 1 and 2).

Linear values are scaled to 16 bits: the 14-bit µ-law range to ±32124, the 13-bit A-law range to ±32256.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

_ULAW_BIAS = 0x84
_ULAW_CLIP = 32_635


def _ulaw_octet(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), _ULAW_CLIP) + _ULAW_BIAS
    segment = magnitude.bit_length() - 8
    return ~(sign | segment << 4 | magnitude >> segment + 3 & 0x0F) & 0xFF


def _ulaw_sample(octet: int) -> int:
    octet = ~octet & 0xFF
    segment = octet >> 4 & 0x07
    magnitude = ((octet & 0x0F) * 8 + _ULAW_BIAS << segment) - _ULAW_BIAS
    return -magnitude if octet & 0x80 else magnitude


def _alaw_octet(sample: int) -> int:
    # The 13-bit code is one's complement below zero, so that +0 and -0 are two steps.
    sign = 0x80 if sample >= 0 else 0
    magnitude = min(sample if sample >= 0 else ~sample, 32_767)
    if magnitude < 256:
        code = magnitude >> 4
    else:
        segment = magnitude.bit_length() - 8
        code = segment << 4 | magnitude >> segment + 3 & 0x0F
    return (sign | code) ^ 0x55


def _alaw_sample(octet: int) -> int:
    octet ^= 0x55
    segment = octet >> 4 & 0x07
    magnitude = (octet & 0x0F) << 4 | 0x08
    if segment:
        magnitude = magnitude + 0x100 << segment - 1
    return magnitude if octet & 0x80 else -magnitude


_ULAW_SAMPLES = tuple(_ulaw_sample(octet) for octet in range(256))
_ALAW_SAMPLES = tuple(_alaw_sample(octet) for octet in range(256))

ULAW_TO_ALAW = bytes(_alaw_octet(sample) for sample in _ULAW_SAMPLES)
ALAW_TO_ULAW = bytes(_ulaw_octet(sample) for sample in _ALAW_SAMPLES)
"""For `bytes.translate`: one law to the other, by way of the linear value."""

ULAW_SILENCE = 0xFF
ALAW_SILENCE = 0xD5


def ulaw_encode(samples: Iterable[int]) -> bytes:
    """16-bit linear samples as µ-law. Beyond the range they are clipped."""
    return bytes(map(_ulaw_octet, samples))


def ulaw_decode(data: bytes) -> array[int]:
    """µ-law as 16-bit linear samples (`array("h")`)."""
    return array("h", map(_ULAW_SAMPLES.__getitem__, data))


def alaw_encode(samples: Iterable[int]) -> bytes:
    """16-bit linear samples as A-law. Beyond the range they are clipped."""
    return bytes(map(_alaw_octet, samples))


def alaw_decode(data: bytes) -> array[int]:
    """A-law as 16-bit linear samples (`array("h")`)."""
    return array("h", map(_ALAW_SAMPLES.__getitem__, data))
