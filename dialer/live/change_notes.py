"""Entries of the log of changes for what has been done already: it stands, whether the store is there or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from dialer.live.background import Background, until_done
from dialer.ports.access import Change
from dialer.ports.store import Answer, SaveChange, Write

NOTED_WITHIN_S = 3.0
"""Who did something waits for its entry at most this long."""


class ChangeNotes:
    """`write` commits and answers, or raises. What it does not take is tried again in `background`, for as long as
    that lasts."""

    def __init__(self, write: Callable[[Write], Awaitable[Answer]], background: Background) -> None:
        self._write = write
        self._background = background

    async def note(self, change: Change) -> str:
        """Enter it. What keeps it from being on record after a moment; "" when it is."""
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.note_later(change, told)
        try:
            async with asyncio.timeout(NOTED_WITHIN_S):
                return await asyncio.shield(told)
        except TimeoutError:
            return f"the database has given no answer for {NOTED_WITHIN_S:g} s"

    def note_later(self, change: Change, told: asyncio.Future[str] | None = None) -> None:
        """Enter it; nobody waits. `told` gets what the first try came to."""

        def tell(cause: str) -> None:
            if told is not None and not told.done():
                told.set_result(cause)

        async def save() -> None:
            try:
                await self._write(SaveChange(change))
            except Exception as error:
                tell(str(error))
                raise
            tell("")

        self._background.spawn(until_done(f"the log of changes: {change.action} by {change.by}", save))
