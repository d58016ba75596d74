"""Sounds made of sines and noise: int16 at 8 kHz."""

from __future__ import annotations

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

RATE_HZ = 8_000

Sound = NDArray[np.int16]


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE_HZ), np.int16)


def tone(seconds: float, *hz: float, level: float = 0.12) -> Sound:
    """One or more sines together; `level`: of each, as a fraction of full scale."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = sum((np.sin(2 * np.pi * each * t) for each in hz), np.zeros(t.size))
    return (wave * level * 32_767).astype(np.int16)


def noise(seconds: float, level: float, seed: int = 0) -> Sound:
    """White; `level`: its root mean square as a fraction of full scale."""
    count = round(seconds * RATE_HZ)
    return np.clip(default_rng(seed).standard_normal(count) * level * 32_767, -32_768, 32_767).astype(np.int16)


def voice(seconds: float, *, pitch_hz: float = 120.0, level: float = 0.1, seed: int = 1) -> Sound:
    """Something like speech: harmonics with moving formants, four syllables a second with short closures."""
    random = default_rng(seed)
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    turn = 2 * np.pi * np.cumsum(pitch_hz * (1 + 0.1 * np.sin(2 * np.pi * 1.3 * t))) / RATE_HZ
    first = 550 + 200 * np.sin(2 * np.pi * 2.1 * t + random.uniform(0, 6))
    second = 1_500 + 500 * np.sin(2 * np.pi * 1.7 * t + random.uniform(0, 6))
    wave = np.zeros(t.size)
    for harmonic in range(2, 26):
        hz = harmonic * pitch_hz
        gain = np.exp(-(((hz - first) / 180) ** 2)) + 0.5 * np.exp(-(((hz - second) / 220) ** 2)) + 0.05
        wave += gain * np.sin(harmonic * turn)
    wave += 0.15 * random.standard_normal(t.size)
    syllables = np.clip(1.3 * np.abs(np.sin(2 * np.pi * 2.0 * t)) + 0.1, 0, 1)
    wave *= syllables
    scaled: Sound = (wave / max(np.abs(wave).max(), 1e-9) * level * 3 * 32_767).astype(np.int16)
    return scaled


def joined(*parts: Sound, noise_level: float = 0.0, seed: int = 0) -> Sound:
    """One after the other, with white noise over all of it."""
    whole = np.concatenate(parts).astype(np.int32)
    if noise_level:
        whole = whole + noise(whole.size / RATE_HZ, noise_level, seed)
    return np.clip(whole, -32_768, 32_767).astype(np.int16)
