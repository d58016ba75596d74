"""A telephone line: its band, its codecs."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import soundfile
from numpy.typing import NDArray

from dialer.media.g711 import alaw_decode, alaw_encode, ulaw_decode, ulaw_encode

RATE_HZ = 8_000


@cache
def _tables(alaw: bool) -> NDArray[np.int16]:
    """Every 16-bit sample, coded and decoded."""
    every = range(-32_768, 32_768)
    decoded = alaw_decode(alaw_encode(every)) if alaw else ulaw_decode(ulaw_encode(every))
    return np.array(decoded, dtype=np.int16)


def band(samples: NDArray[np.floating], low_hz: float = 300.0, high_hz: float = 3_400.0) -> NDArray[np.float32]:
    """Only what a telephone carries, with the soft edges of its filters."""
    size = 1 << max(samples.size + 400, 2).bit_length()
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    gain = 1 / np.sqrt(1 + (low_hz / np.maximum(hz, 1)) ** 8) / np.sqrt(1 + (hz / high_hz) ** 24)
    return np.fft.irfft(np.fft.rfft(samples, size) * gain, size)[: samples.size].astype(np.float32)


def gsm(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Through GSM 06.10 full rate and back, in memory."""
    coded = io.BytesIO()
    soundfile.write(coded, samples, RATE_HZ, format="WAV", subtype="GSM610")
    coded.seek(0)
    decoded, _ = soundfile.read(coded, dtype="int16")
    return np.resize(decoded[: samples.size], samples.size)


def g711(samples: NDArray[np.int16], *, alaw: bool) -> NDArray[np.int16]:
    """Through µ-law or A-law and back."""
    return _tables(alaw)[samples.astype(np.int32) + 32_768]
