"""What the people and machines called say, as frames of 20 ms of µ-law. Here: a tone for each; `spoken` has
greetings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from dialer.media.g711 import ULAW_SILENCE, ulaw_encode
from dialer.media.rtp import CLOCK_HZ, FRAME_SAMPLES
from lists.value import value
from sim_trunk.callee import Persona
from sim_trunk.voices import frame, mark

SILENCE = bytes([ULAW_SILENCE]) * FRAME_SAMPLES

SHORT_S, LONG_S = 0.274, 0.380
INTERCEPT = ((913.8, SHORT_S), (1_370.6, SHORT_S), (1_776.7, LONG_S))
VACANT = ((985.2, LONG_S), (1_370.6, SHORT_S), (1_776.7, LONG_S))
"""Special information tones, Hz and seconds: a number out of service, and one that never was in it."""

_PAUSE_S = 0.1
_AMPLITUDE = 6_000


@value
class Utterance:
    """`frames`: at least one. `loops`: from the beginning again; else the last one is repeated."""

    frames: tuple[bytes, ...]
    loops: bool

    def frame(self, nth: int) -> bytes:
        """The frame `nth` (from 0) of the stream."""
        return self.frames[nth % len(self.frames) if self.loops else min(nth, len(self.frames) - 1)]


class Voices(Protocol):
    """What is said by whom."""

    def of(self, persona: Persona, number: str, nth_call: int) -> Utterance | None:
        """What the `nth_call` (from 1) to `number` hears; None: nothing is sent."""
        ...

    def vacant(self) -> Utterance:
        """What the network says of a number that is not in service."""
        ...


class Tones:
    """A tone for each persona, for ever."""

    def of(self, persona: Persona, number: str, nth_call: int) -> Utterance | None:
        sound = frame(persona)
        return None if sound is None else Utterance((sound,), loops=True)

    def vacant(self) -> Utterance:
        return announcement(VACANT, ())


def announcement(tones: Sequence[tuple[float, float]], words: Sequence[bytes]) -> Utterance:
    """Special information, then words of the network, once."""
    samples = [0] * round(_PAUSE_S * CLOCK_HZ)
    for hz, seconds in tones:
        turn = 2 * math.pi * hz / CLOCK_HZ
        samples += [round(_AMPLITUDE * math.sin(turn * n)) for n in range(round(seconds * CLOCK_HZ))]
    samples += [0] * (round(2 * _PAUSE_S * CLOCK_HZ) + -len(samples) % FRAME_SAMPLES)
    frames = (*cut(ulaw_encode(samples)), *words, SILENCE)
    return Utterance(tuple(mark(one, Persona.ANNOUNCEMENT) for one in frames), loops=False)


def cut(sound: bytes) -> tuple[bytes, ...]:
    """Whole frames; what is left at the end is not told."""
    whole = len(sound) // FRAME_SAMPLES * FRAME_SAMPLES
    return tuple(sound[at : at + FRAME_SAMPLES] for at in range(0, whole, FRAME_SAMPLES))
