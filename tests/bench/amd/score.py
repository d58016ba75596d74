"""Figures of the detector, and of Asterisk's beside it, on sounds whose truth is known."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialer.media.amd import Advise, BeepHeard, Decided, Detector, Hold, Verdict
from dialer.media.amd.detector import BLOCK
from dialer.media.amd.spectrum import RATE_HZ
from tests.bench.amd import asterisk

HOLD_S = Hold().decide_by_s
QUIET_DB = 20.0
"""Between speech and noise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said of one sound. `group`, `language`: by what it is reported; `onset_s`: when it first speaks.
    With an agent joined: `verdict`, `at_s`: the first word; `at_last`: the last, an assistant's taken for a
    machine's; `machine_at_s`: when a machine or an assistant was first told, None for never. `held`, `held_at_s`:
    the verdict on who is held. `beeps_s`: those that are there."""

    is_machine: bool
    group: str
    snr_db: float | None
    onset_s: float | None
    verdict: Verdict
    at_s: float
    held: Verdict
    held_at_s: float
    screening: bool
    asterisk: str
    at_last: Verdict
    machine_at_s: float | None
    heard_beeps: tuple[tuple[float, float], ...]
    beeps_s: tuple[tuple[float, float], ...]
    language: str = ""


def judge(
    samples: NDArray[np.int16],
    *,
    is_machine: bool,
    group: str,
    snr_db: float | None,
    onset_s: float | None,
    beeps_s: tuple[tuple[float, float], ...] = (),
    language: str = "",
) -> Outcome:
    """Both detectors on one sound; ours with an agent joined already, and held."""
    detector = Detector(Advise())
    events = [*detector.feed(samples), *detector.finish()]
    verdicts = [event for event in events if isinstance(event, Decided)]
    holding = Detector(Hold())
    holding.feed(samples[: round(HOLD_S * RATE_HZ) + BLOCK])
    holding.expire()
    held = holding.verdict
    assert held is not None, "the hold is over"
    machine = [each.at_s for each in verdicts if each.verdict in (Verdict.MACHINE, Verdict.SCREENING)]
    return Outcome(
        is_machine=is_machine,
        group=group,
        snr_db=snr_db,
        onset_s=onset_s,
        verdict=verdicts[0].verdict,
        at_s=verdicts[0].at_s,
        held=held.verdict,
        held_at_s=held.at_s,
        screening=any(each.verdict is Verdict.SCREENING for each in verdicts),
        asterisk=asterisk.detect(samples).verdict,
        at_last=Verdict.MACHINE if verdicts[-1].verdict is Verdict.SCREENING else verdicts[-1].verdict,
        machine_at_s=machine[0] if machine else None,
        language=language,
        heard_beeps=tuple((event.start_s, event.end_s) for event in events if isinstance(event, BeepHeard)),
        beeps_s=beeps_s,
    )


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `count`, with Wilson's interval of 95 %."""

    hits: int
    count: int

    @property
    def value(self) -> float:
        return self.hits / self.count if self.count else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.count:
            return 0.0, 1.0
        z = statistics.NormalDist().inv_cdf(0.975)
        middle = (self.value + z * z / (2 * self.count)) / (1 + z * z / self.count)
        half = z * math.sqrt(self.value * (1 - self.value) / self.count + (z / (2 * self.count)) ** 2)
        half /= 1 + z * z / self.count
        return max(middle - half, 0.0), min(middle + half, 1.0)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{100 * self.value:.2f} % ({self.hits}/{self.count}, 95 %: {100 * low:.2f}–{100 * high:.2f})"


def share(outcomes: Iterable[Outcome], verdict: Verdict, *, hold: bool = False, last: bool = False) -> Share:
    """How many came to this verdict: held, or with an agent joined at first or at last."""
    verdicts = [each.held if hold else each.at_last if last else each.verdict for each in outcomes]
    return Share(sum(each is verdict for each in verdicts), len(verdicts))


def ever_machine(outcomes: Iterable[Outcome]) -> Share:
    """How many were told to be machines, or assistants, at any time."""
    found = [each.machine_at_s is not None for each in outcomes]
    return Share(sum(found), len(found))


def asterisk_share(outcomes: Iterable[Outcome], verdict: str) -> Share:
    found = [each.asterisk for each in outcomes]
    return Share(found.count(verdict), len(found))


def is_quiet(outcome: Outcome) -> bool:
    """At least `QUIET_DB` between speech and noise."""
    return outcome.snr_db is None or outcome.snr_db >= QUIET_DB


def delays(outcomes: Iterable[Outcome], *, from_onset: bool, hold: bool = False) -> list[float]:
    """Seconds to the verdict, whichever it is: from the answer, or from the first sound of who answered, which may
    come after the hold is over."""
    return sorted(
        (each.held_at_s if hold else each.at_s) - ((each.onset_s or 0.0) if from_onset else 0.0)
        for each in outcomes
        if not from_onset or each.onset_s is not None
    )


def beeps(outcomes: Iterable[Outcome]) -> tuple[Share, Share, float]:
    """Beeps heard of those that are there (begin within 80 ms); sounds without any in which one was heard; the
    mean error of their end in ms."""
    there = found = without = false = 0
    errors = []
    for each in outcomes:
        if not each.beeps_s:
            without += 1
            false += bool(each.heard_beeps)
        for start_s, end_s in each.beeps_s:
            there += 1
            near = [heard for heard in each.heard_beeps if abs(heard[0] - start_s) <= 0.08]
            found += bool(near)
            errors += [abs(heard[1] - end_s) for heard in near[:1]]
    return Share(found, there), Share(false, without), 1_000 * statistics.fmean(errors) if errors else math.nan
