"""Who answered: a person, a machine, an assistant that screens calls. Streaming, at 8 kHz, without I/O or a clock.

    detector = Detector(Hold())
    for packet in packets:
        for event in detector.feed_ulaw(packet.payload):
            …

`spectrum` measures each 20 ms; `voice` tells speech from what surrounds it; `talk` keeps words and pauses; a small
network (`model`) weighs them; `tone`, `sit` and `signals` know beeps, special information, fax and progress tones;
`policy` says when a verdict is needed.
"""

from dialer.media.amd.detector import Detector
from dialer.media.amd.events import (
    BeepHeard,
    Cause,
    Decided,
    Event,
    FaxHeard,
    FaxTone,
    GreetingEnded,
    Progress,
    ProgressHeard,
    SitHeard,
    SitKind,
    Verdict,
)
from dialer.media.amd.policy import Advise, Hold, Off, Policy

__all__ = (
    "Advise",
    "BeepHeard",
    "Cause",
    "Decided",
    "Detector",
    "Event",
    "FaxHeard",
    "FaxTone",
    "GreetingEnded",
    "Hold",
    "Off",
    "Policy",
    "Progress",
    "ProgressHeard",
    "SitHeard",
    "SitKind",
    "Verdict",
)
