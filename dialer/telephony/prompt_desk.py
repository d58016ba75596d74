"""The prompts of campaigns, made and loaded before anybody is called."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from campaigns.prompt import Prompt, prompt_name
from dialer.media.orders import Load
from dialer.media.rtp import CLOCK_HZ
from dialer.ports.media import MediaBack, MediaEvent
from dialer.telephony.errors import SoundFileError, SpeechUnavailable
from dialer.telephony.prompts import LONGEST_S, PromptShelf, SoundPrompt, SpokenPrompt
from lists.client import client_of

UNREADABLE_S = 10.0
"""What a file that cannot be read is taken to last."""


def source_of(folder: Path, client: str, prompt: Prompt) -> SoundPrompt | SpokenPrompt:
    """What a client's prompt is made from. `folder`: of all prompts."""
    if prompt.file:
        return SoundPrompt(folder / client / prompt.file)
    return SpokenPrompt(prompt.text, prompt.voice, prompt.speed)


def prompt_trial(folder: Path) -> Callable[[str, Prompt], str]:
    """Asks of a client's prompt why it cannot be made; "" when it can. Nothing is kept of it."""

    def fault(client: str, prompt: Prompt) -> str:
        with tempfile.TemporaryDirectory() as made:
            try:
                PromptShelf(Path(made)).make(source_of(folder, client, prompt))
            except (SoundFileError, SpeechUnavailable) as error:
                return str(error)
        return ""

    return fault


def prompt_length(folder: Path) -> Callable[[str, Prompt], float]:
    """Asks how long a campaign's prompt takes to play, seconds; about so long, where it is a text or a file that
    cannot be read."""
    known: dict[str, float] = {}

    def lasts_s(campaign: str, prompt: Prompt) -> float:
        client = client_of(campaign)
        name = prompt_name(client, prompt)
        if name not in known:
            source = source_of(folder, client, prompt)
            known[name] = prompt.spoken_s
            if isinstance(source, SoundPrompt):
                known[name] = UNREADABLE_S
                with contextlib.suppress(SoundFileError):
                    from dialer.telephony.sound_file import read_sound  # numpy with it: see `prompts.py`

                    known[name] = len(read_sound(source.path, longest_s=LONGEST_S)) / CLOCK_HZ
        return known[name]

    return lasts_s


class PromptDesk:
    """`folder`: where people put their sound files, by client. `tell`: orders to whoever plays them."""

    def __init__(self, shelf: PromptShelf, folder: Path, tell: Callable[[Load], None]) -> None:
        self._shelf = shelf
        self._folder = folder
        self._tell = tell
        self._loaded: dict[str, Load] = {}

    async def prepare(self, client: str, prompts: Iterable[Prompt]) -> None:
        """Returns when they can be played. Files are read anew. Raises `SoundFileError`, `SpeechUnavailable`."""
        for prompt in prompts:
            path = await self._shelf.ready(source_of(self._folder, client, prompt))
            load = Load(prompt_name(client, prompt), str(path))
            self._loaded[load.prompt] = load
            self._tell(load)

    def on_media_event(self, event: MediaEvent) -> None:
        """Whoever plays them has begun anew, and knows none."""
        if isinstance(event, MediaBack):
            for load in self._loaded.values():
                self._tell(load)
