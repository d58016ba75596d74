"""The journal while this home owns the database: the first sign that another home took it is told at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dialer.ports.store import Answer, Journal, Write
from dialer.storage.errors import OwnershipLost


class OwnedJournal:
    """Implements `Journal` over `journal`. `lost` is called once, before whoever asked is answered."""

    def __init__(self, journal: Journal, lost: Callable[[OwnershipLost], None]) -> None:
        self._journal = journal
        self._lost = lost
        self._told = False

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        def answered(answer: Answer | Exception) -> None:
            if isinstance(answer, OwnershipLost) and not self._told:
                self._told = True
                self._lost(answer)
            done(answer)

        self._journal.submit(write, answered)

    async def write(self, write: Write) -> Answer:
        """Write and wait for the answer. Raises what kept the write from being committed. Who is cancelled
        meanwhile does not hear of it; what is committed stands."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def done(answer: Answer | Exception) -> None:
            if future.done():
                return
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

        self.submit(write, done)
        return await future
