"""Recordings past their time are deleted, and that is on record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from campaigns.retention import Keeping
from dialer.clock import Clock
from dialer.live.background import hourly
from dialer.ports.access import SERVICE
from dialer.ports.store import Answer, SaveChange, Write
from dialer.telephony.recordings import delete_recordings, expired_recordings


class Retention:
    """`keeping`: as `dialer.toml` and the campaigns have it at the moment."""

    def __init__(
        self,
        folder: Path,
        keeping: Callable[[], Keeping],
        write: Callable[[Write], Awaitable[Answer]],
        clock: Clock,
    ) -> None:
        self._folder = folder
        self._keeping = keeping
        self._write = write
        self._clock = clock

    async def run(self) -> None:
        """Look now and every hour, without an end."""
        await hourly("deleting recordings", self.look)

    async def look(self) -> None:
        """Delete what is past its time: first it is on record what will go, then it goes. Killed in between, the
        next look does the rest and says so again."""
        now = self._clock.now()
        expired = await asyncio.to_thread(expired_recordings, self._folder, self._keeping(), now)
        for (day, client, keep_days), files in expired.items():
            detail = {"recordings": str(len(files)), "keep_days": str(keep_days)}
            await self._write(SaveChange(SERVICE.change(now, "recordings.delete", day, client, **detail)))
            await asyncio.to_thread(delete_recordings, self._folder, files)
