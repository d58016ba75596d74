"""WAV of 8 kHz µ-law (RIFF, format tag 7), with a header that can be written again at any moment."""

from __future__ import annotations

from struct import Struct

from dialer.media.rtp import CLOCK_HZ

MULAW = 7
_HEADER = Struct("<4sI4s 4sIHHIIHHH 4sII 4sI")
HEADER_OCTETS = _HEADER.size
MAX_DATA_OCTETS = 0xFFFF_FFFF - HEADER_OCTETS
"""37 hours of two channels: sizes have 32 bits."""


def header(channels: int, data_octets: int) -> bytes:
    """The file's first 58 octets when `data_octets` of samples follow. The fact chunk is required of every
    format but PCM."""
    samples = data_octets // channels
    return _HEADER.pack(
        b"RIFF",
        HEADER_OCTETS - 8 + data_octets,
        b"WAVE",
        b"fmt ",
        18,
        MULAW,
        channels,
        CLOCK_HZ,
        CLOCK_HZ * channels,
        channels,
        8,
        0,
        b"fact",
        4,
        samples,
        b"data",
        data_octets,
    )
