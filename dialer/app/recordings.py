"""The answering-machine detector on recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dialer.errors import InputError
from dialer.media.amd import (
    BeepHeard,
    Cause,
    Decided,
    Detector,
    Event,
    FaxHeard,
    GreetingEnded,
    Hold,
    Policy,
    ProgressHeard,
    SitHeard,
    Verdict,
)
from dialer.telephony.errors import SoundFileError
from dialer.telephony.sound_file import read_sound

LONGEST_S = 120.0
"""What is heard of a recording: no greeting is longer."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recording is. Times in seconds of it. `signals`: special information, fax and progress tones, as
    `sit:ic`, `fax:ced`, `busy`."""

    file: str
    verdict: Verdict
    cause: Cause
    at_s: float
    machine_p: float
    screening: bool
    greeting_end_s: float | None
    beep_s: float | None
    beep_hz: float | None
    signals: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """As `dialer amd --json` prints it."""
        return {
            "file": self.file,
            "verdict": (Verdict.MACHINE if self.verdict is Verdict.SCREENING else self.verdict).value,
            "at_s": self.at_s,
            "beep_s": self.beep_s,
            "cause": self.cause.value,
            "machine_p": self.machine_p,
            "screening": self.screening,
            "greeting_end_s": self.greeting_end_s,
            "beep_hz": self.beep_hz,
            "signals": list(self.signals),
        }


def hear_files(files: Sequence[Path], policy: Policy, channel: int | None) -> list[Heard]:
    """Every file. Raises `InputError` that names each file which cannot be used, and then none is told."""
    heard, problems = [], []
    for path in files:
        try:
            samples = read_sound(path, channel=channel, longest_s=LONGEST_S)
        except SoundFileError as error:
            problems.append(str(error))
            continue
        detector = Detector(policy)
        events = [*detector.feed(samples), *detector.finish()]
        heard.append(_told(str(path), events, acted_on=isinstance(policy, Hold)))
    if problems:
        raise InputError("\n".join(problems))
    return heard


def _told(file: str, events: Sequence[Event], *, acted_on: bool) -> Heard:
    """`acted_on`: the first verdict is; else it is advice, and the last one counts."""
    verdicts = [event for event in events if isinstance(event, Decided)]
    apart = [event for event in verdicts if event.verdict is not Verdict.SCREENING]
    counts = apart[0 if acted_on else -1]
    beeps = [event for event in events if isinstance(event, BeepHeard)]
    beep = beeps[0] if beeps else None
    ends = [event.ended_s for event in events if isinstance(event, GreetingEnded)]
    if beep is not None:
        ends = [ended_s for ended_s in ends if ended_s <= beep.end_s]
    return Heard(
        file=file,
        verdict=counts.verdict,
        cause=counts.cause,
        at_s=counts.at_s,
        machine_p=counts.machine_p,
        screening=any(event.verdict is Verdict.SCREENING for event in verdicts),
        greeting_end_s=ends[-1] if ends else None,
        beep_s=beep.start_s if beep is not None else None,
        beep_hz=beep.hz if beep is not None else None,
        signals=tuple(
            _signal(event) for event in events if isinstance(event, SitHeard | FaxHeard | ProgressHeard)
        ),
    )


def _signal(event: SitHeard | FaxHeard | ProgressHeard) -> str:
    match event:
        case SitHeard():
            return f"sit:{event.kind.value}"
        case FaxHeard():
            return f"fax:{event.tone.value}"
        case ProgressHeard():
            return event.tone.value
