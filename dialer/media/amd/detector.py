"""The streaming detector: sound in portions of any size, events out. Its time is the sound it was given."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from dialer.media.amd.events import (
    BeepHeard,
    Cause,
    Decided,
    Event,
    FaxHeard,
    GreetingEnded,
    Progress,
    ProgressHeard,
    Signal,
    SitHeard,
    Verdict,
)
from dialer.media.amd.model import Model, Person, trained
from dialer.media.amd.policy import Advise, Hold, Off, Policy, decide_by_s
from dialer.media.amd.signals import SPOKEN_S, Signals
from dialer.media.amd.spectrum import FRAME, HISTORY, RATE_HZ, analyse
from dialer.media.amd.talk import FEATURES, Talk
from dialer.media.amd.tone import Tones
from dialer.media.amd.voice import Surroundings
from dialer.media.g711 import alaw_decode, ulaw_decode

_EVERY_OCTET = bytes(range(256))
_ULAW = np.array(ulaw_decode(_EVERY_OCTET), np.int16)
_ALAW = np.array(alaw_decode(_EVERY_OCTET), np.int16)

BLOCK = 5 * FRAME
"""Samples analysed at once: 100 ms. No event comes later than that after the sound that makes it known."""

_GREETING_END_S = 0.8
_NO_BEEP_S = 2.6
"""Silence after a machine's greeting without a beep: it waits for words."""
_LONE_BEEP_S, _LONE_SILENCE_S = 0.2, 1.2
"""A beep with no words before it, and the silence after it: a mailbox without a greeting. A shorter one is the
telephone's own, as its button is pressed, and until then a person may speak."""
_REMEMBERED = 60
"""Blocks whose odds are kept: more than a beep lasts, and what is waited after it."""
SURE_BLOCKS = 2
"""Blocks in a row that must look like a machine."""
_LONGEST_PHRASE, _SILENCE = FEATURES.index("longest_phrase"), FEATURES.index("silence")
_STRETCH, _SPOKEN = FEATURES.index("stretch"), FEATURES.index("spoken")
_A_LITTLE = 1e-6


