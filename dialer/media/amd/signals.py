"""What tones mean: a beep, special information, a fax, busy. The same tone may be two of them: what came before
it, and what follows, decides."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from dialer.media.amd import sit
from dialer.media.amd.events import BeepHeard, FaxHeard, FaxTone, Progress, ProgressHeard, Signal, SitHeard
from dialer.media.amd.tone import Tone, Tones

_BEEP_HZ = (425.0, 1_440.0)
"""440 to 1,400 Hz, and what a cheap machine is off by."""
_BEEP_S = (0.09, 2.6)
_STEADY_DB, _STEADY_HZ = 6.0, 5.0
"""A voice that sings a vowel is tonal too, but never so steady."""
_SHORT_S, _SHORT_STEADY_HZ = 0.18, 2.0
"""A shorter one must be steadier: so short, monotonous voices hold a pitch, those in the background too."""
_DOUBTFUL_HZ = 6.0
"""One that wavers by up to so much, of any length, is believed of who speaks like a machine: noise and GSM do that
to true ones."""
BELIEVED_AT, _DOUBTED_AT, _BELIEVED_BEFORE = -1.5, 2.0, -2.5
"""The log odds of a machine that words must have given it by now, and before it: who answers and waits has another
telephone beside, an oven, a door."""
_APART_DB = 1.0
"""It is louder than what surrounds it. In loud noise it is hardly so."""
_SURELY_S = 0.2
"""So long a single tone needs no more; a shorter one, or a dual one, has to stand alone."""
_ALONE_S, _ALONE_SPOKEN_S = 0.1, 0.02
"""A vowel has its syllable's neighbours: so long before a beep, speech of at most the other."""
_SOFTER_DB = 20.0
"""Than the loudest that was heard: so far away is a television's music."""
_DUAL_S = 0.11
_HARMONIC = 0.03
"""How near to a whole multiple the second frequency makes it one note of music and not a dual tone."""
_KEYS_HZ = (697.0, 770.0, 852.0, 941.0), (1_209.0, 1_336.0, 1_477.0, 1_633.0)
"""Of a telephone's keys (ITU-T Q.23) each sounds one of the low and one of the high ones."""
_KEY_OFF = 0.025
"""By which both may be off: between what must be a key and what must be none (Q.24: 1.5 and 3.5 %)."""
_AFTER_S = 0.11
"""Silence after a tone before it is told: of special information the next tone comes at once."""

_CADENCE_S = 0.9
"""The same where a busy tone may be beginning."""
SPOKEN_S = 0.3
"""Seconds of speech after which a tone is rather a beep than a fax or a ringing."""

_CNG_HZ, _CNG_S = (1_062.0, 1_138.0), (0.425, 0.575)
_CED_HZ, _CED_S = (2_078.0, 2_122.0), 0.7
_PROGRESS_HZ = (340.0, 640.0)
_EQUAL = 0.2
"""Fraction by which bursts and gaps of a cadence may differ."""
_SHORTEST_BURST_S, _LONGEST_BURST_S = 0.15, 0.8
"""Of a progress tone; the syllables of a monotonous voice are shorter (the fastest reorder has 0.2 s)."""
_FAST_S = 0.62
"""Period below which it is reorder: 0.25 s on and off, or what some countries have instead; busy is 0.7 to 1 s."""
_RINGBACK_HZ, _RINGBACK_S = (380.0, 495.0), (0.7, 2.4)


Spoken = Callable[[float], float]
Odds = Callable[[float], float]


