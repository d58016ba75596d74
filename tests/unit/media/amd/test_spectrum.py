"""What is measured of each 20 ms."""

from __future__ import annotations

import numpy as np
import pytest

from dialer.media.amd.spectrum import BANDS, HISTORY, analyse
from tests.unit.media.amd.sounds import joined, noise, silence, tone, voice


@pytest.mark.parametrize("hz", [440.0, 460.7, 913.8, 950.0, 1_003.0, 1_400.0, 2_100.0])
def test_a_tone_is_measured_to_two_hertz(hz: float) -> None:
    spectra = analyse(tone(0.2, hz))
    assert np.abs(spectra.tone_hz - hz).max() < 2.0
    assert spectra.tone_share.min() > 0.99


def test_two_tones_are_two() -> None:
    spectra = analyse(tone(0.2, 480.0, 620.0))
    found = np.sort(np.stack((spectra.tone_hz, spectra.second_hz)), axis=0)
    assert np.abs(found - np.array([[480.0], [620.0]])).max() < 3.0


def test_noise_is_flat_and_a_voice_is_periodic() -> None:
    flat, voiced = analyse(noise(0.3, 0.05)), analyse(voice(0.3)[: 8 * 160 + HISTORY])
    assert flat.flatness_db.mean() > voiced.flatness_db.mean() + 5
    assert voiced.periodicity.max() > 0.6 > flat.periodicity.max()


def test_one_row_a_frame() -> None:
    spectra = analyse(np.zeros(HISTORY + 3 * 160, np.int16))
    assert spectra.bands_db.shape == (3, BANDS)
    assert np.isfinite(spectra.bands_db).all()
    assert np.isfinite(spectra.flatness_db).all()


def test_frames_do_not_depend_on_the_block_they_come_in() -> None:
    sound = joined(silence(0.1), voice(0.5))
    whole = analyse(sound)
    for nth in range(len(whole.level_db)):
        one = analyse(sound[nth * 160 : nth * 160 + HISTORY + 160])
        assert one.level_db[0] == pytest.approx(whole.level_db[nth], abs=1e-3)
        assert one.periodicity[0] == pytest.approx(whole.periodicity[nth], abs=1e-3)
