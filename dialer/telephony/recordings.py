"""The folder of recordings: what is past its time."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

import structlog

from campaigns.retention import expired_days, is_recording
from lists.client import HOUSE

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

Expired = dict[tuple[str, str], list[Path]]
"""Recordings by day and client."""


def expired_recordings(folder: Path, keep_days: int, now: float) -> Expired:
    """Recordings whose days are over (`campaigns.retention.expired_days`). Files and folders with other names are
    nobody's to delete, nor is what a link leads to. `now`: seconds UTC."""
    if not folder.is_dir():
        return {}
    days = [entry.name for entry in folder.iterdir() if _is_folder(entry)]
    found: Expired = {}
    for day in expired_days(days, keep_days, now):
        for entry in sorted((folder / day).iterdir()):
            client, files = (entry.name, entry.iterdir()) if _is_folder(entry) else (HOUSE, iter((entry,)))
            ours = [file for file in sorted(files) if is_recording(file.name) and not file.is_dir()]
            if ours:
                found.setdefault((day, client), []).extend(ours)
    return found


def delete_recordings(folder: Path, files: list[Path]) -> int:
    """Delete these, and the folders of days and clients below `folder` that are empty then; how many are gone. One
    that cannot be deleted is logged and stays; the next time it is tried again."""
    gone = 0
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            log.error("a recording past its time cannot be deleted", file=str(file), cause=str(error))
        else:
            gone += 1
    places = {parent for file in files for parent in (file.parent, file.parent.parent)}
    for place in sorted(places, reverse=True):  # those of clients before those of days
        if place != folder and folder in place.parents:
            with contextlib.suppress(OSError):  # something else is in it
                place.rmdir()
    return gone


def _is_folder(entry: Path) -> bool:
    return entry.is_dir() and not entry.is_symlink()
