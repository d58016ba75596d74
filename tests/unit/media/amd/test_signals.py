"""Beeps, special information, fax, busy: each from sound."""

from __future__ import annotations

import numpy as np
import pytest

from dialer.media.amd.events import BeepHeard, FaxHeard, FaxTone, Progress, ProgressHeard, SitHeard, SitKind
from tests.unit.media.amd.hearing import signals_of
from tests.unit.media.amd.sounds import Sound, joined, silence, tone, voice

SHORT, LONG = 0.274, 0.380
LOW_1, HIGH_1, LOW_2, HIGH_2 = 913.8, 985.2, 1_370.6, 1_428.5


@pytest.mark.parametrize("noise_level", [0.0, 0.02, 0.04])
@pytest.mark.parametrize("gap", [0.0, 0.03])
@pytest.mark.parametrize(
    ("first", "second", "third", "kind"),
    [
        ((LOW_1, SHORT), (LOW_2, SHORT), 1_776.7, SitKind.INTERCEPT),
        ((HIGH_1, LONG), (LOW_2, SHORT), 1_776.7, SitKind.VACANT),
        ((LOW_1, SHORT), (HIGH_2, LONG), 1_776.7, SitKind.REORDER),
        ((HIGH_1, SHORT), (LOW_2, LONG), 1_776.7, SitKind.REORDER),
        ((HIGH_1, LONG), (HIGH_2, LONG), 1_776.7, SitKind.NO_CIRCUIT),
        ((LOW_1, LONG), (LOW_2, LONG), 1_776.7, SitKind.NO_CIRCUIT),
        ((950.0, 0.33), (1_400.0, 0.33), 1_800.0, SitKind.OTHER),
    ],
)
def test_special_information(
    first: tuple[float, float],
    second: tuple[float, float],
    third: float,
    kind: SitKind,
    gap: float,
    noise_level: float,
) -> None:
    parts = (tone(first[1], first[0]), silence(gap), tone(second[1], second[0]), silence(gap), tone(LONG, third))
    found = signals_of(joined(silence(0.3), *parts, silence(0.5), noise_level=noise_level))
    assert [type(each) for each in found] == [SitHeard]
    assert isinstance(found[0], SitHeard)
    assert found[0].kind is kind
    assert found[0].start_s == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize(
    "parts",
    [
        (tone(0.3, 1_400.0), tone(0.3, 950.0), tone(0.4, 1_800.0)),  # falling
        (tone(0.3, 950.0), silence(0.3), tone(0.3, 1_400.0), silence(0.3), tone(0.4, 1_800.0)),  # apart
        (tone(0.3, 950.0), tone(0.3, 1_400.0), tone(0.1, 1_800.0)),  # the third too short
        (tone(0.3, 950.0), tone(0.3, 1_400.0)),
    ],
)
def test_what_is_no_special_information(parts: tuple[Sound, ...]) -> None:
    assert not any(isinstance(each, SitHeard) for each in signals_of(joined(silence(0.3), *parts, silence(0.5))))


@pytest.mark.parametrize("noise_level", [0.0, 0.03])
@pytest.mark.parametrize("hz", [440.0, 523.0, 700.0, 850.0, 1_000.0, 1_100.0, 1_250.0, 1_400.0])
@pytest.mark.parametrize("seconds", [0.12, 0.5, 1.2])
def test_a_beep_after_words(hz: float, seconds: float, noise_level: float) -> None:
    (found,) = signals_of(
        joined(silence(0.5), tone(seconds, hz), silence(1.2), noise_level=noise_level), spoken_s=3.0
    )
    assert isinstance(found, BeepHeard)
    assert found.hz == pytest.approx(hz, abs=4.0)
    assert found.start_s == pytest.approx(0.5, abs=0.05)
    assert found.end_s == pytest.approx(0.5 + seconds, abs=0.05)
    assert found.at_s - found.end_s < 0.35


def test_a_beep_is_believed_of_who_may_be_a_machine() -> None:
    """A telephone beside, an oven, a door: who said a hello and waits has them too."""
    sound = joined(silence(0.5), tone(0.4, 900.0), silence(0.5))
    assert [type(each) for each in signals_of(sound, spoken_s=3.0, odds_at=lambda _: -1.4)] == [BeepHeard]
    assert signals_of(sound, spoken_s=3.0, odds_at=lambda _: -1.6) == []
    assert signals_of(sound, spoken_s=3.0, odds_at=lambda at_s: -2.6 if at_s < 0.6 else 5.0) == [], (
        "by the tone itself"
    )
    assert [type(each) for each in signals_of(sound, spoken_s=0.0, odds_at=lambda _: -9.0)] == [BeepHeard], (
        "no words, no odds"
    )


@pytest.mark.parametrize(("seconds", "wavers_hz"), [(0.4, 5.6), (0.14, 4.0)])
def test_a_tone_that_wavers_needs_words_of_a_machine(seconds: float, wavers_hz: float) -> None:
    count = round(seconds * 8_000)
    hz = 900.0 + wavers_hz / 2 * np.sign(np.sin(2 * np.pi * np.arange(count) / count))
    wavers: Sound = (0.12 * 32_767 * np.sin(2 * np.pi * np.cumsum(hz) / 8_000)).astype(np.int16)
    sound = joined(silence(0.5), wavers, silence(0.5))
    assert [type(each) for each in signals_of(sound, spoken_s=3.0, odds_at=lambda _: 2.1)] == [BeepHeard]
    assert signals_of(sound, spoken_s=3.0, odds_at=lambda _: 1.9) == []
    assert signals_of(sound, spoken_s=0.0, odds_at=lambda _: 9.0) == [], "by itself it says nothing"


