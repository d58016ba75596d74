"""Moves audio between legs: bridges, prompts, digits, recordings, analysers. Without I/O.

Packets come in by `receive` and go out by `out`; `tick` is called every few milliseconds. Two legs that hear one
another get each other's packets at once, with new headers (`RtpSplice`). Whoever hears several, or a prompt over
speech, gets frames that are mixed every 20 ms.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dialer.media import orders as do
from dialer.media.dialogue import Dialogue
from dialer.media.errors import MalformedPacket
from dialer.media.events import Event, FirstHeard, HeardAgain, Silent
from dialer.media.file_work import FileWork
from dialer.media.g711 import ALAW_TO_ULAW
from dialer.media.leg import Address, Feed, Leg, LegReports
from dialer.media.listening import ListenMatrix
from dialer.media.recorder import Recorder
from dialer.media.reports import figures, take_report, write_report
from dialer.media.rtcp import is_rtcp
from dialer.media.rtp import FRAME_S, HEADER, HEADER_OCTETS, MARKER, PCMA, PCMU, PLAIN, RtpPacket
from dialer.media.tap import AnalyserFactory
from dialer.media.taps import Taps
from dialer.media.telephone_event import DigitReader

SLOTS = 50
"""Frames in a second. Work that is due once a second is spread over them by the number of the leg."""

MOST_FRAMES_BEHIND = 5
"""A tick that comes later than this does not make up for all that was missed."""


@dataclass(slots=True)
class Counters:
    """Packets since the start. `relayed`: passed on as they came. `made`: of ours (prompts, mixes, digits).
    `unexpected`: from a source that is not the other end of the leg. `unheard`: reached nobody: the leg was not
    joined, the other on hold, or it was no speech. `strays`: orders for legs that are not there."""

    relayed: int = 0
    made: int = 0
    unexpected: int = 0
    unheard: int = 0
    strays: int = 0


def load_mixer() -> None:
    """What `Switchboard` loads before its first mix, which would be late for it."""
    import dialer.media.mixing  # noqa: F401


class Switchboard:
    """`wall_offset`: what to add to `now` for seconds UTC. `analysers`: by name. What is to be sent gathers in
    `out` and (RTCP) `reports`, for files in `files`, to be told in `events`; whoever drives it empties them."""

    def __init__(
        self, rng: random.Random, wall_offset: float, analysers: Mapping[str, AnalyserFactory] | None = None
    ) -> None:
        self.counters = Counters()
        self.legs: dict[int, Leg] = {}
        self.out: list[tuple[Leg, bytes]] = []
        self.reports: list[tuple[Leg, bytes]] = []
        self.files: list[FileWork] = []
        self.events: list[Event] = []
        self._rng = rng
        self._cname = b"%016x" % rng.getrandbits(64)
        self._wall_offset = wall_offset
        self._matrix = ListenMatrix()
        self._dialogue = Dialogue(self.events, self._settle)
        self._recorder = Recorder(self.files)
        self._taps = Taps(self.events, analysers or {})
        self._fed: dict[int, Leg] = {}  # with Feed.MADE
        self._slots: list[dict[int, Leg]] = [{} for _ in range(SLOTS)]
        self._frame = 0
        self._frame_at = 0.0
        self._handle: dict[type[do.Order], Callable[[Any, Any, float], None]] = {
            do.Connect: self._connect,
            do.Close: self._close,
            do.Play: lambda leg, order, now: self._dialogue.play(leg, order),
            do.StopPlaying: lambda leg, order, now: self._dialogue.stop(leg, now),
            do.Collect: self._dialogue.collect,
            do.StopCollecting: lambda leg, order, now: self._dialogue.stop_collecting(leg),
            do.SendDigits: lambda leg, order, now: self._dialogue.send(leg, order),
            do.Record: self._recorder.start,
            do.PauseRecording: lambda leg, order, now: self._recorder.pause(leg, on=order.on),
            do.StopRecording: lambda leg, order, now: self._recorder.end(leg, now),
            do.Listen: self._taps.add,
            do.StopListening: lambda leg, order, now: self._taps.remove(leg, order.tap),
        }

    # --- legs and orders ----------------------------------------------------------------------------------

    def add(self, leg: Leg) -> None:
        """A leg that may be ordered about from now on."""
        self.legs[leg.leg] = leg

    @property
    def is_idle(self) -> bool:
        """Nothing would come of a tick until something arrives."""
        return not (self._fed or self._taps or self._dialogue.is_waiting or any(self._slots))

    def load(self, prompt: str, sound: bytes) -> None:
        """Keep this µ-law under the name."""
        self._dialogue.load(prompt, sound)

    def order(self, order: do.Order, now: float) -> None:
        """Carry out one order. One for a leg that is not there is counted and left: orders cross ends."""
        if isinstance(order, do.Bridge):
            self._bridge(order)
            return
        if isinstance(order, do.Load):
            raise TypeError("sounds are read by whoever drives the switchboard")
        leg = self.legs.get(order.leg)
        if leg is None:
            self.counters.strays += 1
            return
        self._handle[type(order)](leg, order, now)

    def _connect(self, leg: Leg, order: do.Connect, now: float) -> None:
        if not leg.answered:
            leg.answered = order.answered
        leg.remote = leg.announced = (order.host, order.port)
        leg.latched = False
        leg.held = order.held
        leg.splice.payload_type = order.payload_type
        leg.telephone_event = -1 if order.telephone_event is None else order.telephone_event
        if leg.reader is None:
            leg.reader = DigitReader()
        leg.silent_after_s, leg.silent, leg.heard_at = order.silent_after_s, False, now
        if order.rtcp_port:
            to = (order.host, order.rtcp_port)
            if leg.reports is None:
                leg.reports = LegReports(to, now + self._rng.uniform(1.0, 5.0), mux=order.rtcp_mux)
            leg.reports.to, leg.reports.mux = to, order.rtcp_mux
        self._slots[leg.leg % SLOTS][leg.leg] = leg

    def _close(self, leg: Leg, order: do.Close, now: float) -> None:
        self._resettle(self._matrix.remove(leg))
        self._dialogue.close(leg)
        self._recorder.end(leg, now)
        self._taps.close(leg)
        self._fed.pop(leg.leg, None)
        self._slots[leg.leg % SLOTS].pop(leg.leg, None)
        if leg.reports is not None:
            self.reports.append(
                (leg, write_report(leg, leg.reports, now, self._wall_offset, self._cname, bye=True))
            )
        del self.legs[leg.leg]
        self.events.append(figures(leg))

    def _bridge(self, order: do.Bridge) -> None:
        hears: dict[Leg, tuple[Leg, ...]] = {}
        for listener, speakers in order.hears:
            leg = self.legs.get(listener)
            present = tuple(self.legs[speaker] for speaker in speakers if speaker in self.legs)
            self.counters.strays += (leg is None) + len(speakers) - len(present)
            if leg is not None:
                hears[leg] = present
        self._resettle(self._matrix.set(order.bridge, hears))

    def _resettle(self, legs: list[Leg]) -> None:
        for leg in legs:
            leg.splice.cut()
            self._settle(leg)

    def _settle(self, leg: Leg) -> None:
        leg.settle()
        if leg.feed is Feed.MADE:
            self._fed[leg.leg] = leg
        else:
            self._fed.pop(leg.leg, None)

    def recording_failed(self, leg: int, recording: int) -> None:
        """Its file takes no more. The call goes on."""
        found = self.legs.get(leg)
        if found is not None:
            self._recorder.failed(found, recording)

    # --- packets ------------------------------------------------------------------------------------------

    def receive(self, leg: Leg, data: bytes, source: Address, now: float) -> None:
        """A datagram came on the leg's port."""
        counters = self.counters
        if not (leg.latched and source == leg.remote) and not leg.expects(source, data):
            if leg.reports is not None and leg.reports.mux and is_rtcp(data):
                self.receive_report(leg, data, source, now)
            else:
                counters.unexpected += 1
            return
        if len(data) <= HEADER_OCTETS:
            counters.unheard += 1
            return
        first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
        if first != PLAIN or 192 <= second <= 223:  # padding, extension, contributing sources, RTCP: the rare way
            if is_rtcp(data):
                self.receive_report(leg, data, source, now)
                return
            try:
                payload = RtpPacket.parse(data).payload
            except MalformedPacket:
                payload = b""
            if not payload:
                counters.unheard += 1
                return
        else:
            payload = data[HEADER_OCTETS:]
        leg.heard_at = now
        if leg.silent:
            leg.silent = False
            self.events.append(HeardAgain(leg.leg))
        codec = second & 0x7F
        if codec not in (PCMU, PCMA):
            self._no_speech(leg, codec, second & MARKER, sequence, timestamp, ssrc, payload, now)
            return
        leg.reception.hear(sequence, timestamp, ssrc, now)
        ulaw = payload if codec == PCMU else b""
        if leg.taps or leg.recording is not None or leg.jitter is not None:
            if codec == PCMA:
                ulaw = payload.translate(ALAW_TO_ULAW)
            for tap in leg.taps:
                tap.put(ssrc, timestamp, ulaw, now)
            if leg.answered:
                if leg.recording is not None:
                    leg.recording.said(ssrc, timestamp, ulaw, now)
                if leg.jitter is not None:
                    leg.jitter.put(ssrc, timestamp, ulaw, now)
        if not leg.answered:
            counters.unheard += 1
            return
        heard = leg.jitter is not None
        for listener in leg.direct:
            if listener.remote is None or listener.held:
                continue
            heard = True
            splice = listener.splice
            packet = splice.forward(codec, second & MARKER, sequence, timestamp, ssrc, payload, now)
            self.out.append((listener, packet))
            if listener.recording is not None:
                listener.recording.heard(splice.position, ulaw or payload.translate(ALAW_TO_ULAW), now)
        if not heard:
            counters.unheard += 1
            return
        counters.relayed += 1
        if leg.untold:
            self._tell_first(leg, now)

    def _tell_first(self, leg: Leg, now: float) -> None:
        for listener in leg.listeners.values():
            if listener.leg in leg.untold and listener.takes_audio and listener.hears_others:
                del leg.untold[listener.leg]
                self.events.append(FirstHeard(leg.leg, listener.leg, now))

    def _no_speech(
        self,
        leg: Leg,
        codec: int,
        marker: int,
        sequence: int,
        timestamp: int,
        ssrc: int,
        payload: bytes,
        now: float,
    ) -> None:
        """Telephone events are read and passed on; comfort noise (RFC 3389) and what else there is are not."""
        if codec != leg.telephone_event or not leg.answered:
            self.counters.unheard += 1
            return
        passed_on = False
        for listener in leg.direct:
            if listener.takes_audio and listener.telephone_event >= 0:
                number, splice = listener.telephone_event, listener.splice
                self.out.append((listener, splice.event(number, marker, sequence, timestamp, ssrc, payload, now)))
                passed_on = True
        if passed_on:
            self.counters.relayed += 1
        else:
            self.counters.unheard += 1
        digit = leg.reader.read(ssrc, timestamp, payload) if leg.reader is not None else None
        if digit is not None:
            self._dialogue.pressed(leg, digit, now)

    def receive_report(self, leg: Leg, data: bytes, source: Address, now: float) -> None:
        """A datagram came on the leg's RTCP port, or was RTCP on the other."""
        if leg.reports is None or source[0] != leg.reports.to[0]:
            self.counters.unexpected += 1
            return
        try:
            take_report(leg, leg.reports, data, now, self._wall_offset)
        except MalformedPacket:
            self.counters.unheard += 1

    # --- time ---------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Make the frames that are due. To be called every few milliseconds."""
        if now - self._frame_at > MOST_FRAMES_BEHIND * FRAME_S:
            self._frame_at = now
        while self._frame_at <= now:
            self._frame_at += FRAME_S
            self._frame = (self._frame + 1) % SLOTS
            if self._fed:
                self._feed(now)
            if self._taps:
                self._taps.hear(now)
            if self._dialogue.is_waiting:
                self._dialogue.tick(now)
            for leg in self._slots[self._frame].values():
                self._review(leg, now)

    def _feed(self, now: float) -> None:
        pulled: dict[int, bytes | None] = {}
        mixing: list[tuple[Leg, list[bytes]]] = []
        for leg in tuple(self._fed.values()):
            if leg.writer is not None:
                self._write_digit(leg, now)
                continue
            frames: list[bytes] = []
            frame = self._dialogue.frame(leg, now)
            if frame is not None:
                frames.append(frame)
            if leg.hears_others and leg.feed is Feed.MADE:
                for source in leg.sources:
                    if source.jitter is not None:
                        if source.leg not in pulled:
                            pulled[source.leg] = source.jitter.pull()
                        frame = pulled[source.leg]
                        if frame is not None:
                            frames.append(frame)
            if not frames or not leg.takes_audio:
                leg.splice.skip_own()
            elif len(frames) == 1:
                self._send_own(leg, frames[0], now)
            else:
                mixing.append((leg, frames))
        if mixing:
            from dialer.media.mixing import mix  # numpy takes longer to load than all the rest: see `load_mixer`

            for (leg, _), frame in zip(mixing, mix([frames for _, frames in mixing]), strict=True):
                self._send_own(leg, frame, now)

    def _send_own(self, leg: Leg, frame: bytes, now: float) -> None:
        self.out.append((leg, leg.splice.own(frame, now)))
        self.counters.made += 1
        if leg.recording is not None:
            leg.recording.heard(leg.splice.position, frame, now)

    def _write_digit(self, leg: Leg, now: float) -> None:
        if not leg.writer:
            leg.writer = None
            self._settle(leg)
            return
        part = leg.writer.next()
        if part is None or not leg.takes_audio:
            leg.splice.skip_own()
        else:
            marker, payload, behind = part
            packet = leg.splice.own_event(leg.telephone_event, marker, payload, now, behind)
            self.out.append((leg, packet))
            self.counters.made += 1

    def _review(self, leg: Leg, now: float) -> None:
        """Once a second."""
        self._recorder.write(leg, now)
        if leg.silent_after_s and not leg.silent and now - leg.heard_at >= leg.silent_after_s:
            leg.silent = True
            self.events.append(Silent(leg.leg, now - leg.heard_at))
        if leg.reports is not None and leg.reports.due <= now:
            leg.reports.due = now + self._rng.uniform(2.5, 7.5)
            packet = write_report(leg, leg.reports, now, self._wall_offset, self._cname)
            self.reports.append((leg, packet))
