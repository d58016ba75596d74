"""A telephone line: the room it begins in, its band, its codecs, what is lost on it."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import soundfile
from numpy.random import Generator
from numpy.typing import NDArray

from dialer.media.g711 import alaw_decode, alaw_encode, ulaw_decode, ulaw_encode

RATE_HZ = 8_000
FRAME = 160
_ROOM_S = 0.7


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


def room(random: Generator) -> NDArray[np.float32]:
    """The response of a random room to a hands-free telephone: the voice itself, first reflections, a tail that
    falls by 60 dB in 0.15 to 0.7 s, now and then an echo of 60 to 220 ms."""
    t = np.arange(round(_ROOM_S * RATE_HZ)) / RATE_HZ
    tail = random.standard_normal(t.size) * 10 ** (-3 * t / random.uniform(0.15, 0.7))
    tail[: round(random.uniform(0.003, 0.015) * RATE_HZ)] = 0.0
    for at_s in random.uniform(0.004, 0.05, int(random.integers(2, 7))):
        tail[int(at_s * RATE_HZ)] += random.uniform(-8.0, 8.0)
    response = tail * 10 ** (random.uniform(-14.0, 1.0) / 20) / np.sqrt(np.sum(np.square(tail)))
    if random.random() < 0.35:
        delay, gain = random.uniform(0.06, 0.22), 10 ** (random.uniform(-18.0, -7.0) / 20)
        response[int(delay * RATE_HZ)] += gain
        response[int(2 * delay * RATE_HZ)] += gain * gain
    response[0] = 1.0
    return np.asarray(response, np.float32)


def in_room(
    samples: NDArray[np.floating] | NDArray[np.int16], response: NDArray[np.float32]
) -> NDArray[np.float32]:
    """As heard in a room, no longer than it was."""
    size = 1 << (samples.size + response.size).bit_length()
    heard: NDArray[np.float64] = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
    return heard[: samples.size].astype(np.float32)


def lossy(samples: NDArray[np.int16], random: Generator, share: float) -> NDArray[np.int16]:
    """With a share of its packets of 20 ms lost, two in a row on average, and silence in their place."""
    whole = samples.copy()
    lost = random.random() < share
    for start in range(0, whole.size, FRAME):
        lost = random.random() < (0.5 if lost else 0.5 * share / (1 - share))
        if lost:
            whole[start : start + FRAME] = 0
    return whole
