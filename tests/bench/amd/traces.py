"""Greetings as the detector's networks see them, through the detector's own code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dialer.media.amd.model import Network
from dialer.media.amd.spectrum import FRAME, HISTORY, Spectra, analyse
from dialer.media.amd.talk import Talk
from dialer.media.amd.voice import Surroundings

Array = NDArray[np.float32]

FRAMES = 5
LONGEST_S = 9.0
"""Of each greeting: nobody waits longer for a verdict by words."""


def _measured(samples: NDArray[np.int16]) -> Spectra:
    """The spectra of all whole blocks."""
    whole = min(samples.size, round(LONGEST_S * 8_000)) // (FRAMES * FRAME) * FRAMES * FRAME
    return analyse(np.concatenate((np.zeros(HISTORY, np.int16), samples[:whole])))


def _taken(spectra: Spectra, frames: NDArray[np.intp] | slice) -> Spectra:
    return Spectra(*(getattr(spectra, field.name)[frames] for field in fields(Spectra)))


def _blocks(spectra: Spectra) -> Iterator[Spectra]:
    for first in range(0, spectra.level_db.size - FRAMES + 1, FRAMES):
        yield _taken(spectra, slice(first, first + FRAMES))


def voice_rows(samples: NDArray[np.int16], spoken: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
    """Inputs of the voice network for each frame, and whether there was speech in the middle of its window."""
    surroundings = Surroundings()
    rows = np.concatenate([surroundings.inputs(block) for block in _blocks(_measured(samples))])
    return rows, np.concatenate(([False], spoken))[: len(rows)]


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One row a block. `rows`: features; `silence_s`: silence at its end; `begun`: whether there was speech."""

    rows: Array
    silence_s: Array
    begun: NDArray[np.bool_]


class Heard:
    """A greeting heard by the voice network, to be traced at one pace or another."""

    def __init__(self, samples: NDArray[np.int16], voice: Network) -> None:
        self._spectra = _measured(samples)
        surroundings = Surroundings()
        rows = np.concatenate([surroundings.inputs(block) for block in _blocks(self._spectra)])
        self._chances = 1 / (1 + np.exp(-np.clip(voice.logits(rows), -40, 40)))

    def trace(self, pace: float = 1.0) -> Trace:
        """`pace`: 1.2 as if spoken a fifth quicker, pauses and all."""
        frames = (np.arange(int(self._chances.size / pace)) * pace).astype(np.intp)
        chances = self._chances[frames].tolist()
        talk = Talk()
        rows, silence, begun = [], [], []
        for nth, block in enumerate(_blocks(_taken(self._spectra, frames))):
            talk.hear(chances[nth * FRAMES : (nth + 1) * FRAMES], block)
            rows.append(talk.features())
            silence.append(talk.silence_s)
            begun.append(talk.onset_s is not None)
        return Trace(np.array(rows, np.float32), np.array(silence, np.float32), np.array(begun))
