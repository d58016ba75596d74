"""Expected value: launch while fewer answers are expected than agents free a ring time ahead. A baseline for
benchmarks (after Samuelson 1999, "Predictive dialing for outbound telephone call centers"): four tenths of an
agent count for certain, so that small teams overshoot."""

from __future__ import annotations

from dialer.pacing.snapshot import Answered, PacingEvent, Snapshot, TalkEnded, Unanswered, WrapEnded

_FORGET = 0.99


class ExpectedValuePacer:
    """`margin`: so many expected answers fewer than agents; the higher, the fewer people are abandoned."""

    def __init__(self, margin: float) -> None:
        self._margin = margin
        self._answers, self._calls = 3.0, 5.0
        self._ring_s, self._busy_s = 12.0, 150.0

    def observe(self, event: PacingEvent) -> None:
        match event:
            case Answered(_, ring_s) | Unanswered(_, ring_s):
                answered = isinstance(event, Answered)
                self._answers = self._answers * _FORGET + answered
                self._calls = self._calls * _FORGET + 1.0
                if answered:
                    self._ring_s += (ring_s - self._ring_s) * (1 - _FORGET)
            case TalkEnded(_, talk_s):
                self._busy_s += (talk_s - self._busy_s) * (1 - _FORGET)
            case WrapEnded():
                pass

    def decide(self, snapshot: Snapshot) -> int:
        busy = len(snapshot.talking_s) + len(snapshot.wrapping_s)
        freed = busy * min(1.0, self._ring_s / self._busy_s)
        free = snapshot.idle + freed - len(snapshot.waiting_s) - self._margin
        p = self._answers / self._calls
        wanted = int(free / p) - len(snapshot.ringing_s)
        return max(0, min(wanted, snapshot.lines_free, snapshot.leads_ready))
