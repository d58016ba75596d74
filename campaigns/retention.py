"""How long recordings are kept: by whole days (UTC), each with a folder of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from lists.client import client_of
from lists.value import value


def day_of(at: float) -> str:
    """The name of the folder for recordings that began at `at` (seconds UTC): 2026-11-30."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def recording_name(campaign: str, attempt_id: int, at: float, part: str = "") -> str:
    """Where a call's recording lies below the folder of all: by day, then client, then campaign and attempt. `at`:
    when the recording began, seconds UTC; an attempt that is recorded again later has another name. `part`: what
    of the call, "" for all of it."""
    client = client_of(campaign)
    name = campaign.removeprefix(f"{client}/")
    time = datetime.fromtimestamp(at, UTC).strftime("%H%M%S")
    return "/".join(
        part for part in (day_of(at), client, f"{name}-{attempt_id}-{time}{part and '-'}{part}.wav") if part
    )


_FILE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)-[0-9]+-[0-9]{6}(?:-[a-z0-9]+)?\.wav", re.ASCII)

MOST_KEEP_DAYS = 3_650


def campaign_in(file: str, client: str) -> str | None:
    """Whose recording a file in a day's folder is; None when it is not called as recordings are: what somebody
    else put there is not ours."""
    found = _FILE.fullmatch(file)
    return None if found is None else f"{client}/{found[1]}" if client else found[1]


@value
class Keeping:
    """For how many days after their own recordings are kept, 1 to `MOST_KEEP_DAYS`: all, and those of campaigns by
    name that want it otherwise. The shorter of the two wins."""

    days: int
    campaigns: tuple[tuple[str, int], ...] = ()

    @property
    def shortest(self) -> int:
        return min((self.days, *(days for _, days in self.campaigns)))

    def days_of(self, campaign: str) -> int:
        return min(self.days, dict(self.campaigns).get(campaign, self.days))


def expired_days(days: Iterable[str], keep_days: int, now: float) -> list[str]:
    """Which of these folders are to be deleted when recordings are kept for `keep_days` days after their own, at
    least 1. What is no day's name is nobody's to delete."""
    if keep_days < 1:
        raise ValueError(f"recordings kept for {keep_days} days: choose 1 or more")
    oldest = datetime.fromtimestamp(now, UTC).date() - timedelta(days=keep_days)
    return sorted(day for day in days if (parsed := _parse(day)) is not None and parsed < oldest)


def _parse(day: str) -> date | None:
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        return None
    return parsed if parsed.isoformat() == day else None
