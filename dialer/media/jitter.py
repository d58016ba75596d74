"""Evens out the arrival of one stream for whoever needs a frame every 20 ms: the mixer.

Forwarded and recorded audio does without: there the listener's own buffer, or the file, has the last word.
"""

from __future__ import annotations

from dialer.media.rtp import CLOCK_HZ, FRAME_SAMPLES
from dialer.media.timeline import SILENCE

MIN_DELAY = 2 * FRAME_SAMPLES
MAX_DELAY = 12 * FRAME_SAMPLES
"""240 ms: who is later than that is left out."""

SPREAD = 3.0
"""The delay, in mean deviations of the transit time."""

REVIEW_FRAMES = 50
"""How often (in frames, a second) the delay is looked at whether it could be less."""

_HALF = 0x8000_0000
_FRESH = 100 * FRAME_SAMPLES
"""A timestamp further away than 2 s is that of a stream begun anew."""


class JitterBuffer:
    """µ-law packets of any length in, 20 ms frames out. The delay follows what is seen: it grows at once when the
    buffer has run dry or deviations grow, and shrinks by a frame a second when it was never used up."""

    __slots__ = ("_cursor", "_data", "_deviation", "_lowest", "_playing", "_pulled", "_source", "_transit", "late")

    def __init__(self) -> None:
        self.late = 0  # packets that came after their time
        self._data = bytearray()  # from `_cursor` on
        self._cursor = 0  # timestamp of the next sample to be played
        self._source: int | None = None
        self._playing = False
        self._transit: float | None = None
        self._deviation = 0.0
        self._lowest = MAX_DELAY  # fewest samples left after a frame was pulled, since the last review
        self._pulled = 0

    @property
    def delay(self) -> int:
        """Samples that are wanted in the buffer before the first is played."""
        wanted = FRAME_SAMPLES + int(SPREAD * self._deviation)
        return max(MIN_DELAY, min(MAX_DELAY, wanted))

    def put(self, source: int, timestamp: int, payload: bytes, now: float) -> None:
        """A packet of µ-law."""
        transit = now * CLOCK_HZ - timestamp
        offset = (timestamp - self._cursor) & 0xFFFF_FFFF
        if offset >= _HALF:
            offset -= 0x1_0000_0000
        if source != self._source or not -_FRESH < offset < _FRESH:
            self._source, self._cursor, offset = source, timestamp, 0
            self._data.clear()
            self._playing = False
        elif self._transit is not None:
            self._deviation += (abs(transit - self._transit) - self._deviation) / 16.0
        self._transit = transit
        if not self._playing and offset < 0 and len(self._data) + -offset <= MAX_DELAY:
            # Nothing of it has been played yet, so there is room before the beginning.
            self._data[:0] = SILENCE * -offset
            self._cursor, offset = timestamp, 0
        if offset < 0:
            self.late += 1
            return
        gap = offset - len(self._data)
        if gap > 0:
            self._data += SILENCE * gap
        self._data[offset : offset + len(payload)] = payload
        if len(self._data) > 2 * MAX_DELAY:  # nobody pulled, or a burst: only the newest matters
            self._drop(len(self._data) - self.delay)

    def pull(self) -> bytes | None:
        """The next 20 ms; None while there is nothing to be played."""
        have = len(self._data)
        if not self._playing:
            if have < self.delay:
                return None
            self._playing = True
            self._lowest, self._pulled = MAX_DELAY, 0
        if have < FRAME_SAMPLES:
            self._playing = False
            if not have:
                return None
        frame = bytes(self._data[:FRAME_SAMPLES])
        self._drop(FRAME_SAMPLES)
        self._lowest = min(self._lowest, len(self._data))
        self._pulled += 1
        if self._pulled >= REVIEW_FRAMES:
            if self._lowest > self.delay:
                self._drop(FRAME_SAMPLES)
            self._lowest, self._pulled = MAX_DELAY, 0
        return frame if len(frame) == FRAME_SAMPLES else frame + SILENCE * (FRAME_SAMPLES - len(frame))

    def _drop(self, samples: int) -> None:
        del self._data[:samples]
        self._cursor = (self._cursor + samples) & 0xFFFF_FFFF
