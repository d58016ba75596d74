"""Which legs are listened in on, and by which analysers."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.media.events import Event, Heard
from dialer.media.leg import Leg
from dialer.media.orders import Listen
from dialer.media.tap import AnalyserFactory, Tap


class Taps:
    """Of all legs. `analysers`: by name. What they say goes to `events`."""

    def __init__(self, events: list[Event], analysers: Mapping[str, AnalyserFactory]) -> None:
        self._events = events
        self._analysers = analysers
        self._tapped: dict[int, Leg] = {}

    def __bool__(self) -> bool:
        """Some leg is listened in on."""
        return bool(self._tapped)

    def add(self, leg: Leg, order: Listen, now: float) -> None:
        """From now on; instead of the tap of this number, if there is one."""
        try:
            analyser = self._analysers[order.analyser](dict(order.settings))
        except (KeyError, ValueError) as error:
            cause = f"no analyser {error}" if isinstance(error, KeyError) else str(error)
            self._events.append(Heard(leg.leg, order.tap, "", 0.0, cause, last=True, failed=True))
            return
        others = tuple(tap for tap in leg.taps if tap.tap != order.tap)
        leg.taps = (*others, Tap(order.tap, analyser, now))
        self._tapped[leg.leg] = leg

    def remove(self, leg: Leg, number: int) -> None:
        """The tap of this number, if there is one."""
        leg.taps = tuple(tap for tap in leg.taps if tap.tap != number)
        if not leg.taps:
            self._tapped.pop(leg.leg, None)

    def hear(self, now: float) -> None:
        """Time has passed: what they say to it."""
        for leg in tuple(self._tapped.values()):
            for tap in leg.taps:
                for said in tap.hear(now):
                    verdict = Heard(leg.leg, tap.tap, said.verdict, said.at_s, said.cause, last=said.last)
                    self._events.append(verdict)
                    if said.last:
                        self.remove(leg, tap.tap)

    def close(self, leg: Leg) -> None:
        """The leg is over."""
        self._tapped.pop(leg.leg, None)
