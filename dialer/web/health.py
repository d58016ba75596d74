"""Whether the writer still commits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from dialer.clock import Clock
from dialer.ports.store import Answer, SaveAgentTime, Write

ANSWER_WITHIN_S = 5.0
FRESH_S = 1.0
"""However often somebody asks: the journal is looked at once in this time."""


class WriterCheck:
    """Sends an empty write through the journal."""

    def __init__(self, write: Callable[[Write], Awaitable[Answer]], clock: Clock) -> None:
        self._write = write
        self._clock = clock
        self._looked_at = float("-inf")
        self._wrong = ""
        self._lock = asyncio.Lock()

    async def wrong(self) -> str:
        """What is wrong with it; empty when it commits."""
        async with self._lock:
            if self._clock.now() - self._looked_at >= FRESH_S:
                self._wrong = await self._look()
                self._looked_at = self._clock.now()
            return self._wrong

    async def _look(self) -> str:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._write(SaveAgentTime(()))
        except TimeoutError:
            return f"the journal has not answered for {ANSWER_WITHIN_S:g} s; look at the disk and the database"
        except Exception as error:  # noqa: BLE001 - whatever keeps it from committing is the answer
            return f"the journal does not commit: {error}"
        return ""
