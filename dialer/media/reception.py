"""How one RTP source is received: loss and jitter, as reception reports state them (RFC 3550 § 6.4.1, A.1, A.3,
A.8)."""

from __future__ import annotations

from dialer.media.rtp import CLOCK_HZ
from lists.value import value

MAX_GAP = 3_000
MAX_LATE = 100
"""RFC 3550 A.1: a sequence number further ahead, or further behind, is that of a source begun anew."""

MAX_STEP = 10 * CLOCK_HZ
"""A transit time that changed by more has nothing to do with jitter."""


@value
class ReportBlock:
    """Reception as reported, by us or by the far end. `fraction_lost`: of 256, since the report before. `lost`:
    since the start, may be negative with duplicates. `highest`: extended sequence number. `jitter`: of 1/8000 s.
    `last_report`, `delay`: of 1/65536 s, 0 when no sender report was seen."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_report: int = 0
    delay: int = 0


class Reception:
    """What came of one leg's stream. A new SSRC or a jump begins a new source; totals go on."""

    __slots__ = (
        "_base",
        "_expected_before",
        "_lost_before",
        "_received",
        "_received_before",
        "_top",
        "_transit",
        "jitter",
        "max_jitter",
        "received",
        "ssrc",
    )

    def __init__(self) -> None:
        self.ssrc: int | None = None
        self.received = 0  # of all sources
        self.jitter = 0.0  # of 1/8000 s
        self.max_jitter = 0.0
        self._base = 0
        self._top = 0  # extended
        self._received = 0
        self._transit: float | None = None
        self._lost_before = 0  # by sources that are over
        self._expected_before = 0  # at the report before
        self._received_before = 0

    def hear(self, sequence: int, timestamp: int, ssrc: int, now: float) -> None:
        """A packet of audio. `now`: seconds of any monotonic clock."""
        self.received += 1
        step = (sequence - self._top) & 0xFFFF
        if ssrc != self.ssrc or (MAX_GAP < step < 0x1_0000 - MAX_LATE):
            self._begin(sequence, ssrc)
        elif step <= MAX_GAP:
            self._top += step
        self._received += 1
        transit = now * CLOCK_HZ - timestamp
        if self._transit is not None:
            change = abs(transit - self._transit)
            if change < MAX_STEP:
                self.jitter += (change - self.jitter) / 16.0
                if self.jitter > self.max_jitter:
                    self.max_jitter = self.jitter
        self._transit = transit

    def _begin(self, sequence: int, ssrc: int) -> None:
        self._lost_before += self._lost_here()
        self.ssrc = ssrc
        self._base = self._top = sequence
        self._received = self._expected_before = self._received_before = 0
        self._transit = None

    def _lost_here(self) -> int:
        """Of the present source; duplicates make it negative (A.3)."""
        return self._top - self._base + 1 - self._received if self._received else 0

    @property
    def lost(self) -> int:
        """Packets that never came, at least 0."""
        return max(0, self._lost_before + self._lost_here())

    def report(self, last_report: int = 0, delay: int = 0) -> ReportBlock | None:
        """The block about it, and the beginning of the next interval. None before the first packet."""
        if self.ssrc is None or not self._received:
            return None
        expected = self._top - self._base + 1
        expected_now = expected - self._expected_before
        lost_now = expected_now - (self._received - self._received_before)
        self._expected_before, self._received_before = expected, self._received
        fraction = 0 if expected_now <= 0 or lost_now <= 0 else (lost_now << 8) // expected_now
        lost = max(-0x80_0000, min(0x7F_FFFF, expected - self._received))
        highest = self._top & 0xFFFF_FFFF
        return ReportBlock(self.ssrc, min(255, fraction), lost, highest, int(self.jitter), last_report, delay)
