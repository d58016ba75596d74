"""Where tones begin and end, and what is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.media.amd.signals import is_beep
from dialer.media.amd.tone import Tone, Tones
from tests.unit.media.amd.hearing import blocks, tones_of
from tests.unit.media.amd.sounds import joined, noise, silence, tone, voice


@pytest.mark.parametrize("noise_level", [0.0, 0.015, 0.03])
@pytest.mark.parametrize(("hz", "seconds"), [(440.0, 0.15), (1_000.0, 0.5), (1_400.0, 0.1), (700.0, 2.0)])
def test_a_tone_between_silences(hz: float, seconds: float, noise_level: float) -> None:
    (found,) = tones_of(joined(silence(0.5), tone(seconds, hz), silence(0.5), noise_level=noise_level))
    assert found.hz == pytest.approx(hz, abs=3.0)
    assert found.second_hz is None
    assert found.start_s == pytest.approx(0.5, abs=0.041)
    assert found.length_s == pytest.approx(seconds, abs=0.045)
    assert found.steady_db < 2.0


def test_a_dual_tone_names_the_lower_first() -> None:
    (found,) = tones_of(joined(silence(0.3), tone(0.4, 1_100.0, 700.0), silence(0.3)))
    assert found.hz == pytest.approx(700.0, abs=3.0)
    assert found.second_hz == pytest.approx(1_100.0, abs=3.0)


def test_tones_that_touch_are_apart() -> None:
    first, second = tones_of(joined(silence(0.2), tone(0.3, 950.0), tone(0.3, 1_400.0), silence(0.3)))
    assert first.hz == pytest.approx(950.0, abs=2.0)
    assert second.hz == pytest.approx(1_400.0, abs=2.0)
    assert second.start_s - first.start_s == pytest.approx(0.3, abs=0.03)


def test_a_tone_that_lasts_to_the_end_is_told() -> None:
    (found,) = tones_of(joined(silence(0.2), tone(0.5, 600.0)))
    assert found.end_s == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_neither_speech_nor_noise_nor_silence_is_a_beep(seed: int) -> None:
    sound = joined(
        silence(0.5), voice(2.0, pitch_hz=90.0 + 30 * seed, seed=seed), noise(0.5, 0.1, seed), silence(0.5)
    )
    assert not any(is_beep(found) for found in tones_of(sound))


@pytest.mark.parametrize("noise_level", [0.0, 0.05])
def test_packets_that_are_lost_do_not_end_a_tone(noise_level: float) -> None:
    with_gap = tone(0.6, 900.0)
    with_gap[1_600:1_920] = 0
    (found,) = tones_of(joined(silence(0.5), with_gap, silence(0.5), noise_level=noise_level))
    assert found.start_s == pytest.approx(0.5, abs=0.05)
    assert found.end_s == pytest.approx(1.1, abs=0.05)
    assert is_beep(found)


def test_in_noise_as_loud_as_itself_a_tone_is_one_and_single() -> None:
    (found,) = [
        each
        for each in tones_of(joined(silence(0.5), tone(0.6, 900.0), silence(0.5), noise_level=0.07))
        if is_beep(each)
    ]
    assert found.second_hz is None
    assert found.length_s == pytest.approx(0.6, abs=0.1)


def test_a_short_tone_that_wavers_is_no_beep() -> None:
    """So do voices that hold a pitch, in the background too; a longer tone may, in noise."""
    short, long = (Tone(1.0, 1.0 + seconds, 550.0, None, 20.0, 5.0, 25.0, 1.0, 3.0) for seconds in (0.14, 0.3))
    assert not is_beep(short)
    assert is_beep(long)
    assert is_beep(replace(short, steady_hz=1.0))


def test_one_too_soft_is_none() -> None:
    assert tones_of(joined(silence(0.2), tone(0.5, 1_000.0, level=0.0005), silence(0.2))) == []


def test_one_that_lasts_for_minutes_keeps_its_ends_and_nothing_else() -> None:
    tones = Tones()
    sound = joined(silence(0.5), tone(30.0, 600.0), silence(0.5))
    found = [each for spectra in blocks(sound) for each in tones.hear(spectra)]
    assert [(round(each.start_s, 1), round(each.end_s, 1)) for each in found] == [(0.5, 30.5)]
    tones = Tones()
    for spectra in blocks(tone(10.0, 600.0)):
        tones.hear(spectra)
    assert tones.since_s == 0.0
    assert tones.current_hz == pytest.approx(600.0, abs=2.0)
