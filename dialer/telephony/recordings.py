"""The folder of recordings: what is past its days goes."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import structlog

from campaigns.retention import expired_days

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))


def delete_expired(folder: Path, keep_days: int, now: float) -> int:
    """Delete the days that are past their time (`campaigns.retention.expired_days`); how many are gone. One that
    cannot be deleted is logged and stays, and the next time it is tried again. `now`: seconds UTC."""
    if not folder.is_dir():
        return 0
    days = [entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.is_symlink()]
    gone = 0
    for day in expired_days(days, keep_days, now):
        try:
            shutil.rmtree(folder / day)
        except OSError as error:
            log.error("recordings past their time cannot be deleted", day=day, cause=str(error))
        else:
            gone += 1
            log.info("recordings past their time deleted", day=day, keep_days=keep_days)
    return gone
