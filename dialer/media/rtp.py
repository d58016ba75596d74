"""RTP packets (RFC 3550 § 5.1) and the state of the streams made of them.

Times are seconds of any monotonic clock, passed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from dialer.media.errors import MalformedPacket
from dialer.media.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW

PCMU = 0
PCMA = 8
"""Static payload types (RFC 3551 § 6)."""

CLOCK_HZ = 8_000
FRAME_SAMPLES = 160
"""20 ms at 8 kHz, the packet time everybody speaks (RFC 3551 § 4.2)."""

HEADER_OCTETS = 12
_HEADER = Struct("!BBHII")
_MARKER = 0x80


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
        first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
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
        return cls(second & 0x7F, sequence, timestamp, ssrc, data[start:end], bool(second & _MARKER))

    def pack(self) -> bytes:
        """The packet as it goes on the wire."""
        second = self.payload_type | (_MARKER if self.marker else 0)
        return _HEADER.pack(0x80, second, self.sequence, self.timestamp, self.ssrc) + self.payload


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
        second = self._payload_type if self.sent else self._payload_type | _MARKER
        header = _HEADER.pack(0x80, second, self._sequence, self._timestamp, self._ssrc)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + len(frame)) & 0xFFFFFFFF
        self.sent += 1
        return header + frame

    def skip(self, samples: int) -> None:
        """Nothing was sent for that long: the timestamp goes on, the sequence does not (RFC 3551 § 4.1)."""
        self._timestamp = (self._timestamp + samples) & 0xFFFFFFFF


class RtpSplice:
    """Makes one stream of packets from changing sources, so that whoever listens hears a single one.

    Within one source, sequence and timestamp keep their distances, so that loss and reordering stay visible;
    where the source changes, both go on from the last packet sent (as an RTP mixer or translator would, § 7)
    and the marker is set. The listener's codec is `payload_type` (PCMU or PCMA), into which the other is
    converted.
    """

    __slots__ = (
        "_last_at",
        "_payload_type",
        "_sequence",
        "_sequence_shift",
        "_source",
        "_ssrc",
        "_timestamp",
        "_timestamp_shift",
    )

    def __init__(self, ssrc: int, sequence: int, timestamp: int, payload_type: int = PCMU) -> None:
        self._ssrc = ssrc & 0xFFFFFFFF
        self._sequence = sequence & 0xFFFF  # of the newest packet sent
        self._timestamp = timestamp & 0xFFFFFFFF
        self._payload_type = payload_type
        self._sequence_shift = 0
        self._timestamp_shift = 0
        self._source: int | None = None
        self._last_at: float | None = None

    @property
    def payload_type(self) -> int:
        return self._payload_type

    def cut(self) -> None:
        """Whatever comes next is another source, even with the same SSRC."""
        self._source = None

    def packet(self, data: bytes, now: float) -> bytes | None:
        """`data` as the listener gets it; None when it carries no G.711 (comfort noise, telephone events) or
        is no RTP at all. `now`: seconds, to keep the timestamp true over a pause between two sources."""
        if len(data) <= HEADER_OCTETS:
            return None
        first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
        if first != 0x80:  # padding, extension or contributing sources: the rare way
            try:
                payload = RtpPacket.parse(data).payload
            except MalformedPacket:
                return None
        else:
            payload = data[HEADER_OCTETS:]
        codec = second & 0x7F
        if codec not in (PCMU, PCMA):
            return None
        if codec != self._payload_type:
            payload = payload.translate(ALAW_TO_ULAW if codec == PCMA else ULAW_TO_ALAW)
        marker = second & _MARKER
        if ssrc != self._source:
            marker = _MARKER
            self._source = ssrc
            pause = FRAME_SAMPLES
            if self._last_at is not None:
                pause = max(pause, round((now - self._last_at) * CLOCK_HZ))
            self._sequence_shift = self._sequence + 1 - sequence
            self._timestamp_shift = self._timestamp + pause - timestamp
        sequence = (sequence + self._sequence_shift) & 0xFFFF
        timestamp = (timestamp + self._timestamp_shift) & 0xFFFFFFFF
        if (sequence - self._sequence) & 0xFFFF < 0x8000:  # not one that was overtaken
            self._sequence = sequence
            self._timestamp = timestamp
            self._last_at = now
        return _HEADER.pack(0x80, marker | self._payload_type, sequence, timestamp, self._ssrc) + payload