def test_what_noise_makes_of_itself_after_a_beep_does_not_hide_it() -> None:
    blip = joined(silence(0.5), tone(0.3, 900.0), silence(0.04), tone(0.06, 330.0), silence(0.5))
    assert [type(each) for each in signals_of(blip, spoken_s=3.0)] == [BeepHeard]


def test_a_short_tone_amid_speech_is_a_vowel() -> None:
    """A beep stands alone."""
    short = joined(silence(0.5), tone(0.13, 480.0), silence(0.6))
    assert [type(each) for each in signals_of(short, spoken_s=3.0)] == [BeepHeard]
    assert signals_of(short, spoken_at=lambda until_s: until_s) == []


def test_music_far_away_is_no_beep() -> None:
    far = joined(tone(0.3, 2_600.0, level=0.5), silence(0.5), tone(0.4, 700.0, level=0.02), silence(0.6))
    assert signals_of(far, spoken_s=3.0) == []


def test_a_dual_beep_and_a_repeated_one() -> None:
    (dual,) = signals_of(joined(silence(0.5), tone(0.3, 700.0, 1_100.0), silence(0.5)), spoken_s=3.0)
    assert isinstance(dual, BeepHeard)
    assert dual.second_hz == pytest.approx(1_100.0, abs=4.0)
    twice = signals_of(
        joined(silence(0.5), tone(0.2, 1_000.0), silence(0.2), tone(0.2, 1_000.0), silence(0.5)), spoken_s=3.0
    )
    assert [type(each) for each in twice] == [BeepHeard, BeepHeard]


@pytest.mark.parametrize("hz", [300.0, 1_600.0, 2_000.0])
def test_a_tone_outside_the_range_is_no_beep(hz: float) -> None:
    assert signals_of(joined(silence(0.5), tone(0.4, hz), silence(0.5)), spoken_s=3.0) == []


def test_a_note_with_its_octave_is_music() -> None:
    assert signals_of(joined(silence(0.5), tone(0.3, 600.0, 1_200.0), silence(0.5)), spoken_s=3.0) == []


@pytest.mark.parametrize(("low", "high"), [(697.0, 1_209.0), (770.0, 1_336.0), (941.0, 1_477.0), (941.0, 1_633.0)])
def test_a_key_that_is_pressed_is_no_beep(low: float, high: float) -> None:
    for seconds in (0.12, 0.3, 1.0):
        key = joined(silence(0.5), tone(seconds, low * 1.012, high * 0.988), silence(0.5), noise_level=0.002)
        assert signals_of(key, spoken_s=3.0) == []


def test_a_note_that_fades_is_music() -> None:
    fading = tone(0.5, 800.0)
    fading = (fading * [10 ** (-n / 4_000) for n in range(fading.size)]).astype("int16")
    assert signals_of(joined(silence(0.5), fading, silence(0.5)), spoken_s=3.0) == []


def test_a_calling_fax_unless_words_came_before() -> None:
    sound = joined(silence(0.5), tone(0.5, 1_100.0), silence(3.0), tone(0.5, 1_100.0), silence(0.5))
    assert [(type(each), getattr(each, "tone", None)) for each in signals_of(sound)] == [
        (FaxHeard, FaxTone.CALLING),
        (FaxHeard, FaxTone.CALLING),
    ]
    assert [type(each) for each in signals_of(sound, spoken_s=2.0)] == [BeepHeard, BeepHeard]


def test_an_answering_fax_is_told_while_its_tone_lasts() -> None:
    found = signals_of(joined(silence(0.5), tone(2.6, 2_100.0), silence(0.5)))
    assert [type(each) for each in found] == [FaxHeard]
    assert isinstance(found[0], FaxHeard)
    assert found[0].tone is FaxTone.CALLED
    assert found[0].at_s < 1.5


@pytest.mark.parametrize("noise_level", [0.0, 0.03])
@pytest.mark.parametrize(
    ("hz", "on", "off", "kind"),
    [
        ((480.0, 620.0), 0.5, 0.5, Progress.BUSY),
        ((425.0,), 0.5, 0.5, Progress.BUSY),
        ((400.0,), 0.375, 0.375, Progress.BUSY),
        ((480.0, 620.0), 0.25, 0.25, Progress.REORDER),
        ((425.0,), 0.25, 0.25, Progress.REORDER),
        ((440.0, 480.0), 2.0, 4.0, Progress.RINGBACK),
        ((425.0,), 1.0, 4.0, Progress.RINGBACK),
    ],
)
def test_progress_tones(hz: tuple[float, ...], on: float, off: float, kind: Progress, noise_level: float) -> None:
    parts = (tone(on, *hz), silence(off)) * (4 if on < 1 else 1)
    (found,) = signals_of(joined(silence(0.3), *parts, noise_level=noise_level))
    assert isinstance(found, ProgressHeard)
    assert found.tone is kind


@pytest.mark.parametrize("seed", range(6))
def test_speech_is_no_signal(seed: int) -> None:
    sound = joined(silence(0.3), voice(2.0, pitch_hz=100 + 25 * seed, seed=seed), silence(0.5), noise_level=0.01)
    assert signals_of(sound, spoken_s=1.0) == []


def test_short_equal_notes_are_no_progress_tone() -> None:
    notes = (tone(0.13, 523.0), silence(0.13)) * 5
    assert not any(
        isinstance(each, ProgressHeard) for each in signals_of(joined(silence(0.3), *notes, silence(1.0)))
    )
