"""The folder of recordings: what is past its time."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

import structlog

from campaigns.retention import Keeping, campaign_in, expired_days
from lists.client import HOUSE

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

Expired = dict[tuple[str, str, int], list[Path]]
"""Recordings by day, client, and for how many days they were kept."""


def expired_recordings(folder: Path, keeping: Keeping, now: float) -> Expired:
    """Recordings whose days are over (`campaigns.retention.expired_days`). Files and folders with other names are
    nobody's to delete, nor is what a link leads to. `now`: seconds UTC."""
    if not folder.is_dir():
        return {}
    days = [entry.name for entry in folder.iterdir() if _is_folder(entry)]
    found: Expired = {}
    over = {kept: set(expired_days(days, kept, now)) for kept in {keeping.days, *dict(keeping.campaigns).values()}}
    for day in sorted(over[keeping.shortest]):
        for entry in sorted((folder / day).iterdir()):
            client, files = (entry.name, entry.iterdir()) if _is_folder(entry) else (HOUSE, iter((entry,)))
            for file in sorted(files):
                campaign = campaign_in(file.name, client)
                if campaign is None or file.is_dir():
                    continue
                kept = keeping.days_of(campaign)
                if day in over[kept]:
                    found.setdefault((day, client, kept), []).append(file)
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
