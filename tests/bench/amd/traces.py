"""Greetings as the detector's networks see them, through the detector's own code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dialer.media.amd.detector import BLOCK, is_lone
from dialer.media.amd.events import BeepHeard, FaxHeard, Progress, ProgressHeard, SitHeard
from dialer.media.amd.model import Network
from dialer.media.amd.policy import Advise
from dialer.media.amd.signals import BELIEVED_AT, SPOKEN_S, Signals
from dialer.media.amd.spectrum import FRAME, HISTORY, RATE_HZ, Spectra, analyse
from dialer.media.amd.talk import Talk
from dialer.media.amd.tone import Tones
from dialer.media.amd.voice import Surroundings

Array = NDArray[np.float32]

FRAMES = 5
LONGEST_S = Advise().give_up_s
"""Of each greeting: the detector says no more after that."""


def _measured(samples: NDArray[np.int16]) -> Spectra:
    """The spectra of all whole blocks."""
    whole = min(samples.size, round(LONGEST_S * RATE_HZ)) // (FRAMES * FRAME) * FRAMES * FRAME
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
    """One row a block. `rows`: features; `begun`: whether there was speech; `told`: the block in which a tone
    tells that it is a machine, -1 for never."""

    rows: Array
    begun: NDArray[np.bool_]
    told: int


class Heard:
    """A greeting heard by the voice network, to be traced at one pace or another."""

    def __init__(self, samples: NDArray[np.int16], voice: Network) -> None:
        self._spectra = _measured(samples)
        surroundings = Surroundings()
        rows = np.concatenate([surroundings.inputs(block) for block in _blocks(self._spectra)])
        self._chances = 1 / (1 + np.exp(-np.clip(voice.logits(rows), -40, 40)))

    def trace(self, pace: float = 1.0) -> Trace:
        """`pace`: 1.2 as if spoken a fifth quicker, pauses and all; tones are then none."""
        frames = (np.arange(int(self._chances.size / pace)) * pace).astype(np.intp)
        chances = self._chances[frames].tolist()
        signals = _Signals() if pace == 1.0 else None
        talk, told = Talk(), -1
        rows, begun = [], []
        for nth, block in enumerate(_blocks(_taken(self._spectra, frames))):
            talk.hear(chances[nth * FRAMES : (nth + 1) * FRAMES], block)
            if signals is not None:
                talk, is_machine = signals.hear(block, talk, round((nth + 1) * BLOCK / RATE_HZ, 3))
                told = nth if is_machine and told < 0 else told
            rows.append(talk.features())
            begun.append(talk.onset_s is not None)
        return Trace(np.array(rows, np.float32), np.array(begun), told)


class _Signals:
    """What tones do to a verdict, as in `Detector`, but that there are no odds yet: beeps in doubt do nothing."""

    def __init__(self) -> None:
        self._tones, self._signals = Tones(), Signals()
        self._beep: BeepHeard | None = None

    def hear(self, block: Spectra, talk: Talk, now_s: float) -> tuple[Talk, bool]:
        """One block that `talk` has heard: what is to hear the next, and whether it is a machine."""
        is_machine = False
        ended = self._tones.hear(block)
        for signal in self._signals.hear(ended, self._tones, now_s, talk.spoken_until, lambda at_s: BELIEVED_AT):
            match signal:
                case BeepHeard():
                    self._beep = signal
                    if talk.spoken_until(signal.start_s) < SPOKEN_S:
                        talk = Talk(talk.frames)
                    else:
                        is_machine = True
                case SitHeard() | FaxHeard() | ProgressHeard(tone=Progress.BUSY | Progress.REORDER):
                    is_machine = True
                case _:
                    pass
        lone = talk.onset_s is None and self._beep is not None and is_lone(self._beep, now_s)
        return talk, is_machine or lone
