"""Words, phrases and pauses."""

from __future__ import annotations

import numpy as np
import pytest

from dialer.media.amd.spectrum import BANDS, Spectra
from dialer.media.amd.talk import FEATURES, Talk

FRAME_S = 0.02


def spectra(frames: int, level_db: float = 20.0, pitch_hz: float = 120.0) -> Spectra:
    def all_of(value: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.full(frames, value, np.float32)

    return Spectra(
        bands_db=np.zeros((frames, BANDS), np.float32),
        level_db=all_of(level_db),
        flatness_db=all_of(-10.0),
        periodicity=all_of(0.8),
        pitch_hz=all_of(pitch_hz),
        tone_hz=all_of(500.0),
        tone_share=all_of(0.2),
        second_hz=all_of(700.0),
        second_share=all_of(0.1),
    )


def talk(*parts: tuple[float, float]) -> Talk:
    """Parts as (seconds, probability of speech)."""
    made = Talk()
    for seconds, chance in parts:
        frames = round(seconds / FRAME_S)
        made.hear([chance] * frames, spectra(frames))
    return made


def feature(made: Talk, name: str) -> float:
    return made.features()[FEATURES.index(name)]


def test_nothing_said() -> None:
    made = talk((1.0, 0.0))
    assert made.onset_s is None
    assert made.silence_s == pytest.approx(1.0)
    assert made.phrases == 0
    assert len(made.features()) == len(FEATURES)
    assert np.isfinite(made.features()).all()


def test_a_hello_and_silence() -> None:
    made = talk((0.4, 0.0), (0.5, 1.0), (0.6, 0.0))
    assert made.onset_s == pytest.approx(0.4)
    assert made.spoken_s == pytest.approx(0.5)
    assert made.silence_s == pytest.approx(0.6)
    assert made.silent_since_s == pytest.approx(0.9)
    assert feature(made, "longest_phrase") == pytest.approx(0.5)
    assert feature(made, "since_onset") == pytest.approx(1.1)
    assert (feature(made, "phrases"), feature(made, "words"), feature(made, "run")) == (1, 1, 0)
    assert feature(made, "phrase_now") == 0


def test_while_it_is_said() -> None:
    made = talk((0.4, 0.0), (0.5, 1.0))
    assert made.silence_s == 0
    assert feature(made, "phrase_now") == pytest.approx(0.5)
    assert feature(made, "run") == 1


def test_words_and_phrases_by_their_gaps() -> None:
    made = talk((0.2, 0.0), (0.3, 1.0), (0.1, 0.0), (0.3, 1.0), (0.5, 0.0), (0.4, 1.0), (0.3, 0.0))
    assert (feature(made, "words"), feature(made, "phrases")) == (3, 2)
    assert feature(made, "first_phrase") == pytest.approx(0.7)
    assert feature(made, "first_pause") == pytest.approx(0.5)
    assert feature(made, "longest_pause") == pytest.approx(0.5)
    assert feature(made, "last_phrase") == pytest.approx(0.4)
    assert made.phrases == 2


def test_a_click_is_no_phrase() -> None:
    made = talk((0.4, 0.0), (0.06, 1.0), (0.6, 0.0))
    assert made.onset_s is None
    assert made.phrases == 0


def test_speech_begins_above_and_ends_below() -> None:
    assert talk((0.3, 0.5)).spoken_s == 0
    assert talk((0.3, 0.7), (0.3, 0.5)).spoken_s == pytest.approx(0.6)
    assert talk((0.3, 0.7), (0.3, 0.3)).spoken_s == pytest.approx(0.3)


def test_blocks_of_any_size_come_to_the_same() -> None:
    parts = [(0.3, 0.0), (0.5, 1.0), (0.3, 0.0), (1.0, 0.9), (0.2, 0.1)]
    singly = Talk()
    for seconds, chance in parts:
        for _ in range(round(seconds / FRAME_S)):
            singly.hear([chance], spectra(1))
    assert singly.features() == pytest.approx(talk(*parts).features())


def test_a_stretch_goes_on_through_pauses_that_leave_nobody_the_turn() -> None:
    made = talk((0.5, 0.0), (1.0, 1.0), (0.6, 0.0), (2.0, 1.0), (0.5, 0.0))
    assert feature(made, "stretch") == pytest.approx(3.6, abs=0.05)
    assert feature(made, "stretches") == 1
    assert feature(made, "pause_mean") == pytest.approx(0.6, abs=0.05)
    assert feature(made, "phrase_sd") == pytest.approx(0.5, abs=0.05)


def test_who_waited_begins_another_stretch() -> None:
    made = talk((0.5, 0.0), (1.0, 1.0), (1.2, 0.0), (0.4, 1.0))
    assert feature(made, "stretch") == pytest.approx(0.4, abs=0.05)
    assert feature(made, "stretches") == 2
