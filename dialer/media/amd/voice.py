"""Is the one who answered speaking? Each frame is compared with the quietest and the loudest of the last two
seconds, so that steady noise, and talk further from the telephone, are told from a voice at it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dialer.media.amd.spectrum import BANDS, Spectra

Array = NDArray[np.float32]

_BLOCKS = 20
"""Two seconds of blocks of five frames."""
_SMOOTH = 3
_FRAME_INPUTS = 2 * BANDS + 7
_KEPT = np.r_[0 : BANDS + 1, 2 * BANDS + 1 : _FRAME_INPUTS]
"""Of the means: not the shape of the spectrum, which the frame itself has."""
INPUTS = 2 * _FRAME_INPUTS - BANDS


class Surroundings:
    """The floor of each band and the loudest level, over the last two seconds; what `voice`'s network is fed."""

    def __init__(self) -> None:
        self._floors = np.empty((_BLOCKS, BANDS + 1), np.float32)
        self._peaks = np.empty(_BLOCKS, np.float32)
        self._count = 0
        self._last: Array | None = None

    def inputs(self, spectra: Spectra) -> Array:
        """One row a frame of a block. The block itself is already among what it is compared with."""
        levels = np.concatenate((spectra.bands_db, spectra.level_db[:, None]), axis=1)
        rows = levels.shape[0]
        slot = self._count % _BLOCKS
        self._floors[slot] = levels.mean(axis=0) if rows < _SMOOTH else _lowest_mean(levels)
        self._peaks[slot] = spectra.level_db.max()
        self._count += 1
        known = min(self._count, _BLOCKS)
        floor = self._floors[:known].min(axis=0)
        peak = self._peaks[:known].max()
        frames = np.empty((rows, _FRAME_INPUTS), np.float32)
        frames[:, : BANDS + 1] = levels - floor
        frames[:, BANDS + 1 : 2 * BANDS + 1] = spectra.bands_db - spectra.level_db[:, None]
        frames[:, 2 * BANDS + 1] = spectra.level_db - peak
        frames[:, 2 * BANDS + 2] = spectra.level_db
        frames[:, 2 * BANDS + 3] = spectra.flatness_db
        frames[:, 2 * BANDS + 4] = spectra.periodicity
        frames[:, 2 * BANDS + 5] = spectra.tone_share
        frames[:, 2 * BANDS + 6] = floor[BANDS]
        return self._with_recent(frames, min(known, 10))

    def _with_recent(self, frames: Array, known: int) -> Array:
        """Each frame beside the mean of the five up to it."""
        before = self._last if self._last is not None else np.repeat(frames[:1], 4, axis=0)
        stretch = np.concatenate((before, frames))
        self._last = stretch[-4:]
        sums = np.cumsum(stretch, axis=0, dtype=np.float64)
        sums[5:] -= sums[:-5].copy()
        recent = (sums[4:] / 5.0).astype(np.float32)
        joined = np.concatenate((frames, recent[:, _KEPT]), axis=1)
        joined[:, -1] = known
        return joined


def _lowest_mean(levels: Array) -> Array:
    """The quietest three frames in a row, by band."""
    sums = levels[:-2] + levels[1:-1] + levels[2:]
    lowest: Array = sums.min(axis=0) / 3.0
    return lowest
