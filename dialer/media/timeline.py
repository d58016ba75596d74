"""Puts the packets of one stream where they belong in time, lost and late ones too.

A stream's own timestamps say how its packets lie to one another, their arrival says where the stream lies among
others. So the first packet of a source is placed by its arrival and the rest by timestamp; when both have drifted
apart (another clock, a pause that was not counted), the next packet is placed by its arrival again.
"""

from __future__ import annotations

from dialer.media.g711 import ULAW_SILENCE
from dialer.media.rtp import CLOCK_HZ

DRIFT_SAMPLES = CLOCK_HZ * 3 // 10
"""300 ms: more than a jittery network delays, less than what makes two sides of a talk seem to interrupt each
other."""

SILENCE = bytes([ULAW_SILENCE])
_HALF = 0x8000_0000


class Timeline:
    """µ-law of one stream, from `start` (seconds) on, as far as it has not been taken. Gaps are silence."""

    __slots__ = ("_data", "_next", "_origin", "_source", "_start", "_taken", "_timestamp")

    def __init__(self, start: float) -> None:
        self._start = start
        self._data = bytearray()
        self._taken = 0  # samples that were handed out
        self._next = 0  # where the newest sample ends
        self._source: int | None = None
        self._origin = 0  # where the source's packet of `_timestamp` lies
        self._timestamp = 0

    def put(self, source: int, timestamp: int, payload: bytes, now: float) -> None:
        """A packet that came at `now`. One that belongs before what was taken is too late and left out."""
        if source == self._source:
            step = (timestamp - self._timestamp) & 0xFFFF_FFFF
            position = self._origin + (step if step < _HALF else step - 0x1_0000_0000)
            if position == self._next:
                self._data += payload
                self._next = position + len(payload)
                return
            arrival = round((now - self._start) * CLOCK_HZ)
            if not -DRIFT_SAMPLES <= arrival - position <= DRIFT_SAMPLES:
                position = self._anchor(source, timestamp, arrival)
        else:
            position = self._anchor(source, timestamp, round((now - self._start) * CLOCK_HZ))
        self._place(position, payload)

    def _anchor(self, source: int, timestamp: int, arrival: int) -> int:
        self._source, self._timestamp = source, timestamp
        self._origin = max(arrival, self._next)
        return self._origin

    def _place(self, position: int, payload: bytes) -> None:
        at = position - self._taken
        if at < 0:
            return
        gap = at - len(self._data)
        if gap > 0:
            self._data += SILENCE * gap
        self._data[at : at + len(payload)] = payload
        self._next = self._taken + len(self._data)

    def take(self, until: int) -> bytes:
        """Everything up to sample `until`, as much as was not taken before; silence where nothing came."""
        wanted = until - self._taken
        if wanted <= 0:
            return b""
        # What is missing at the end will never be put: it is the past now.
        taken = bytes(self._data[:wanted])
        del self._data[:wanted]
        taken += SILENCE * (wanted - len(taken))
        self._taken = until
        self._next = max(self._next, until)
        return taken

    def settle(self, now: float) -> None:
        """To be called now and then: sees that a stream whose clock runs differently is not drifting off."""
        arrival = round((now - self._start) * CLOCK_HZ)
        if self._source is not None and not -DRIFT_SAMPLES <= arrival - self._next <= DRIFT_SAMPLES:
            self._source = None

    @property
    def end(self) -> int:
        """Where the newest sample ends."""
        return self._next
