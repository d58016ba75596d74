"""Secrets of `dialer.toml`: in place, or in a file of their own beside it."""

from __future__ import annotations

from pathlib import Path

from campaigns.toml_table import Table


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
        return (home / file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        table.wrong(f"{key}_file", f"{home / file} cannot be read: {reason}", "paths are relative to the home")
        return ""