class Signals:
    """Tones in, signals out; keeps the last few tones."""

    def __init__(self) -> None:
        self._waiting: list[Tone] = []
        self._cadence: list[Tone] = []
        self._ced_told = self._in_cadence = False

    def hear(
        self, ended: Sequence[Tone], tones: Tones, now_s: float, spoken_until: Spoken, odds: Odds
    ) -> list[Signal]:
        """`ended`: the tones that ended in this block of `tones`; `spoken_until`: seconds of speech up to a
        moment; `odds`: the log odds of a machine at one, by what was said."""
        found: list[Signal] = []
        for tone in ended:
            found += self._hear_tone(tone, now_s)
        since_s, hz = tones.since_s, tones.current_hz
        if since_s is not None and hz is not None:  # a fax is told while its tone lasts
            if _CED_HZ[0] <= hz <= _CED_HZ[1] and now_s - since_s >= _CED_S:
                found += self._tell_called(since_s, now_s)
        elif self._waiting:
            tone = self._meant()
            first = spoken_until(tone.start_s) < SPOKEN_S
            if now_s - tone.end_s >= (_CADENCE_S if first and _in_progress(tone) else _AFTER_S):
                found += self._explain(tone, now_s, first, tones.recent_db, spoken_until, odds)
        return found

    def finish(self, ended: Sequence[Tone], now_s: float, spoken_until: Spoken, odds: Odds) -> list[Signal]:
        """The sound has ended, and with it these: what is still held back."""
        found: list[Signal] = []
        for tone in ended:
            found += self._hear_tone(tone, now_s)
        if self._waiting:
            tone = self._meant()
            first = spoken_until(tone.start_s) < SPOKEN_S
            found += self._explain(tone, now_s, first, -math.inf, spoken_until, odds)
        return found

    def _meant(self) -> Tone:
        """Of the tones that wait to be told the last that may be a beep: after it come blips of the noise."""
        for is_meant in (is_beep, is_doubtful):
            for tone in reversed(self._waiting):
                if is_meant(tone):
                    return tone
        return self._waiting[-1]

    def _tell_called(self, since_s: float, now_s: float) -> list[Signal]:
        told, self._ced_told = self._ced_told, True
        return [] if told else [FaxHeard(now_s, round(since_s, 3), FaxTone.CALLED)]

    def _hear_tone(self, tone: Tone, now_s: float) -> list[Signal]:
        self._waiting = [*self._waiting[-2:], tone]
        if len(self._waiting) == 3:
            kind = sit.told(self._waiting)
            if kind is not None:
                start_s = self._waiting[0].start_s
                self._waiting = []
                return [SitHeard(now_s, round(start_s, 3), kind)]
        self._cadence = [*self._cadence[-2:], tone] if _in_progress(tone) else []
        progress = _cadence(self._cadence)
        told, self._in_cadence = self._in_cadence, progress is not None
        if progress is None:
            return []
        self._waiting = []
        return [] if told else [ProgressHeard(now_s, round(self._cadence[0].start_s, 3), progress)]

    def _explain(
        self, tone: Tone, now_s: float, first: bool, after_db: float, spoken_until: Spoken, odds: Odds
    ) -> list[Signal]:
        """`first`: nothing was said before it."""
        self._waiting = []
        if _CED_HZ[0] <= tone.hz <= _CED_HZ[1] and tone.length_s >= _CED_S:
            return self._tell_called(tone.start_s, now_s)
        ringing = (
            _RINGBACK_HZ[0] <= tone.hz <= _RINGBACK_HZ[1] and _RINGBACK_S[0] <= tone.length_s <= _RINGBACK_S[1]
        )
        if first and ringing:
            return [ProgressHeard(now_s, round(tone.start_s, 3), Progress.RINGBACK)]
        around_db = max(tone.before_db + _APART_DB, after_db + _APART_DB, tone.loudest_db - _SOFTER_DB)
        if not is_doubtful(tone) or tone.level_db < around_db:
            return []
        spoken_s = spoken_until(tone.start_s) - spoken_until(tone.start_s - _ALONE_S)
        if spoken_s > _ALONE_SPOKEN_S and (tone.length_s < _SURELY_S or tone.second_hz is not None):
            return []
        single = tone.second_hz is None
        if single and first and _CNG_HZ[0] <= tone.hz <= _CNG_HZ[1] and _CNG_S[0] <= tone.length_s <= _CNG_S[1]:
            return [FaxHeard(now_s, round(tone.start_s, 3), FaxTone.CALLING)]
        sure = is_beep(tone)
        if not sure if first else not _is_backed(sure, odds(tone.start_s), odds(now_s)):
            return []
        return [BeepHeard(now_s, round(tone.start_s, 3), round(tone.end_s, 3), tone.hz, tone.second_hz)]


def _is_backed(sure: bool, before: float, now: float) -> bool:
    """Whether a tone is a beep at these log odds of a machine: any tone raises them, so they are asked twice."""
    return before >= _BELIEVED_BEFORE and now >= (BELIEVED_AT if sure else _DOUBTED_AT)


def _is_steady(tone: Tone) -> bool:
    return tone.steady_db <= _STEADY_DB and tone.steady_hz <= _STEADY_HZ


def _in_progress(tone: Tone) -> bool:
    return _PROGRESS_HZ[0] <= tone.hz <= _PROGRESS_HZ[1] and _is_steady(tone)


def _cadence(tones: list[Tone]) -> Progress | None:
    """What three equal bursts with equal gaps are."""
    if len(tones) < 3:
        return None
    first, second, third = tones
    gaps = (second.start_s - first.end_s, third.start_s - second.end_s)
    bursts = (first.length_s, second.length_s, third.length_s)
    if (
        not _alike(bursts)
        or not _alike(gaps)
        or min(bursts) < _SHORTEST_BURST_S
        or max(*bursts, *gaps) > _LONGEST_BURST_S
        or abs(first.hz - third.hz) > 20.0
    ):
        return None
    return Progress.REORDER if third.start_s - second.start_s < _FAST_S else Progress.BUSY


def is_beep(tone: Tone) -> bool:
    """Whether a tone by itself could ask for a message."""
    steady_hz = _STEADY_HZ if tone.length_s >= _SHORT_S else _SHORT_STEADY_HZ
    return tone.steady_hz <= steady_hz and is_doubtful(tone)


def is_doubtful(tone: Tone) -> bool:
    """Whether it could if words before it say so too; true of every beep."""
    if not _BEEP_HZ[0] <= tone.hz <= _BEEP_HZ[1]:  # of two the lower: a voice's harmonics are two tones as well
        return False
    if (
        not _BEEP_S[0] <= tone.length_s <= _BEEP_S[1]
        or tone.steady_db > _STEADY_DB
        or tone.steady_hz > _DOUBTFUL_HZ
    ):
        return False
    if tone.second_hz is None:
        return True
    if tone.length_s < _DUAL_S or _is_key(tone.hz, tone.second_hz):
        return False
    multiple = tone.second_hz / tone.hz
    return not any(abs(multiple / whole - 1) < _HARMONIC for whole in (2, 3, 4))


def _is_key(*hz: float) -> bool:
    """Whether a person has pressed a key."""
    return all(
        any(abs(each / key - 1) < _KEY_OFF for key in keys) for each, keys in zip(hz, _KEYS_HZ, strict=True)
    )


def _alike(lengths: tuple[float, ...]) -> bool:
    return max(lengths) - min(lengths) <= max(_EQUAL * max(lengths), 0.045)
