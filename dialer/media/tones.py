"""Tones as µ-law frames of 20 ms that can be repeated without a click."""

from __future__ import annotations

import math

from dialer.media.errors import UnsuitableTone
from dialer.media.g711 import ulaw_encode
from dialer.media.rtp import CLOCK_HZ, FRAME_SAMPLES

STEP_HZ = CLOCK_HZ // FRAME_SAMPLES
"""50 Hz: its multiples have a whole number of periods in a frame."""


def tone_frame(hz: int, level: float = 0.25) -> bytes:
    """One 20 ms frame of a sine of `hz`, starting at zero phase. `level`: peak as a fraction of full scale,
    above 0, at most 1. Raises `UnsuitableTone` for what is no multiple of 50 Hz below 4 kHz."""
    if hz <= 0 or hz % STEP_HZ or hz >= CLOCK_HZ // 2:
        raise UnsuitableTone(f"{hz} Hz: choose a multiple of {STEP_HZ} Hz above 0 and below {CLOCK_HZ // 2} Hz")
    if not 0.0 < level <= 1.0:
        raise UnsuitableTone(f"level {level}: choose a fraction of full scale above 0, at most 1")
    turn = 2.0 * math.pi * hz / CLOCK_HZ
    return ulaw_encode(round(32_000 * level * math.sin(turn * n)) for n in range(FRAME_SAMPLES))
