"""Noise as telephones have it, and music: arrays from a numpy generator, of root mean square 1."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

RATE_HZ = 8_000

Samples = NDArray[np.float32]


def unit(samples: NDArray[np.floating]) -> Samples:
    """The same at root mean square 1; silence stays silence."""
    rms = float(np.sqrt(np.mean(np.square(samples)))) if samples.size else 0.0
    return (samples / rms if rms > 0 else samples).astype(np.float32)


def shaped(random: Generator, count: int, slope: float, corner_hz: float = 30.0) -> Samples:
    """Noise whose amplitude falls as frequency to the power of `slope` (0 white, 0.5 pink, 1 brown)."""
    size = 1 << max(count - 1, 1).bit_length()
    spectrum = random.standard_normal(size // 2 + 1) + 1j * random.standard_normal(size // 2 + 1)
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    return unit(np.fft.irfft(spectrum / np.maximum(hz, corner_hz) ** slope)[:count])


def street(random: Generator, count: int) -> Samples:
    """Pink noise with vehicles passing, and now and then a horn."""
    t = np.arange(count) / RATE_HZ
    level = np.full(count, 0.4)
    for _ in range(1 + int(random.integers(0, 4))):
        level += random.uniform(0.3, 1.2) * np.exp(
            -(((t - random.uniform(0, t[-1])) / random.uniform(0.5, 2.0)) ** 2)
        )
    noise = shaped(random, count, 0.6) * level
    if random.random() < 0.3:
        start, hz = random.uniform(0, t[-1]), random.uniform(350, 500)
        on = (t > start) & (t < start + random.uniform(0.2, 0.8))
        noise += on * sum((0.5 / k * np.sin(2 * np.pi * hz * k * t) for k in range(1, 6)), np.zeros(count))
    return unit(noise)


def car(random: Generator, count: int) -> Samples:
    """An engine's hum and its harmonics under brown noise."""
    t = np.arange(count) / RATE_HZ
    hz = random.uniform(25, 60) * (1 + 0.05 * np.sin(2 * np.pi * random.uniform(0.05, 0.3) * t))
    turn = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    hum = sum((np.sin(k * turn + random.uniform(0, 6)) / k for k in range(2, 16)), np.zeros(count))
    return unit(shaped(random, count, 0.9) + 0.5 * unit(hum) + 0.15 * shaped(random, count, 0.0))


def music(random: Generator, count: int) -> Samples:
    """Chords and a melody of plucked or held tones with harmonics, in a random key and pace."""
    t = np.arange(count) / RATE_HZ
    out = np.zeros(count)
    root = 110.0 * 2 ** (random.integers(0, 12) / 12)
    beat_s = random.uniform(0.2, 0.5)
    decay = random.uniform(0.8, 6.0)
    richness = int(random.integers(2, 7))
    scale = (0, 2, 4, 5, 7, 9, 11, 12, 14, 16)
    for nth in range(int(t[-1] / beat_s) + 1):
        since = t - nth * beat_s
        held = (since >= 0) & (since < beat_s * 4)
        notes = [12 + scale[int(random.integers(0, 10))]]
        if nth % 4 == 0:
            step = (0, 5, 7, 9)[int(random.integers(0, 4))]
            notes += [step, step + 4, step + 7]
        for note in notes:
            hz = root * 2 ** (note / 12)
            envelope = np.exp(-decay * since[held])
            out[held] += envelope * sum(
                np.sin(2 * np.pi * hz * k * since[held]) / k**1.2 for k in range(1, richness + 1) if hz * k < 3_800
            )
    return unit(out)


def breath(random: Generator, count: int) -> Samples:
    """Air on the microphone: noise that swells and goes."""
    return unit(shaped(random, count, 0.3) * np.hanning(count))


def babble(random: Generator, count: int, talkers: list[Samples]) -> Samples:
    """Several talkers at once, each from a random place on."""
    out = np.zeros(count)
    for talker in talkers:
        start = int(random.integers(0, max(talker.size, 1)))
        out += random.uniform(0.5, 1.0) * np.resize(np.roll(talker, -start), count)
    return unit(out)
