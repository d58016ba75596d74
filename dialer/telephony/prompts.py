"""Prompts made ready for playing: any sound file, or a text that is spoken, as raw 8 kHz µ-law in a file of its
own.

Each is made once: the file's name is a hash of what it was made from.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dialer.telephony.errors import SoundFileError, SpeechUnavailable

LONGEST_S = 30 * 60.0
FORM = b"1"
"""Of the files made; another number makes all of them anew."""

SPEAKER = "espeak-ng"
SPEAKS_WITHIN_S = 60.0
WORDS_PER_MINUTE = 150
READ_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class SoundPrompt:
    """A file of any rate, width and number of channels (their mean is played)."""

    path: Path


@dataclass(frozen=True, slots=True)
class SpokenPrompt:
    """A text, spoken by a machine. `voice`: one of `espeak-ng --voices` ("en-gb", "de", "uk"). `speed`: words a
    minute, 80 to 450."""

    text: str
    voice: str = "en"
    speed: int = WORDS_PER_MINUTE


Prompt = SoundPrompt | SpokenPrompt


class PromptShelf:
    """Ready prompts, in `folder`. It may be emptied at any time; what is asked for is made again."""

    def __init__(self, folder: Path, speaker: str = SPEAKER) -> None:
        self._folder = folder
        self._speaker = speaker

    async def ready(self, prompt: Prompt) -> Path:
        """The raw µ-law of a prompt, made in a thread if it was not yet. Raises `SoundFileError`,
        `SpeechUnavailable`."""
        return await asyncio.to_thread(self.make, prompt)

    def make(self, prompt: Prompt) -> Path:
        """Likewise, here and now."""
        path = self._folder / f"{_digest(prompt)}.ul"
        if not path.exists():
            # A tenth of a second of imports, which a service with nothing to make starts without.
            from dialer.media.linear import encode
            from dialer.telephony.sound_file import read_sound

            self._folder.mkdir(parents=True, exist_ok=True)
            with self._source(prompt) as source:
                _write(path, encode(read_sound(source, longest_s=LONGEST_S)))
        return path

    @contextlib.contextmanager
    def _source(self, prompt: Prompt) -> Iterator[Path]:
        if isinstance(prompt, SoundPrompt):
            yield prompt.path
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "spoken.wav"
            self._speak(prompt, path)
            yield path

    def _speak(self, prompt: SpokenPrompt, path: Path) -> None:
        if not prompt.text.strip():
            raise SpeechUnavailable("a prompt without text: write what is to be said")
        # The text goes in by stdin: one that begins with a dash is no option.
        arguments = [
            self._speaker,
            "-v",
            prompt.voice,
            "-s",
            str(prompt.speed),
            "-b",
            "1",
            "--stdin",
            "-w",
            str(path),
        ]
        try:
            done = subprocess.run(  # noqa: S603 -- no shell; voice and speed are arguments
                arguments, input=prompt.text.encode(), capture_output=True, timeout=SPEAKS_WITHIN_S, check=False
            )
        except FileNotFoundError as error:
            text = f"{self._speaker} is not installed (Debian: espeak-ng); install it or give a sound file"
            raise SpeechUnavailable(text) from error
        except subprocess.TimeoutExpired as error:
            raise SpeechUnavailable(f"{self._speaker} did not end; shorten the text") from error
        said = done.stderr.decode("utf-8", "replace").strip()
        if done.returncode or not path.exists():
            advice = f"`{self._speaker} --voices` shows the voices there are"
            raise SpeechUnavailable(
                f"{self._speaker} could not speak with voice {prompt.voice!r}: {said}; {advice}"
            )


def _digest(prompt: Prompt) -> str:
    digest = hashlib.sha256(FORM)
    if isinstance(prompt, SpokenPrompt):
        digest.update(f"spoken\0{prompt.voice}\0{prompt.speed}\0{prompt.text}".encode())
        return digest.hexdigest()
    digest.update(b"sound\0")
    try:
        with prompt.path.open("rb") as file:
            while data := file.read(READ_AT_ONCE):
                digest.update(data)
    except IsADirectoryError as error:
        raise SoundFileError(prompt.path, "is a directory; name a file in it") from error
    except OSError as error:
        raise SoundFileError(prompt.path, f"cannot be read ({error.strerror or error})") from error
    return digest.hexdigest()


def _write(path: Path, sound: bytes) -> None:
    """The file is whole or not there."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".making-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(sound)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