class Detector:
    """One call's. Feed it the far end's sound from the answer on; where packets are missing, silence.

    Where the contact is held the first `Decided` is to be acted on; those that follow are advice. After an unsure
    one that came of time there may be any; after a human one, a machine's whose beep was heard; after a machine's,
    one that says it was a screening assistant. With an agent joined all are advice: a person is told early, and
    until a second of silence has confirmed it any other may follow."""

    def __init__(self, policy: Policy | None = None, model: Model | None = None) -> None:
        self._policy = policy if policy is not None else Advise()
        self._model = model if model is not None else trained()
        self._decide_by_s = decide_by_s(self._policy)
        self._give_up_s = max(self._decide_by_s, Advise().give_up_s)
        self._pending = bytearray()
        self._stretch = np.zeros(HISTORY + BLOCK, np.int16)
        self._surroundings, self._talk = Surroundings(), Talk()
        self._tones, self._signals = Tones(), Signals()
        self._first: Decided | None = None
        self._last: Decided | None = None
        self._early = False
        self._sure = 0
        self._machine_p = 0.5
        self._features: list[float] = []
        self._odds = deque([0.0], _REMEMBERED)
        self._beep: BeepHeard | None = None
        self._greeting_ended_s: float | None = None
        self._blocks = 0

    @property
    def verdict(self) -> Decided | None:
        """The first verdict; None before it."""
        return self._first

    @property
    def heard_s(self) -> float:
        """Seconds of sound analysed."""
        return round(self._blocks * BLOCK / RATE_HZ, 3)

    def feed(self, samples: bytes | NDArray[np.int16]) -> list[Event]:
        """Linear 16-bit samples at 8 kHz: an array, or the machine's own byte order. Any number, none too."""
        self._pending += samples if isinstance(samples, bytes) else samples.astype(np.int16, copy=False).tobytes()
        events: list[Event] = []
        if self._first is None and isinstance(self._policy, Off):
            events.append(self._decide(Verdict.UNSURE, Cause.OFF))
        whole = len(self._pending) // (2 * BLOCK) * 2 * BLOCK
        if whole:
            ready = np.frombuffer(bytes(self._pending[:whole]), np.int16)
            del self._pending[:whole]
            for start in range(0, ready.size, BLOCK):
                events += self._hear(ready[start : start + BLOCK])
        return events

    def feed_ulaw(self, octets: bytes) -> list[Event]:
        """µ-law, any number of octets."""
        return self.feed(_ULAW[np.frombuffer(octets, np.uint8)])

    def feed_alaw(self, octets: bytes) -> list[Event]:
        """A-law, any number of octets."""
        return self.feed(_ALAW[np.frombuffer(octets, np.uint8)])

    def finish(self) -> list[Event]:
        """The sound has ended. What is left of it is not analysed, for it is less than 100 ms."""
        found = self._signals.finish(self._tones.finish(), self.heard_s, self._talk.spoken_until, self._odds_at)
        events: list[Event] = [*found, *self._judge_signals(found)]
        if self._first is None:
            events.append(self._decide(Verdict.UNSURE, Cause.ENDED))
        return events

    def expire(self) -> list[Event]:
        """The caller's clock says that the time is over, whether or not the sound has come."""
        if self._first is not None:
            return []
        return [self._decide(Verdict.UNSURE, Cause.TIME if self._talk.onset_s is not None else Cause.SILENCE)]

    def _hear(self, block: NDArray[np.int16]) -> list[Event]:
        stretch = self._stretch
        stretch[:HISTORY] = stretch[BLOCK:]
        stretch[HISTORY:] = block
        spectra = analyse(stretch)
        logits = self._model.voice.logits(self._surroundings.inputs(spectra))
        self._talk.hear([_probability(logit) for logit in logits.tolist()], spectra)
        ended = self._tones.hear(spectra)
        self._blocks += 1
        if self._talk.onset_s is not None:
            self._features = self._talk.features()
            self._odds.append(float(self._model.machine.logits(np.array([self._features], np.float32))[0]))
        else:
            self._odds.append(0.0)
        now_s = self.heard_s
        signals = self._signals.hear(ended, self._tones, now_s, self._talk.spoken_until, self._odds_at)
        events: list[Event] = [*signals, *self._judge_signals(signals)]
        events += self._judge_words()
        events += self._follow_greeting()
        if self._first is None and now_s >= self._decide_by_s - 1e-9:
            events += self.expire()
        return events

    def _odds_at(self, at_s: float) -> float:
        """Log odds of a machine by what was said until then, as they were in the last block before it."""
        back = self._blocks - int(at_s * RATE_HZ / BLOCK + _A_LITTLE)
        return self._odds[-1 - back] if back < len(self._odds) else 0.0

    def _judge_signals(self, signals: list[Signal]) -> list[Event]:
        events: list[Event] = []
        for signal in signals:
            match signal:
                case BeepHeard():
                    self._beep = signal
                    if self._talk.spoken_until(signal.start_s) < SPOKEN_S:
                        self._talk = Talk(self._talk.frames)  # what seemed a word was the beep
                    elif self._is_open or self._may_beep:
                        events.append(self._decide(Verdict.MACHINE, Cause.BEEP))
                case SitHeard() if self._is_open:
                    events.append(self._decide(Verdict.MACHINE, Cause.SIT))
                case FaxHeard() if self._is_open:
                    events.append(self._decide(Verdict.MACHINE, Cause.FAX))
                case ProgressHeard(tone=Progress.BUSY | Progress.REORDER) if self._is_open:
                    events.append(self._decide(Verdict.MACHINE, Cause.PROGRESS_TONE))
                case _:
                    pass
        return events

    def _judge_words(self) -> list[Event]:
        talk, now_s = self._talk, self.heard_s
        if not self._is_open:
            return []
        if talk.onset_s is None:
            if self._beep is not None and is_lone(self._beep, now_s):
                return [self._decide(Verdict.MACHINE, Cause.BEEP)]
            return []
        model, features, logit = self._model, self._features, self._odds[-1]
        self._machine_p = _probability(logit)
        likely = logit >= model.long_greeting.wanted(features[_STRETCH], features[_SPOKEN])
        self._sure = self._sure + 1 if likely else 0
        if self._sure >= SURE_BLOCKS:
            return [self._decide(Verdict.MACHINE, Cause.LONG_GREETING)]
        # Who is held meets silence, and is told at once; with an agent there is time to hear whether more is said.
        holds = isinstance(self._policy, Hold)
        if _waits(features, logit, model.held if self._first is None and holds else model.joined):
            confirmed, self._early = self._early, False
            return [] if confirmed else [self._decide(Verdict.HUMAN, Cause.SHORT_GREETING)]
        if self._first is None and not holds and _waits(features, logit, model.early):
            human = self._decide(Verdict.HUMAN, Cause.SHORT_GREETING)
            self._early = True
            return [human]
        return []

    def _follow_greeting(self) -> list[Event]:
        talk, now_s = self._talk, self.heard_s
        events: list[Event] = []
        if talk.onset_s is None or talk.silence_s < _GREETING_END_S:
            return events
        ended_s = talk.silent_since_s
        if self._greeting_ended_s != ended_s:
            self._greeting_ended_s = ended_s
            events.append(GreetingEnded(now_s, round(ended_s, 3)))
        waits = talk.silence_s >= _NO_BEEP_S and (self._beep is None or self._beep.end_s < talk.onset_s)
        if waits and self._last is not None and self._last.cause is Cause.LONG_GREETING:
            events.append(self._decide(Verdict.SCREENING, Cause.NO_BEEP))
        return events

    @property
    def _is_open(self) -> bool:
        """Whether a verdict by what is heard may still come."""
        if self._last is None:
            return True
        if self._early:
            return self.heard_s < self._give_up_s
        by_time = self._last.cause in (Cause.TIME, Cause.SILENCE)
        return by_time and self.heard_s < self._give_up_s and not isinstance(self._policy, Off)

    @property
    def _may_beep(self) -> bool:
        """Whether a beep may still show that what seemed a person is a machine; who was unsure at any time."""
        if self._last is None or isinstance(self._policy, Off):
            return False
        if self._last.verdict is Verdict.HUMAN:
            return self.heard_s < self._give_up_s
        return self._last.cause in (Cause.TIME, Cause.SILENCE)

    def _decide(self, verdict: Verdict, cause: Cause) -> Decided:
        decided = Decided(round(self.heard_s, 3), verdict, cause, round(self._machine_p, 4))
        self._first = self._first or decided
        self._last, self._early = decided, False
        return decided


def _waits(features: list[float], logit: float, person: Person) -> bool:
    """Whether who has spoken is a person who waits for an answer."""
    below = person.below if features[_LONGEST_PHRASE] <= person.short_s else person.below_long
    return features[_SILENCE] >= person.waits_s - _A_LITTLE and logit <= below


def _probability(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(min(logit, 40.0), -40.0)))


def is_lone(beep: BeepHeard, now_s: float) -> bool:
    """Whether a beep before any word is a mailbox's, if nobody has spoken until now."""
    return beep.end_s - beep.start_s >= _LONE_BEEP_S - _A_LITTLE and now_s - beep.end_s >= _LONE_SILENCE_S
