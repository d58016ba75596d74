from __future__ import annotations

from dialer.media.recording import HOLD_BACK_S, Recording

LEFT, RIGHT, SILENT = b"\x11" * 160, b"\x22" * 160, b"\xff" * 160


def speak(recording: Recording, start: float, frames: int, first: int = 0) -> None:
    for n in range(first, first + frames):
        recording.said(7, 160 * n, LEFT, start + 0.02 * n)
        recording.heard(9_000 + 160 * n, RIGHT, start + 0.02 * n)


def test_both_sides_side_by_side() -> None:
    recording = Recording(1, 100.0)
    speak(recording, 100.0, 50)
    stereo = recording.finish(101.0)
    assert stereo == b"\x11\x22" * 8_000
    assert recording.samples == 8_000


def test_what_is_young_is_held_back_and_comes_in_time() -> None:
    recording = Recording(1, 0.0)
    speak(recording, 0.0, 50)
    assert len(recording.take(1.0)) == 2 * round((1.0 - HOLD_BACK_S) * 8_000)
    assert recording.take(0.9) == b""
    speak(recording, 0.0, 50, first=50)
    rest = recording.finish(2.0)
    assert rest == b"\x11\x22" * 12_000


def test_a_pause_is_silence_of_its_length() -> None:
    recording = Recording(1, 0.0)
    speak(recording, 0.0, 10)
    recording.paused = True
    speak(recording, 0.0, 10, first=10)
    recording.paused = False
    speak(recording, 0.0, 10, first=20)
    stereo = recording.finish(0.6)
    assert stereo[0::2] == LEFT * 10 + SILENT * 10 + LEFT * 10
    assert stereo[1::2] == RIGHT * 10 + SILENT * 10 + RIGHT * 10


def test_one_side_alone_and_none() -> None:
    recording = Recording(1, 0.0)
    recording.said(1, 0, LEFT, 0.0)
    assert recording.finish(0.04) == b"\x11\xff" * 160 + b"\xff\xff" * 160
    assert recording.finish(0.04) == b""
