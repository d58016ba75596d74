"""What is played to a person called: a file of sound, or a text that is spoken."""

from __future__ import annotations

import hashlib

from lists.value import value

FOLDER = "prompts"
"""Below the home: the house's sound files, and a folder for each client's own."""

VOICE = "en"
WORDS_PER_MINUTE = 150


@value
class Prompt:
    """One of the two: `file`, a name in the client's folder of prompts; or `text`, spoken by `voice` (one of
    `espeak-ng --voices`) with `speed` words a minute."""

    file: str = ""
    text: str = ""
    voice: str = VOICE
    speed: int = WORDS_PER_MINUTE

    @property
    def spoken_s(self) -> float:
        """About how long the text takes to say, seconds; 0 for a file."""
        return len(self.text.split()) * 60.0 / self.speed


def prompt_name(client: str, prompt: Prompt) -> str:
    """What whoever plays it knows the client's prompt by: the same for the same file name or text."""
    digest = hashlib.blake2b(digest_size=12)
    for part in (client, prompt.file, prompt.text, prompt.voice, str(prompt.speed)):
        digest.update(f"{part}\0".encode())
    return digest.hexdigest()
