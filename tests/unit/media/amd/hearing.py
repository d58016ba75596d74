"""Sound through the tone and signal stages alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from dialer.media.amd.events import Signal
from dialer.media.amd.signals import Signals
from dialer.media.amd.spectrum import FRAME, HISTORY, Spectra, analyse
from dialer.media.amd.tone import Tone, Tones
from tests.unit.media.amd.sounds import Sound

BLOCK = 5 * FRAME


def blocks(sound: Sound) -> Iterator[Spectra]:
    """The spectra of each whole block of 100 ms."""
    stretch = np.concatenate((np.zeros(HISTORY, np.int16), sound))
    for start in range(0, sound.size - BLOCK + 1, BLOCK):
        yield analyse(stretch[start : start + HISTORY + BLOCK])


def tones_of(sound: Sound) -> list[Tone]:
    tones = Tones()
    return [tone for spectra in blocks(sound) for tone in tones.hear(spectra)] + tones.finish()


def signals_of(
    sound: Sound,
    spoken_s: float = 0.0,
    spoken_at: Callable[[float], float] | None = None,
    odds_at: Callable[[float], float] = lambda _: 0.0,
) -> list[Signal]:
    """`spoken_s`: how much was said before any of it; `spoken_at`: until each moment; `odds_at`: of a machine, log
    odds, then."""
    until = spoken_at or (lambda _: spoken_s)
    tones, signals = Tones(), Signals()
    found: list[Signal] = []
    now_s = 0.0
    for spectra in blocks(sound):
        now_s += 0.1
        ended = tones.hear(spectra)
        found += signals.hear(ended, tones, now_s, until, odds_at)
    return found + signals.finish(tones.finish(), now_s, until, odds_at)
