"""What the detector says. Every time is in seconds of sound since the answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    HUMAN = "human"
    MACHINE = "machine"
    SCREENING = "screening"
    """An assistant that asks who is calling, on behalf of a person who may listen."""
    UNSURE = "unsure"
    """To be treated as a person."""


class Cause(Enum):
    SHORT_GREETING = "short-greeting"
    """Said something and waits."""
    LONG_GREETING = "long-greeting"
    """Speaks on as nobody does who answers a call."""
    BEEP = "beep"
    SIT = "sit"
    FAX = "fax"
    PROGRESS_TONE = "progress-tone"
    """Busy or reorder, heard in an answered call."""
    NO_BEEP = "no-beep"
    """A machine's greeting, and then it waits for words without a beep: a screening assistant."""
    TIME = "time"
    """The time allowed ran out."""
    SILENCE = "silence"
    """The time allowed ran out, and nobody had spoken."""
    ENDED = "ended"
    """The sound ended before it could be told."""
    OFF = "off"
    """Nobody asked."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Who answered. `machine_p`: the probability of a machine by the words and pauses alone (0–1)."""

    at_s: float
    verdict: Verdict
    cause: Cause
    machine_p: float


@dataclass(frozen=True, slots=True)
class GreetingEnded:
    """The last words ended at `ended_s`; known at `at_s`. There may be another if more is said."""

    at_s: float
    ended_s: float


@dataclass(frozen=True, slots=True)
class BeepHeard:
    """A tone that asks for a message, from `start_s` to `end_s`. `second_hz`: of a dual one."""

    at_s: float
    start_s: float
    end_s: float
    hz: float
    second_hz: float | None


class SitKind(Enum):
    """Special information tones; subtypes as in North America, where lengths and frequencies tell them."""

    INTERCEPT = "ic"
    """The number has changed or is out of service."""
    VACANT = "vc"
    """The number is not in service."""
    REORDER = "ro"
    """All trunks busy, or the call was not completed; as in a region or between regions."""
    NO_CIRCUIT = "nc"
    OTHER = "other"
    """ITU's form (E.180: 950, 1,400, 1,800 Hz), which has no subtypes, or a mixture that means none."""


@dataclass(frozen=True, slots=True)
class SitHeard:
    at_s: float
    start_s: float
    kind: SitKind


class FaxTone(Enum):
    CALLING = "cng"
    """1,100 Hz for half a second (ITU-T T.30)."""
    CALLED = "ced"
    """2,100 Hz: a fax or a modem answers."""


@dataclass(frozen=True, slots=True)
class FaxHeard:
    at_s: float
    start_s: float
    tone: FaxTone


class Progress(Enum):
    BUSY = "busy"
    REORDER = "reorder"
    """Fast busy, congestion."""
    RINGBACK = "ringback"


@dataclass(frozen=True, slots=True)
class ProgressHeard:
    at_s: float
    start_s: float
    tone: Progress


Signal = BeepHeard | SitHeard | FaxHeard | ProgressHeard
Event = Decided | GreetingEnded | Signal
