"""Prompts of campaigns: found by client, made before anybody is called, loaded anew into a media that is new."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from campaigns.prompt import Prompt, prompt_name
from dialer.media.orders import Load
from dialer.ports.media import MediaBack
from dialer.telephony.errors import SoundFileError
from dialer.telephony.prompt_desk import UNREADABLE_S, PromptDesk, prompt_length, prompt_trial
from dialer.telephony.prompts import PromptShelf


def sound(path: Path, seconds: float = 0.5, rate: int = 16_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(2 * int(rate * seconds)))


async def test_a_client_s_prompt_is_taken_from_its_folder_and_loaded(tmp_path: Path) -> None:
    sound(tmp_path / "prompts" / "acme" / "hello.wav")
    told: list[Load] = []
    desk = PromptDesk(PromptShelf(tmp_path / "made"), tmp_path / "prompts", told.append)
    hello = Prompt(file="hello.wav")
    await desk.prepare("acme", [hello])
    assert [load.prompt for load in told] == [prompt_name("acme", hello)]
    assert told[0].path.startswith(str(tmp_path / "made"))
    desk.on_media_event(MediaBack())
    assert told[1:] == told[:1]
    with pytest.raises(SoundFileError, match=r"hello\.wav"):
        await desk.prepare("other", [hello])


def test_a_trial_says_what_is_wrong_and_keeps_nothing(tmp_path: Path) -> None:
    sound(tmp_path / "hello.wav")
    fault = prompt_trial(tmp_path)
    assert fault("", Prompt(file="hello.wav")) == ""
    assert "cannot be read" in fault("", Prompt(file="missing.wav"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hello.wav"]


def test_how_long_a_prompt_takes(tmp_path: Path) -> None:
    sound(tmp_path / "acme" / "hello.wav", seconds=2.0)
    lasts_s = prompt_length(tmp_path)
    assert lasts_s("acme/spring", Prompt(file="hello.wav")) == pytest.approx(2.0, abs=0.01)
    assert lasts_s("spring", Prompt(file="hello.wav")) == UNREADABLE_S
    assert lasts_s("spring", Prompt(text="a b c d e", speed=100)) == 3.0
