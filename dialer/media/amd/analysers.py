"""The detector as analysers that listen in on a leg (`dialer.media.tap`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dialer.media.amd.detector import Detector
from dialer.media.amd.events import BeepHeard, Decided, Event, FaxHeard, GreetingEnded, ProgressHeard, SitHeard
from dialer.media.amd.network import NetworkTones
from dialer.media.amd.policy import Advise, Hold, Policy
from dialer.media.linear import decode
from dialer.media.tap import Verdict

ADVICE_S = 20.0
"""How long there may be another word, usually."""


class MachineDetector:
    """Who answered. Settings: `hold_s` or `advise_s`, see `Hold` and `Advise`; `until_s`: seconds of sound after
    which nothing more is said."""

    def __init__(self, settings: Mapping[str, float]) -> None:
        known = {"hold_s", "advise_s", "until_s"}
        if not set(settings) <= known or {"hold_s", "advise_s"} <= set(settings):
            raise ValueError(f"settings {sorted(settings)}: choose hold_s or advise_s, and until_s")
        policy: Policy = Advise(settings.get("advise_s", ADVICE_S))
        if "hold_s" in settings:
            policy = Hold(settings["hold_s"])
        self._until_s = settings.get("until_s", ADVICE_S)
        self._detector = Detector(policy)

    def hear(self, frame: bytes) -> Iterator[Verdict]:
        for event in self._detector.feed(decode(frame)):
            yield _told(event)
        if self._detector.heard_s >= self._until_s:
            yield Verdict("over", self._detector.heard_s, last=True)


class NetworkListener:
    """What the network says before an answer. No settings."""

    def __init__(self, settings: Mapping[str, float]) -> None:
        if settings:
            raise ValueError(f"settings {sorted(settings)}: there are none")
        self._tones = NetworkTones()

    def hear(self, frame: bytes) -> Iterator[Verdict]:
        for event in self._tones.feed(decode(frame)):
            yield _told(event)


def _told(event: Event) -> Verdict:
    match event:
        case Decided():
            return Verdict(event.verdict.value, event.at_s, event.cause.value)
        case GreetingEnded():
            return Verdict("greeting-ended", event.at_s)
        case BeepHeard():
            return Verdict("beep", event.end_s, f"{event.hz:.0f} Hz")
        case SitHeard():
            return Verdict("sit", event.at_s, event.kind.value)
        case FaxHeard():
            return Verdict("fax", event.at_s, event.tone.value)
        case ProgressHeard():
            return Verdict("progress", event.at_s, event.tone.value)
