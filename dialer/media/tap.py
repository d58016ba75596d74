"""What listens in on a leg and says what it makes of it: answering machines, tones of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from dialer.media.rtp import FRAME_SAMPLES
from dialer.media.timeline import Timeline
from lists.value import value

GRACE_S = 0.06
"""How long a packet that was overtaken is waited for: an analyser counts pauses, so it must not hear any that
the network made."""


@value
class Verdict:
    """`verdict`: the analyser's word ("human", "machine", "beep", …). `at_s`: seconds of sound heard until then.
    `cause`: in the analyser's words. `last`: it has nothing more to say and need not be fed any longer."""

    verdict: str
    at_s: float
    cause: str = ""
    last: bool = False


class Analyser(Protocol):
    """Hears a leg in the order of its timestamps, without gaps."""

    def hear(self, frame: bytes) -> Iterable[Verdict]:
        """The next 20 ms of µ-law, and what it says to that."""
        ...


AnalyserFactory = Callable[[Mapping[str, float]], Analyser]
"""Makes an analyser from its settings. Raises `ValueError` for settings it does not know."""


class Tap:
    """Feeds one analyser. `start`: seconds of any monotonic clock."""

    __slots__ = ("_analyser", "_heard", "_sound", "_start", "tap")

    def __init__(self, tap: int, analyser: Analyser, start: float) -> None:
        self.tap = tap
        self._analyser = analyser
        self._sound = Timeline(start)
        self._start = start
        self._heard = 0

    def put(self, source: int, timestamp: int, payload: bytes, now: float) -> None:
        """A packet of µ-law came."""
        self._sound.put(source, timestamp, payload, now)

    def hear(self, now: float) -> list[Verdict]:
        """Time has passed: what the analyser says to the frames complete by now."""
        said: list[Verdict] = []
        until = int((now - GRACE_S - self._start) * 8_000)
        while self._heard + FRAME_SAMPLES <= until:
            self._heard += FRAME_SAMPLES
            said += self._analyser.hear(self._sound.take(self._heard))
            if said and said[-1].last:
                break
        return said
