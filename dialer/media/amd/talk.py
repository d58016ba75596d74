"""Words, phrases and pauses, and how they sound: what tells somebody who waits for an answer from something that
does not. One state per call; plain numbers, for there are five frames at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from dialer.media.amd.spectrum import Spectra

_ON, _OFF = 0.6, 0.35
"""Speech begins above the one and ends below the other (probability of a frame)."""
_WORD_GAP, _PHRASE_GAP = 3, 12
"""Frames of silence that end a word, and a phrase: 60 and 240 ms."""
_TURN_GAP = 45
"""Frames of silence that leave a turn to the other side: 0.9 s. Speech with shorter ones is one stretch."""
_SHORTEST_PHRASE = 4
"""Frames of speech below which it was a click."""
_FRAME_S = 0.02
_QUIETEST_DB = -5.0
"""About -52 dB of full scale: how silent a silent line is says nothing about who answered."""

FEATURES = (
    *("time", "since_onset", "spoken", "silence", "run", "words", "phrases", "first_phrase", "first_pause"),
    *(
        "longest_phrase",
        "longest_pause",
        "last_phrase",
        "share",
        "share_half_s",
        "share_s",
        "voice_s",
        "speech_db",
    ),
    *("above_silence_db", "speech_sd_db", "level_sd_s_db", "periodicity", "pitch", "pitch_sd", "pitch_end"),
    *("flatness", "tone_s", "tone", "silence_voice", "silence_periodicity", "silence_sd_db", "words_per_s"),
    *("phrase_now", "pause_before", "quiet_before_db", "quiet_between_db"),
    *("stretch", "stretches", "pause_mean", "phrase_sd"),
)


class _Mean:
    """Mean and spread of what was added."""

    __slots__ = ("count", "squares", "total")

    def __init__(self) -> None:
        self.count, self.total, self.squares = 0, 0.0, 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        self.squares += value * value

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else 0.0

    @property
    def spread(self) -> float:
        if self.count < 2:
            return 0.0
        return math.sqrt(max(self.squares / self.count - self.mean**2, 0.0))


class Talk:
    """What was said until now. Times in seconds since the answer."""

    def __init__(self, frames: int = 0) -> None:
        """`frames`: how many have passed without a word."""
        self.frames = frames
        self.onset_s: float | None = None
        """When the first phrase began."""
        self.silent_since_s = 0.0
        """When the last speech ended; the present moment while there is speech."""
        self.spoken_s = 0.0
        self._speaking = False
        self._gap = 0
        self._run_start = 0
        self._phrase_start: int | None = None
        self._phrase_speech = 0
        self._last_end = 0
        self._phrases: list[tuple[int, int]] = []
        self._words = 0
        self._in_word = False
        self._spoken = 0
        self._voice: list[float] = [0.0]
        self._before = frames
        self._on: list[int] = [0]
        self._tone: list[float] = [0.0]
        self._levels: list[float] = []
        self._quiet_before_db: float | None = None
        self._quiet_between_db: float | None = None
        self._speech_db, self._silence_db = _Mean(), _Mean()
        self._periodicity, self._silence_periodicity = _Mean(), _Mean()
        self._flatness, self._pitch, self._silence_voice, self._tone_all = _Mean(), _Mean(), _Mean(), _Mean()
        self._last_pitches: list[float] = []

    @property
    def silence_s(self) -> float:
        """How long it has been silent; 0 while there is speech."""
        return 0.0 if self._speaking else self.frames * _FRAME_S - self.silent_since_s

    def spoken_until(self, at_s: float) -> float:
        """Seconds of speech before a moment."""
        frame = round(at_s / _FRAME_S) - self._before
        return self._on[max(min(frame, len(self._on) - 1), 0)] * _FRAME_S

    @property
    def phrases(self) -> int:
        """Phrases until now, the one that lasts among them."""
        return len(self._phrases) + (self._phrase_start is not None and self._phrase_speech >= _SHORTEST_PHRASE)

    def hear(self, voice: Sequence[float], spectra: Spectra) -> None:
        """One block: the probability of speech in each frame, and what else was measured of it."""
        columns = (
            spectra.level_db,
            spectra.periodicity,
            spectra.pitch_hz,
            spectra.flatness_db,
            spectra.tone_share,
        )
        for probability, *heard in zip(voice, *(column.tolist() for column in columns), strict=True):
            self._hear_frame(probability, *heard)

    def _hear_frame(
        self, voice: float, level_db: float, periodicity: float, pitch_hz: float, flatness_db: float, tone: float
    ) -> None:
        level_db = max(level_db, _QUIETEST_DB)
        self._speaking = voice >= (_OFF if self._speaking else _ON)
        self._voice.append(self._voice[-1] + voice)
        self._on.append(self._on[-1] + self._speaking)
        self._tone.append(self._tone[-1] + tone)
        self._levels.append(level_db)
        if self._speaking:
            self._speak()
            self._speech_db.add(level_db)
            self._periodicity.add(periodicity)
            self._flatness.add(flatness_db)
            self._tone_all.add(tone)
            if periodicity > 0.45:
                semitones = 12.0 * math.log2(pitch_hz / 100.0)
                self._pitch.add(semitones)
                self._last_pitches = [*self._last_pitches[-9:], semitones]
        else:
            self._be_silent()
            self._silence_db.add(level_db)
            self._note_quiet()
            self._silence_periodicity.add(periodicity)
            self._silence_voice.add(voice)
        self.frames += 1
        if self._speaking:
            self.silent_since_s = self.frames * _FRAME_S

    def _note_quiet(self) -> None:
        """A recording's noise begins with it, a person's with the answer."""
        level_db = sum(self._levels[-3:]) / min(len(self._levels), 3)
        if self.onset_s is None:
            self._quiet_before_db = min(self._quiet_before_db or level_db, level_db)
        else:
            self._quiet_between_db = min(self._quiet_between_db or level_db, level_db)

    def _speak(self) -> None:
        if not self._in_word:
            self._in_word, self._words = True, self._words + 1
        if self._phrase_start is None:
            self._phrase_start, self._phrase_speech = self.frames, 0
            self._last_pitches = []
        self._gap = 0
        self._phrase_speech += 1
        self._spoken += 1
        self.spoken_s = self._spoken * _FRAME_S
        self._last_end = self.frames + 1
        if self.onset_s is None and self._phrase_speech >= _SHORTEST_PHRASE:
            self.onset_s = self._phrase_start * _FRAME_S

    def _be_silent(self) -> None:
        self._gap += 1
        if self._gap >= _WORD_GAP:
            self._in_word = False
        if self._gap >= _PHRASE_GAP and self._phrase_start is not None:
            if self._phrase_speech >= _SHORTEST_PHRASE:
                self._phrases.append((self._phrase_start, self._last_end))
            self._phrase_start = None

    def features(self) -> list[float]:
        """The present state, in the order of `FEATURES`; seconds, decibels, semitones, shares."""
        now = self.frames
        phrases = list(self._phrases)
        open_phrase = self._phrase_start is not None and self._phrase_speech >= _SHORTEST_PHRASE
        if open_phrase and self._phrase_start is not None:
            phrases.append((self._phrase_start, self._last_end))
        pauses = [after[0] - before[1] for before, after in pairwise(phrases)]
        lengths = [end - start for start, end in phrases]
        turns = [nth for nth, pause in enumerate(pauses, 1) if pause >= _TURN_GAP]
        stretch = phrases[-1][1] - phrases[turns[-1] if turns else 0][0] if phrases else 0
        silence = 0 if self._speaking or not phrases else now - phrases[-1][1]
        since = 0.0 if self.onset_s is None else now - self.onset_s / _FRAME_S
        pitches = self._last_pitches
        pitch_end = sum(pitches[-3:]) / 3 - self._pitch.mean if len(pitches) >= 3 else 0.0
        last = lengths[-1] if lengths else 0
        return [
            now * _FRAME_S,
            since * _FRAME_S,
            self.spoken_s,
            silence * _FRAME_S,
            float(self._speaking),
            min(self._words, 25),
            min(len(phrases), 8),
            (lengths[0] if lengths else 0) * _FRAME_S,
            (pauses[0] if pauses else silence) * _FRAME_S,
            max(lengths, default=0) * _FRAME_S,
            max([*pauses, silence]) * _FRAME_S,
            last * _FRAME_S,
            self._spoken / since if since >= 1 else 0.0,
            _recent(self._on, 25),
            _recent(self._on, 50),
            _recent(self._voice, 50),
            self._speech_db.mean,
            self._speech_db.mean - self._silence_db.mean
            if self._speech_db.count and self._silence_db.count
            else 20.0,
            self._speech_db.spread,
            _spread(self._levels[-50:]),
            self._periodicity.mean,
            self._pitch.mean,
            self._pitch.spread,
            pitch_end,
            self._flatness.mean,
            _recent(self._tone, 50),
            self._tone_all.mean,
            self._silence_voice.mean,
            self._silence_periodicity.mean,
            self._silence_db.spread,
            self._words / max(since * _FRAME_S, 0.3),
            last * _FRAME_S if open_phrase else 0.0,
            (pauses[-1] if pauses else 0) * _FRAME_S,
            _below(self._speech_db.mean, self._quiet_before_db),
            _below(self._speech_db.mean, self._quiet_between_db),
            stretch * _FRAME_S,
            min(len(turns) + bool(phrases), 4),
            sum(pauses) / len(pauses) * _FRAME_S if pauses else 0.0,
            _spread(lengths) * _FRAME_S,
        ]


def _below(level_db: float, quiet_db: float | None) -> float:
    """By how much it was quieter; the usual of a clean line where it is not known."""
    return min(level_db - quiet_db, 60.0) if quiet_db is not None else 30.0


def _recent(sums: Sequence[float], frames: int) -> float:
    """Mean of the last `frames` of what `sums` is the running sum of."""
    first = max(len(sums) - 1 - frames, 0)
    return (sums[-1] - sums[first]) / max(len(sums) - 1 - first, 1)


def _spread(values: Sequence[float]) -> float:
    """Standard deviation; 0 of nothing."""
    if not values:
        return 0.0
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
