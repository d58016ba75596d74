"""One leg: its far end, what comes from it and what goes to it. `dialer.media.switchboard` moves the audio."""

from __future__ import annotations

from enum import Enum, auto

from dialer.media.gather import Gather
from dialer.media.jitter import JitterBuffer
from dialer.media.playback import Playback
from dialer.media.reception import Reception, ReportBlock
from dialer.media.recording import Recording
from dialer.media.rtp import HEADER_OCTETS
from dialer.media.splice import RtpSplice
from dialer.media.tap import Tap
from dialer.media.telephone_event import DigitReader, DigitWriter

Address = tuple[str, int]


class Feed(Enum):
    """What the far end hears. NOTHING; DIRECT: one other leg, packet by packet; MADE: 20 ms frames of ours: a
    prompt, digits, a mix."""

    NOTHING = auto()
    DIRECT = auto()
    MADE = auto()


class Leg:
    """`leg`: its number. `splice`: what goes to the far end. `announced`: where the far end said it wants its
    audio; `remote`: where it gets it. `latched`: the far end has been heard from `remote`. `held`: it wants none.
    `answered`: what comes is the far end's voice. `sources`: the legs it hears; `listeners`: those that hear it;
    `direct`: of them, those that get its packets as they come. `untold`: of them, those whose first packet is to
    be told. `jitter`: while somebody mixes it. `heard_at`: moment of the last packet."""

    __slots__ = (
        "announced",
        "answered",
        "bridge",
        "direct",
        "feed",
        "gather",
        "heard_at",
        "held",
        "jitter",
        "latched",
        "leg",
        "listeners",
        "playback",
        "reader",
        "reception",
        "recording",
        "remote",
        "reports",
        "silent",
        "silent_after_s",
        "sources",
        "splice",
        "taps",
        "telephone_event",
        "untold",
        "writer",
    )

    def __init__(self, leg: int, splice: RtpSplice) -> None:
        self.leg = leg
        self.splice = splice
        self.announced: Address | None = None
        self.remote: Address | None = None
        self.latched = False
        self.held = False
        self.answered = False
        self.telephone_event = -1
        self.silent_after_s = 0.0
        self.silent = False
        self.heard_at = 0.0
        self.reception = Reception()
        self.reports: LegReports | None = None
        self.reader: DigitReader | None = None
        self.bridge: int | None = None
        self.sources: tuple[Leg, ...] = ()
        self.listeners: dict[int, Leg] = {}
        self.direct: tuple[Leg, ...] = ()
        self.untold: dict[int, None] = {}
        self.feed = Feed.NOTHING
        self.jitter: JitterBuffer | None = None
        self.playback: Playback | None = None
        self.writer: DigitWriter | None = None
        self.gather: Gather | None = None
        self.recording: Recording | None = None
        self.taps: tuple[Tap, ...] = ()

    def expects(self, source: Address, data: bytes) -> bool:
        """Symmetric RTP (RFC 4961): far ends behind an address translator send from another port than they
        announced. The first packet from the announced host settles it, unless the announced port speaks later:
        then the first was a late one of the call that had our port before. Strangers are never listened to."""
        if self.remote is None or (self.latched and source != self.announced):
            return False
        if source[0] != self.remote[0] or len(data) < HEADER_OCTETS or data[0] >> 6 != 2:
            return False
        self.remote = source
        self.latched = True
        return True

    @property
    def takes_audio(self) -> bool:
        """Whether anything is to be sent to it."""
        return self.remote is not None and not self.held

    def settle(self) -> None:
        """Choose its feed anew, after its sources, prompt or digits changed."""
        over = self.playback is not None and self.playback.over
        made = self.writer is not None or (self.playback is not None and not over)
        if made or over or len(self.sources) > 1:
            self.feed = Feed.MADE
        else:
            self.feed = Feed.DIRECT if self.sources else Feed.NOTHING
        for source in self.sources:
            source.settle_listeners()

    @property
    def hears_others(self) -> bool:
        """Whether what its sources say reaches it at the moment."""
        return self.writer is None and (self.playback is None or self.playback.over)

    def settle_listeners(self) -> None:
        """Choose anew who gets its packets as they come, and whether somebody mixes it."""
        self.direct = tuple(leg for leg in self.listeners.values() if leg.feed is Feed.DIRECT)
        mixed = any(leg.feed is Feed.MADE and leg.hears_others for leg in self.listeners.values())
        if not mixed:
            self.jitter = None
        elif self.jitter is None:
            self.jitter = JitterBuffer()


class LegReports:
    """RTCP of one leg. `to`: where reports go. `due`: when the next does. `far`: what the far end reported last.
    `seen`: middle of its last sender report's NTP time and our moment of it."""

    __slots__ = ("due", "far", "mux", "round_trip_s", "seen", "sent", "to")

    def __init__(self, to: Address, due: float, *, mux: bool) -> None:
        self.to = to
        self.due = due
        self.mux = mux
        self.far: ReportBlock | None = None
        self.round_trip_s: float | None = None
        self.seen: tuple[int, float] | None = None
        self.sent = 0  # packets of ours at the report before
