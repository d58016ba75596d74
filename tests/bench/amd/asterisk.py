"""Asterisk's answering-machine detection, for comparison: written anew from the description of its parameters
(`amd.conf.sample`), with their defaults. Nothing of the product uses it.

Energy alone: a frame is silent if the mean of its samples' magnitudes is below a threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FRAME_MS = 20
_FRAME = 160


@dataclass(frozen=True, slots=True)
class Settings:
    """Milliseconds, but for `silence_threshold` (0–32767) and `maximum_words`."""

    total_analysis: int = 5_000
    initial_silence: int = 2_500
    greeting: int = 1_500
    after_greeting_silence: int = 800
    minimum_word: int = 100
    between_words: int = 50
    maximum_words: int = 2
    maximum_word: int = 5_000
    silence_threshold: int = 256


@dataclass(frozen=True, slots=True)
class Status:
    """`verdict`: human, machine or notsure."""

    verdict: str
    cause: str
    at_s: float


def detect(samples: NDArray[np.int16], settings: Settings | None = None) -> Status:
    """The status for sound at 8 kHz from the answer on; notsure where it ends before."""
    own = settings or Settings()
    silence = consecutive = voice = words = 0
    in_word = in_greeting = False
    initial = True
    whole = samples.size // _FRAME * _FRAME
    loudness = np.abs(samples[:whole].reshape(-1, _FRAME).astype(np.int32)).mean(axis=1)
    for nth, loud in enumerate(loudness.tolist()):
        at_ms = (nth + 1) * FRAME_MS
        if at_ms >= own.total_analysis:
            return Status("notsure", "TOOLONG", at_ms / 1000)
        if loud < own.silence_threshold:
            silence += FRAME_MS
            if silence >= own.between_words:
                in_word, consecutive = False, 0
            if initial and silence >= own.initial_silence:
                return Status("machine", "INITIALSILENCE", at_ms / 1000)
            if in_greeting and silence >= own.after_greeting_silence:
                return Status("human", "HUMAN", at_ms / 1000)
            continue
        silence = 0
        consecutive += FRAME_MS
        voice += FRAME_MS
        if consecutive >= own.minimum_word and not in_word:
            in_word, words = True, words + 1
        if consecutive >= own.maximum_word:
            return Status("machine", "MAXWORDLENGTH", at_ms / 1000)
        if words > own.maximum_words:
            return Status("machine", "MAXWORDS", at_ms / 1000)
        if in_greeting and voice >= own.greeting:
            return Status("machine", "LONGGREETING", at_ms / 1000)
        if voice >= own.minimum_word:
            initial, in_greeting = False, True
    return Status("notsure", "ENDED", loudness.size * FRAME_MS / 1000)
