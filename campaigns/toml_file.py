"""The text of a TOML file: campaign, `dialer.toml` or population, read in one go and not without end."""

from __future__ import annotations

from pathlib import Path

from campaigns.errors import CampaignFileError, Problem

LARGEST = 1024 * 1024
"""Bytes; some hundred times what a large installation writes. A file given by mistake (a list, a recording, a
device) is told apart before it is read for minutes."""


def read_toml(path: Path, missing: str = "check the path") -> str:
    """The file's text, without a byte order mark. It is read once, so a pipe will do. `missing`: what to do when
    it cannot be read. Raises `CampaignFileError`, with the place of what is no text."""
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        raise _problem(path, f"cannot be read: {error.strerror or error}", missing) from error
    if len(body) > LARGEST:
        text = f"larger than {LARGEST // 1024:,} KiB, so it is none of these files"
        raise _problem(path, text, "check the path; lists are imported from CSV files")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = body.count(b"\n", 0, error.start) + 1, error.start - body.rfind(b"\n", 0, error.start)
        raise _problem(path, "not UTF-8 text", "save the file as UTF-8", line, column) from None


def _problem(path: Path, text: str, advice: str, line: int = 1, column: int = 1) -> CampaignFileError:
    return CampaignFileError([Problem(str(path), line, column, "", text, advice)])
