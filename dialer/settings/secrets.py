"""Secrets of `dialer.toml`: in place, or in a file of their own beside it."""

from __future__ import annotations

from pathlib import Path

from campaigns.toml_table import Table

LARGEST = 16 * 1024
"""Bytes of a file with a secret: a device or a list given by mistake is not read without end."""


class SecretUnreadable(Exception):
    """A file holds no secret that could be read; the text says why, and nothing of what it holds."""


def secret_in(file: Path) -> str:
    """What a file holds, without white space around it. Raises `SecretUnreadable`."""
    try:
        with file.open("rb") as stream:
            body = stream.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise SecretUnreadable(f"larger than {LARGEST // 1024} KiB, so it holds no password or token")
        return body.decode("utf-8").strip()
    except OSError as error:
        raise SecretUnreadable(error.strerror or str(error)) from error
    except UnicodeDecodeError:
        raise SecretUnreadable("not UTF-8 text") from None


def read_secret(table: Table, home: Path, key: str) -> str:
    """The text of `key`, or of the file that `key_file` names, relative to the home; "" for neither. What is wrong
    is noted in the table, never the secret itself."""
    secret = table.text(key, "")
    file = table.text(f"{key}_file", "")
    if not file:
        return secret
    if secret:
        table.wrong(f"{key}_file", f"goes not with {key}", "keep one of them")
    try:
        return secret_in(home / file)
    except SecretUnreadable as error:
        table.wrong(f"{key}_file", f"{home / file} cannot be read: {error}", "paths are relative to the home")
        return ""
