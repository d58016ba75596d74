"""What agents' phones hear besides people: something while they wait, so that neither they nor an address
translator take the call for dead, and a short tone over the first moment of a contact."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import structlog

from dialer.media.timeline import SILENCE
from dialer.media.tones import tone_frame
from dialer.telephony.conference import COMFORT, JOINED
from dialer.telephony.errors import SoundFileError
from dialer.telephony.prompts import PromptShelf, SoundPrompt

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

TONE_HZ = 600
TONE_LEVEL = 0.08
"""Heard over a hello, and no louder than it."""

TONE_FRAMES = 8
_SECOND = 8_000


def make_line_sounds(folder: Path, hold_music: Path | None) -> Mapping[str, Path]:
    """The prompts of `CallAudio.use_sounds`, made in `folder`. Music that cannot be read is said, and silence put
    in its place: nobody's phone may be lost for that. Raises `OSError` for a folder that cannot be written to."""
    folder.mkdir(parents=True, exist_ok=True)
    comfort, joined = folder / "silence.ul", folder / "joined.ul"
    comfort.write_bytes(SILENCE * _SECOND)
    joined.write_bytes(tone_frame(TONE_HZ, TONE_LEVEL) * TONE_FRAMES)
    if hold_music is not None:
        try:
            comfort = PromptShelf(folder).make(SoundPrompt(hold_music))
        except SoundFileError as error:
            log.warning("no music for agents who wait", cause=str(error))
    return {COMFORT: comfort, JOINED: joined}
