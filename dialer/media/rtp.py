"""RTP packets (RFC 3550 § 5.1), and a stream of them from one source."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from dialer.media.errors import MalformedPacket

PCMU = 0
PCMA = 8
"""Static payload types (RFC 3551 § 6)."""

CLOCK_HZ = 8_000
FRAME_SAMPLES = 160
"""20 ms at 8 kHz, the packet time everybody speaks (RFC 3551 § 4.2)."""

FRAME_S = FRAME_SAMPLES / CLOCK_HZ

HEADER_OCTETS = 12
HEADER = Struct("!BBHII")
"""Version and flags, marker and payload type, sequence, timestamp, SSRC."""
PLAIN = 0x80
"""First octet of a packet of version 2 without padding, extension and contributing sources."""
MARKER = 0x80
"""In the second octet."""


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One packet. `payload_type` 0–127, `sequence` 0–65535, `timestamp` and `ssrc` 0–2**32-1; `payload` without
    padding. Contributing sources and header extensions are read over, and never written."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    @classmethod
    def parse(cls, data: bytes) -> RtpPacket:
        """Raises `MalformedPacket`."""
        if len(data) < HEADER_OCTETS:
            raise MalformedPacket(f"{len(data)} octets are no RTP packet")
        first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
        if first >> 6 != 2:
            raise MalformedPacket(f"RTP version {first >> 6}")
        start = HEADER_OCTETS + 4 * (first & 0x0F)
        if first & 0x10:  # one header extension (§ 5.3.1): its length is in 32-bit words
            if len(data) < start + 4:
                raise MalformedPacket("header extension cut short")
            start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
        end = len(data)
        if first & 0x20:  # § 5.1: the last octet counts the padding, itself included
            if not 1 <= data[-1] <= end - start:
                raise MalformedPacket("padding longer than the packet")
            end -= data[-1]
        if start > end:
            raise MalformedPacket("header longer than the packet")
        return cls(second & 0x7F, sequence, timestamp, ssrc, data[start:end], bool(second & MARKER))

    def pack(self) -> bytes:
        """The packet as it goes on the wire."""
        second = self.payload_type | (MARKER if self.marker else 0)
        return HEADER.pack(0x80, second, self.sequence, self.timestamp, self.ssrc) + self.payload


class RtpSender:
    """One outgoing stream of 20 ms G.711 frames. `ssrc`, `sequence` and `timestamp` start at random values
    chosen by the caller (§ 5.1)."""

    __slots__ = ("_payload_type", "_sequence", "_ssrc", "_timestamp", "sent")

    def __init__(self, ssrc: int, sequence: int, timestamp: int, payload_type: int = PCMU) -> None:
        self._ssrc = ssrc & 0xFFFFFFFF
        self._sequence = sequence & 0xFFFF
        self._timestamp = timestamp & 0xFFFFFFFF
        self._payload_type = payload_type
        self.sent = 0

    def packet(self, frame: bytes) -> bytes:
        """The next packet; the first of the talk carries the marker (RFC 3551 § 4.1)."""
        second = self._payload_type if self.sent else self._payload_type | MARKER
        header = HEADER.pack(0x80, second, self._sequence, self._timestamp, self._ssrc)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + len(frame)) & 0xFFFFFFFF
        self.sent += 1
        return header + frame

    def event(self, payload_type: int, marker: int, payload: bytes, behind: int) -> bytes:
        """A packet of a telephone event (RFC 4733) that began `behind` samples ago, instead of 20 ms of sound."""
        timestamp = (self._timestamp - behind) & 0xFFFFFFFF
        header = HEADER.pack(0x80, payload_type | marker, self._sequence, timestamp, self._ssrc)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + FRAME_SAMPLES) & 0xFFFFFFFF
        self.sent += 1
        return header + payload

    def skip(self, samples: int) -> None:
        """Nothing was sent for that long: the timestamp goes on, the sequence does not (RFC 3551 § 4.1)."""
        self._timestamp = (self._timestamp + samples) & 0xFFFFFFFF
