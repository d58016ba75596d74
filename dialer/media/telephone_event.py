"""Digits as telephone events in RTP (RFC 4733)."""

from __future__ import annotations

from collections import deque
from struct import Struct

from dialer.media.rtp import FRAME_SAMPLES, MARKER

DIGITS = "0123456789*#ABCD"
"""By event code (§ 3.2)."""

TONE_SAMPLES = 5 * FRAME_SAMPLES
"""100 ms: what every detector takes (Q.24 wants 40)."""
PAUSE_FRAMES = 4
END_PACKETS = 3
"""The last packet is sent three times (§ 2.5.1.4)."""
VOLUME = 10
"""dBm0 below zero."""

_EVENT = Struct("!BBH")


class DigitReader:
    """Finds digits among the packets of telephone events. A digit is told once, at the first packet of it that
    comes, be that its last: all packets of an event bear one timestamp (§ 2.2.1)."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: tuple[int, int] | None = None

    def read(self, ssrc: int, timestamp: int, payload: bytes) -> str | None:
        """The digit that has begun with this packet; None when it goes on with one, is none of ours, or is cut
        short. A packet of an older event that was overtaken is not a new digit."""
        if len(payload) < 4:
            return None
        code = payload[0]
        if code >= len(DIGITS):
            return None
        seen = self._seen
        if seen is not None and seen[0] == ssrc and (timestamp - seen[1]) & 0xFFFF_FFFF >= 0x8000_0000:
            return None
        self._seen = (ssrc, timestamp)
        return None if seen == self._seen else DIGITS[code]


class DigitWriter:
    """Digits to be sent: asked once every 20 ms for what goes out. Raises `ValueError` for what is no digit."""

    __slots__ = ("_frames",)

    def __init__(self, digits: str) -> None:
        self._frames: deque[tuple[int, bytes, int] | None] = deque()
        self.add(digits)

    def add(self, digits: str) -> None:
        """More of them, after those waiting."""
        unknown = set(digits) - set(DIGITS)
        if unknown:
            raise ValueError(f"no digits: {''.join(sorted(unknown))!r}; there are {DIGITS}")
        for digit in digits:
            code = DIGITS.index(digit)
            for passed in range(0, TONE_SAMPLES, FRAME_SAMPLES):
                marker = MARKER if passed == 0 else 0
                self._frames.append((marker, _EVENT.pack(code, VOLUME, passed + FRAME_SAMPLES), passed))
            for repeat in range(END_PACKETS):
                passed = TONE_SAMPLES + repeat * FRAME_SAMPLES
                self._frames.append((0, _EVENT.pack(code, 0x80 | VOLUME, TONE_SAMPLES), passed))
            self._frames.extend([None] * PAUSE_FRAMES)

    def __bool__(self) -> bool:
        return bool(self._frames)

    def next(self) -> tuple[int, bytes, int] | None:
        """Marker (0 or 0x80), payload, and how many samples ago the event began; None in the pause between two."""
        return self._frames.popleft() if self._frames else None
