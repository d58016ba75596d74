"""What is measured of each 20 ms: levels by band, periodicity, flatness, the strongest tones. No state here: a
block of frames is one pass over arrays, so that the cost of numpy's calls is shared by its frames."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8_000
FRAME = 160
"""Samples of one frame, 20 ms."""
WINDOW = 512
"""Samples looked at for one frame: the frame and the 352 before it. Under Hann's window its half-power width is
about 24 ms, and two tones 60 Hz apart are two."""
HISTORY = WINDOW - FRAME

Array = NDArray[np.float32]

_BIN_HZ = RATE_HZ / WINDOW
_HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32) / np.float32(32_768.0)
_LOW, _HIGH = round(250 / _BIN_HZ), round(3_500 / _BIN_HZ)
_EDGES_HZ = (250, 400, 550, 750, 1_000, 1_300, 1_650, 2_050, 2_550, 3_050, 3_500)
BANDS = len(_EDGES_HZ) - 1
_LEAST = np.float32(1e-7)
"""Power of a band that counts as none: below the quietest step of G.711."""

_SHORTEST_LAG, _LONGEST_LAG = RATE_HZ // 400, RATE_HZ // 70

_TONE_LOW, _TONE_HIGH = round(300 / _BIN_HZ), round(2_400 / _BIN_HZ)
_AROUND = np.arange(-2, 3)
"""Bins that hold a single tone under Hann's window."""
_BINS = np.arange(WINDOW // 2 + 1)


def _band_matrix() -> Array:
    matrix = np.zeros((WINDOW // 2 + 1, BANDS), np.float32)
    hz = _BINS * _BIN_HZ
    for band, (low, high) in enumerate(pairwise(_EDGES_HZ)):
        inside = (hz >= low) & (hz < high)
        matrix[inside, band] = 1.0 / inside.sum()
    return matrix


_BAND_MATRIX = _band_matrix()


@dataclass(frozen=True, slots=True)
class Spectra:
    """One row a frame. Decibels are relative to one and the same power; a sine of half of full scale is at 38 dB.

    `tone_hz`, `tone_share`: the strongest tone between 300 and 2,400 Hz and its share of the power of 250–3,500 Hz
    (0–1); `second_hz`, `second_share`: the strongest beside it."""

    bands_db: Array
    level_db: Array
    flatness_db: Array
    periodicity: Array
    pitch_hz: Array
    tone_hz: Array
    tone_share: Array
    second_hz: Array
    second_share: Array


def analyse(samples: NDArray[np.int16]) -> Spectra:
    """`samples`: `HISTORY` samples from before, then whole frames."""
    frames = (samples.size - HISTORY) // FRAME
    (step,) = samples.strides
    windows = np.lib.stride_tricks.as_strided(samples, (frames, WINDOW), (FRAME * step, step), writeable=False)
    transform = np.fft.rfft(windows * _HANN)
    power: Array = np.square(transform.real) + np.square(transform.imag)
    bands_db = 10.0 * np.log10(power @ _BAND_MATRIX + _LEAST)
    inside = power[:, _LOW:_HIGH]
    total = inside.sum(axis=1) + _LEAST
    level_db = 10.0 * np.log10(total)
    flatness_db = 10.0 * np.log10(inside + _LEAST).mean(axis=1) - 10.0 * np.log10(total / (_HIGH - _LOW))
    # Amplitude instead of power: harmonics of unequal strength count more alike.
    amplitude = np.zeros_like(power)
    amplitude[:, _LOW:_HIGH] = np.sqrt(inside)
    by_lag = np.fft.irfft(amplitude)
    lags = by_lag[:, _SHORTEST_LAG : _LONGEST_LAG + 1] / (by_lag[:, :1] + _LEAST)
    best = lags.argmax(axis=1)
    rows = np.arange(power.shape[0])
    tone_hz, tone_share, taken = _strongest(power, total, rows)
    rest = power.copy()
    rest[rows[:, None], taken[:, None] + _AROUND] = 0.0
    second_hz, second_share, _ = _strongest(rest, total, rows)
    return Spectra(
        bands_db=bands_db,
        level_db=level_db,
        flatness_db=flatness_db,
        periodicity=lags[rows, best],
        pitch_hz=(RATE_HZ / (best + _SHORTEST_LAG)).astype(np.float32),
        tone_hz=tone_hz,
        tone_share=tone_share,
        second_hz=second_hz,
        second_share=second_share,
    )


def _strongest(power: Array, total: Array, rows: NDArray[np.intp]) -> tuple[Array, Array, NDArray[np.intp]]:
    """The strongest bin of each row: its frequency between the bins (parabola through the logarithms, good to 2 Hz
    for a single tone), its share, its number."""
    peak = power[:, _TONE_LOW:_TONE_HIGH].argmax(axis=1) + _TONE_LOW
    near = power[rows[:, None], peak[:, None] + _AROUND]
    below, at, above = (np.log(near[:, column] + 1e-12) for column in (1, 2, 3))
    curve = below - 2 * at + above
    shift = np.where(curve < -1e-6, 0.5 * (below - above) / np.where(curve < -1e-6, curve, -1.0), 0.0)
    hz = (peak + np.clip(shift, -0.5, 0.5)) * _BIN_HZ
    return hz.astype(np.float32), near.sum(axis=1) / total, peak
