from __future__ import annotations

import wave
from pathlib import Path

from dialer.media.g711 import ulaw_decode
from dialer.telephony.conference import COMFORT, JOINED
from dialer.telephony.line_sounds import TONE_HZ, make_line_sounds
from tests.far_end import share_of


def test_silence_between_contacts_and_a_short_soft_tone_over_the_first_moment(tmp_path: Path) -> None:
    sounds = make_line_sounds(tmp_path / "sounds", None)
    assert set(ulaw_decode(sounds[COMFORT].read_bytes())) == {0}
    tone = sounds[JOINED].read_bytes()
    assert 0.1 <= len(tone) / 8_000 <= 0.2
    assert share_of(TONE_HZ, tone) > 0.9
    assert max(ulaw_decode(tone)) < 4_000


def test_music(tmp_path: Path) -> None:
    music = tmp_path / "music.wav"
    with wave.open(str(music), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(b"\x00\x10" * 16_000)
    sounds = make_line_sounds(tmp_path / "sounds", music)
    assert len(sounds[COMFORT].read_bytes()) == 16_000


def test_music_that_cannot_be_read_is_silence(tmp_path: Path) -> None:
    music = tmp_path / "music.wav"
    music.write_text("no music")
    sounds = make_line_sounds(tmp_path / "sounds", music)
    assert set(ulaw_decode(sounds[COMFORT].read_bytes())) == {0}
