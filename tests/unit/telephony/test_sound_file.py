"""Files of sound, whatever they hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from dialer.telephony.errors import SoundFileError
from dialer.telephony.sound_file import read_sound


def sine(rate_hz: int, seconds: float = 1.0, hz: float = 440.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "ULAW", "ALAW"])
def test_any_rate_and_width(tmp_path: Path, rate_hz: int, subtype: str) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, sine(rate_hz), rate_hz, subtype=subtype)
    samples = read_sound(path, longest_s=10.0)
    assert samples.dtype == np.int16
    assert samples.size == pytest.approx(8_000, abs=8)
    middle = samples[2_000:6_000]
    assert np.abs(middle).max() == pytest.approx(16_384, rel=0.04)
    assert np.argmax(np.abs(np.fft.rfft(middle))) == 220  # 440 Hz in half a second


def test_channels(tmp_path: Path) -> None:
    path = tmp_path / "both.wav"
    soundfile.write(path, np.stack((sine(8_000), np.zeros(8_000)), axis=1), 8_000)
    assert np.abs(read_sound(path, channel=1, longest_s=1.0)).max() > 16_000
    assert np.abs(read_sound(path, channel=2, longest_s=1.0)).max() == 0
    assert np.abs(read_sound(path, longest_s=1.0)).max() == pytest.approx(8_192, abs=50)
    with pytest.raises(SoundFileError, match=r"both\.wav: has 2 channel\(s\), and not number 3; choose another"):
        read_sound(path, channel=3, longest_s=1.0)


def test_no_more_than_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, sine(16_000, 5.0), 16_000)
    assert read_sound(path, longest_s=2.0).size == 16_000


def test_louder_than_full_scale_is_clipped(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    soundfile.write(path, 4 * sine(8_000), 8_000, subtype="FLOAT")
    samples = read_sound(path, longest_s=1.0)
    assert (samples.max(), samples.min()) == (32_767, -32_768)


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    def said(name: str, content: bytes | None) -> str:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(SoundFileError) as caught:
            read_sound(path, longest_s=1.0)
        assert str(path) in str(caught.value)
        return str(caught.value)

    assert "does not exist; check the name" in said("missing.wav", None)
    assert "is empty; record it again" in said("empty.wav", b"")
    assert "convert it to WAV" in said("text.wav", b"hello, this is no sound\n" * 20)
    soundfile.write(tmp_path / "none.wav", np.zeros(0), 8_000)
    assert "holds no sound" in said("none.wav", None)
    with pytest.raises(SoundFileError, match="is a directory"):
        read_sound(tmp_path, longest_s=1.0)
    soundfile.write(tmp_path / "nan.wav", np.full(100, np.nan), 8_000, subtype="FLOAT")
    assert "no numbers" in said("nan.wav", None)


def test_a_file_cut_short_gives_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    soundfile.write(path, sine(8_000), 8_000)
    path.write_bytes(path.read_bytes()[:8_044])
    assert 3_900 <= read_sound(path, longest_s=1.0).size <= 4_000
