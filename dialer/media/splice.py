"""One outgoing RTP stream made of changing sources, so that whoever listens hears a single one.

Within one source, sequence and timestamp keep their distances, so that loss and reordering stay visible; where
the source changes, both go on from the last packet sent (as an RTP mixer or translator would, RFC 3550 § 7) and
the marker is set. Times are seconds of any monotonic clock, passed in.
"""

from __future__ import annotations

from dialer.media.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from dialer.media.rtp import CLOCK_HZ, FRAME_SAMPLES, HEADER, MARKER, PCMA, PCMU, PLAIN

OWN = -1
"""Stands where a source has its SSRC: frames of our own."""


class RtpSplice:
    """`ssrc`, `sequence` and `timestamp` start at random values chosen by the caller. `payload_type`: the
    listener's codec (PCMU or PCMA), into which the other is converted. `position`: timestamp of the packet made
    last. `packets`, `octets`: made since the start, for sender reports (payload octets, § 6.4.1)."""

    __slots__ = (
        "_last_at",
        "_own_samples",
        "_sequence",
        "_sequence_shift",
        "_source",
        "_timestamp",
        "_timestamp_shift",
        "octets",
        "packets",
        "payload_type",
        "position",
        "ssrc",
    )

    def __init__(self, ssrc: int, sequence: int, timestamp: int, payload_type: int = PCMU) -> None:
        self.ssrc = ssrc & 0xFFFFFFFF
        self.payload_type = payload_type
        self.position = timestamp & 0xFFFFFFFF
        self.packets = 0
        self.octets = 0
        self._sequence = sequence & 0xFFFF  # of the newest packet made
        self._timestamp = timestamp & 0xFFFFFFFF
        self._sequence_shift = 0
        self._timestamp_shift = 0
        self._source: int | None = None
        self._last_at: float | None = None
        self._own_samples = 0

    def cut(self) -> None:
        """Whatever comes next is another source, even with the same SSRC."""
        self._source = None

    def forward(
        self, codec: int, marker: int, sequence: int, timestamp: int, source: int, payload: bytes, now: float
    ) -> bytes:
        """A packet of `source` as the listener gets it. `codec`: PCMU or PCMA. `marker`: 0 or 0x80. `now`: to
        keep the timestamp true over a pause between two sources."""
        payload_type = self.payload_type
        if codec != payload_type:
            payload = payload.translate(ALAW_TO_ULAW if codec == PCMA else ULAW_TO_ALAW)
        return self.event(payload_type, marker, sequence, timestamp, source, payload, now)

    def own(self, frame: bytes, now: float) -> bytes:
        """20 ms of µ-law of our own."""
        if self.payload_type == PCMA:
            frame = frame.translate(ULAW_TO_ALAW)
        sequence, timestamp = (self._sequence - self._sequence_shift + 1) & 0xFFFF, self._own_samples
        self._own_samples += len(frame)
        return self.event(self.payload_type, 0, sequence, timestamp, OWN, frame, now)

    def own_event(self, payload_type: int, marker: int, payload: bytes, now: float, behind: int) -> bytes:
        """A telephone event of our own that began `behind` samples ago. Its silence takes 20 ms of the stream."""
        sequence, timestamp = (self._sequence - self._sequence_shift + 1) & 0xFFFF, self._own_samples - behind
        self._own_samples += FRAME_SAMPLES
        return self.event(payload_type, marker, sequence, timestamp, OWN, payload, now)

    def skip_own(self) -> None:
        """20 ms in which nothing of our own is sent."""
        self._own_samples += FRAME_SAMPLES

    def timestamp_at(self, now: float) -> int:
        """The stream's clock at `now`, for a sender report."""
        passed = 0 if self._last_at is None else round((now - self._last_at) * CLOCK_HZ)
        return (self._timestamp + passed) & 0xFFFFFFFF

    def event(
        self,
        payload_type: int,
        marker: int,
        sequence: int,
        timestamp: int,
        source: int,
        payload: bytes,
        now: float,
    ) -> bytes:
        """A packet of `source` that is passed on as it is, under the listener's `payload_type` for it (RFC
        4733)."""
        if source != self._source:
            marker = MARKER
            self._source = source
            pause = FRAME_SAMPLES
            if self._last_at is not None:
                pause = max(pause, round((now - self._last_at) * CLOCK_HZ))
            self._sequence_shift = self._sequence + 1 - sequence
            self._timestamp_shift = self._timestamp + pause - timestamp
        sequence = (sequence + self._sequence_shift) & 0xFFFF
        self.position = timestamp = (timestamp + self._timestamp_shift) & 0xFFFFFFFF
        if (sequence - self._sequence) & 0xFFFF < 0x8000:  # not one that was overtaken
            self._sequence = sequence
            if timestamp != self._timestamp:  # all packets of a telephone event bear the moment of its beginning
                self._timestamp = timestamp
                self._last_at = now
        self.packets += 1
        self.octets += len(payload)
        return HEADER.pack(PLAIN, marker | payload_type, sequence, timestamp, self.ssrc) + payload
