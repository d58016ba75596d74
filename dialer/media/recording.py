"""A recording of a call: left what the contact said, right what the contact heard, aligned in time.

Right is what went to the contact: the agent's voice, and whoever else spoke to them, prompts and hold music as
well; not what was said while they could not hear it (a supervisor's whisper, a talk while they were on hold).
"""

from __future__ import annotations

from dialer.media.rtp import CLOCK_HZ
from dialer.media.timeline import Timeline

HOLD_BACK_S = 0.5
"""What is younger is not written yet: packets that were overtaken may still come."""


class Recording:
    """`recording`: its number. `start`: seconds of any monotonic clock; position 0. While it is paused, silence is
    recorded, so that what comes after lies where it was said."""

    __slots__ = ("_flushed", "_start", "left", "paused", "recording", "right")

    def __init__(self, recording: int, start: float) -> None:
        self.recording = recording
        self.left = Timeline(start)
        self.right = Timeline(start)
        self.paused = False
        self._start = start
        self._flushed = 0

    def said(self, source: int, timestamp: int, payload: bytes, now: float) -> None:
        """20 ms of µ-law came from the contact."""
        if not self.paused:
            self.left.put(source, timestamp, payload, now)

    def heard(self, timestamp: int, payload: bytes, now: float) -> None:
        """20 ms of µ-law went to the contact."""
        if not self.paused:
            self.right.put(0, timestamp, payload, now)

    def take(self, now: float) -> bytes:
        """Stereo samples that are complete by now and were not taken before."""
        return self._until(int((now - HOLD_BACK_S - self._start) * CLOCK_HZ), now)

    def finish(self, now: float) -> bytes:
        """The rest."""
        return self._until(int((now - self._start) * CLOCK_HZ), now)

    @property
    def samples(self) -> int:
        """Of each channel, taken so far."""
        return self._flushed

    def _until(self, position: int, now: float) -> bytes:
        if position <= self._flushed:
            return b""
        stereo = bytearray(2 * (position - self._flushed))
        stereo[0::2] = self.left.take(position)
        stereo[1::2] = self.right.take(position)
        self.left.settle(now)
        self.right.settle(now)
        self._flushed = position
        return bytes(stereo)
