"""The tones of the network before an answer: special information, fax, progress. No words, so no model either, and
half the work."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dialer.media.amd.events import Signal
from dialer.media.amd.signals import Signals
from dialer.media.amd.spectrum import FRAME, HISTORY, RATE_HZ, analyse
from dialer.media.amd.tone import Tones

BLOCK = 10 * FRAME
"""Samples analysed at once: 200 ms."""


class NetworkTones:
    """One call's. Feed it 16-bit samples at 8 kHz, in portions of any size; where packets are missing, silence."""

    def __init__(self) -> None:
        self._pending: list[NDArray[np.int16]] = []
        self._waiting = 0
        self._stretch = np.zeros(HISTORY + BLOCK, np.int16)
        self._tones, self._signals = Tones(), Signals()
        self._blocks = 0

    def feed(self, samples: NDArray[np.int16]) -> list[Signal]:
        """What is known by now."""
        self._pending.append(samples)
        self._waiting += samples.size
        found: list[Signal] = []
        if self._waiting >= BLOCK:
            ready = np.concatenate(self._pending)
            whole = ready.size // BLOCK * BLOCK
            self._pending, self._waiting = [ready[whole:]], ready.size - whole
            for start in range(0, whole, BLOCK):
                found += self._hear(ready[start : start + BLOCK])
        return found

    def _hear(self, block: NDArray[np.int16]) -> list[Signal]:
        stretch = self._stretch
        stretch[:HISTORY] = stretch[BLOCK:]
        stretch[HISTORY:] = block
        ended = self._tones.hear(analyse(stretch))
        self._blocks += 1
        now_s = round(self._blocks * BLOCK / RATE_HZ, 3)
        return self._signals.hear(ended, self._tones, now_s, lambda until_s: 0.0, lambda at_s: 0.0)
