from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from dialer.media.linear import decode
from dialer.telephony.errors import SoundFileError, SpeechUnavailable
from dialer.telephony.prompts import PromptShelf, SoundPrompt, SpokenPrompt
from tests.far_end import share_of


def sound(path: Path, hz: int, rate: int, channels: int = 1, seconds: float = 0.5) -> Path:
    at = np.arange(round(rate * seconds)) / rate
    mono = (10_000 * np.sin(2 * np.pi * hz * at)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(mono, channels).tobytes())
    return path


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2), (16_000, 1), (48_000, 2)])
async def test_any_rate_and_number_of_channels_becomes_8_khz(tmp_path: Path, rate: int, channels: int) -> None:
    shelf = PromptShelf(tmp_path / "shelf")
    made = await shelf.ready(SoundPrompt(sound(tmp_path / "a.wav", 440, rate, channels)))
    ulaw = made.read_bytes()
    assert abs(len(ulaw) - 4_000) < 10
    assert share_of(440, ulaw[400:3_600]) > 0.95


def test_each_is_made_once_and_again_when_its_content_changes(tmp_path: Path) -> None:
    shelf = PromptShelf(tmp_path / "shelf")
    source = sound(tmp_path / "a.wav", 440, 8_000)
    made = shelf.make(SoundPrompt(source))
    made.write_bytes(b"marked")
    copy = tmp_path / "b.wav"
    copy.write_bytes(source.read_bytes())
    assert shelf.make(SoundPrompt(copy)).read_bytes() == b"marked"
    sound(source, 550, 8_000)
    assert shelf.make(SoundPrompt(source)) != made
    assert len(list((tmp_path / "shelf").iterdir())) == 2  # nothing half made is left


@pytest.mark.needs("espeak-ng")
def test_a_text_is_spoken(tmp_path: Path) -> None:
    shelf = PromptShelf(tmp_path)
    made = shelf.make(SpokenPrompt("- Good morning", "en-gb"))
    samples = decode(made.read_bytes())
    assert 0.5 < len(samples) / 8_000 < 5.0
    assert int(np.abs(samples).max()) > 3_000
    assert shelf.make(SpokenPrompt("- Good morning", "en-gb", speed=300)) != made


@pytest.mark.needs("espeak-ng")
def test_a_voice_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(SpeechUnavailable, match=r"voice 'klingon-1'.*--voices"):
        PromptShelf(tmp_path).make(SpokenPrompt("hello", "klingon-1"))


def test_no_speaker_no_text_no_file(tmp_path: Path) -> None:
    shelf = PromptShelf(tmp_path, speaker="no-such-speaker")
    with pytest.raises(SpeechUnavailable, match="no-such-speaker is not installed"):
        shelf.make(SpokenPrompt("hello"))
    with pytest.raises(SpeechUnavailable, match="without text"):
        shelf.make(SpokenPrompt(" "))
    with pytest.raises(SoundFileError, match=r"none\.wav: cannot be read"):
        shelf.make(SoundPrompt(tmp_path / "none.wav"))
    with pytest.raises(SoundFileError, match="is a directory"):
        shelf.make(SoundPrompt(tmp_path))
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(SoundFileError, match=r"text\.wav"):
        shelf.make(SoundPrompt(tmp_path / "text.wav"))
