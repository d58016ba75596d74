"""Prompts in a campaign file: `file` or `text`, with `voice` and `speed`."""

from __future__ import annotations

import re

from campaigns.prompt import FOLDER, VOICE, WORDS_PER_MINUTE, Prompt
from campaigns.toml_table import Table

_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9 ._-]{0,127}")
_VOICE = re.compile(r"[a-z]{2,3}(?:[-+][A-Za-z0-9_-]+)*", re.ASCII)
_LONGEST_TEXT = 4_000

ADVICE = f'write text = "Hello, …", or file = "hello.wav" for a file in the folder {FOLDER} of the home'


def read_prompt(table: Table, prefix: str = "", *, needed: bool) -> Prompt | None:
    """The prompt that a table names by `file` or `text` (`prefix` before each key), None when it names none."""
    file_key, text_key = f"{prefix}file", f"{prefix}text"
    file, text = table.text(file_key, ""), table.text(text_key, "")
    voice, speed = table.text(f"{prefix}voice", VOICE), table.whole(f"{prefix}speed", WORDS_PER_MINUTE, 80, 450)
    if file_key in table and text_key in table:
        table.wrong(text_key, f"stands beside {file_key}", "keep one of the two")
    elif file_key not in table and text_key not in table:
        if needed:
            table.missing(text_key, ADVICE)
        for key in (f"{prefix}voice", f"{prefix}speed"):
            if key in table:
                table.wrong(key, "belongs to a text, and there is none", ADVICE)
        return None
    elif file_key in table and not _FILE.fullmatch(file):
        table.wrong(file_key, f'"{file}" is no file name', f"name a file in the folder {FOLDER}, without a path")
    elif text_key in table and not text.strip():
        table.wrong(text_key, "is empty", ADVICE)
    elif len(text) > _LONGEST_TEXT:
        table.wrong(text_key, f"has {len(text)} characters", f"say it in {_LONGEST_TEXT}, or record a file")
    if not _VOICE.fullmatch(voice):
        table.wrong(
            f"{prefix}voice", f'"{voice}" is no voice', "use one of `espeak-ng --voices`: en, en-us, de, uk"
        )
    return Prompt(file, text, voice, speed)
